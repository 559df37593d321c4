//! Values between C structs and Go: four functions for each type that is more than a number.
//!
//! Comes in: lowered types with their offsets. Goes out: Go that adds up how long the texts in a C struct are and looks how
//! deep it is nested (`calc_room_…`) and reads it (`calc_get_…`), adds up what a value needs beside its struct (`calc_size_…`) and writes it
//! (`calc_put_…`). Size and write walk a value in the same order.

mod read;
mod room;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use gangplank_model::lowered::{Field, Shape, TypeId, Variant};

use super::{Idl, spell};

/// The functions that are needed, as they are asked for.
pub(super) struct Native<'i, 'a> {
    idl: &'i Idl<'a>,
    asked: BTreeSet<(&'static str, TypeId)>,
    text: BTreeMap<(String, &'static str), String>,
}

impl<'i, 'a> Native<'i, 'a> {
    pub(super) fn new(idl: &'i Idl<'a>) -> Native<'i, 'a> {
        Native {
            idl,
            asked: BTreeSet::new(),
            text: BTreeMap::new(),
        }
    }

    /// All functions that were asked for.
    pub(super) fn functions(self) -> Vec<String> {
        self.text.into_values().collect()
    }

    fn own(&self, name: &str) -> String {
        self.idl.own(name)
    }

    fn shape(&self, id: TypeId) -> &'a Shape {
        let library: &'a _ = self.idl.library;
        &library.ty(id).shape
    }

    fn heap(&self, id: TypeId) -> bool {
        self.idl.library.ty(id).heap
    }

    fn size_align(&self, id: TypeId) -> (usize, usize) {
        let ty = self.idl.library.ty(id);
        (ty.size, ty.align)
    }

    /// `list_string`, `GameData`: what a type is called in names of functions.
    fn word(&self, id: TypeId) -> String {
        match self.shape(id) {
            Shape::Scalar(scalar) => scalar.name().to_owned(),
            Shape::Bool => "bool".into(),
            Shape::String => "string".into(),
            Shape::Bytes => "bytes".into(),
            Shape::Timestamp => "time".into(),
            Shape::Duration => "duration".into(),
            Shape::List(inner) => format!("list_{}", self.word(*inner)),
            Shape::Option(inner) => format!("option_{}", self.word(*inner)),
            Shape::Nullable(inner) => format!("nullable_{}", self.word(*inner)),
            Shape::Boxed(inner) => format!("boxed_{}", self.word(*inner)),
            Shape::Map { key, value, .. } => {
                format!("map_{}_{}", self.word(*key), self.word(*value))
            }
            _ => spell::declared(self.idl, id).unwrap_or_default(),
        }
    }

    /// The name of one of the functions of a type, which is written when it was not yet.
    fn function(&mut self, verb: &'static str, id: TypeId) -> String {
        let word = self.word(id);
        let name = self.own(&format!("{verb}_{word}"));
        if self.asked.insert((verb, id)) {
            let body = match verb {
                "get" => self.get_body(id),
                "room" => self.room_body(id),
                "size" => self.size_body(id),
                _ => self.put_body(id),
            };
            let go = self.idl.go_type(id);
            let head = match verb {
                "get" => format!("func {name}({}p unsafe.Pointer) {go}", self.texts_param(id)),
                "room" => format!("func {name}({}p unsafe.Pointer)", self.texts_param(id)),
                "size" => format!("func {name}(s *{}, v {go})", self.own("size")),
                _ => format!(
                    "func {name}(a *{}, p unsafe.Pointer, v {go})",
                    self.own("arena")
                ),
            };
            let lines: String = body.iter().map(|line| format!("\t{line}\n")).collect();
            self.text
                .insert((word, verb), format!("{head} {{\n{lines}}}\n"));
        }
        name
    }

    fn is_text(&self, id: TypeId) -> bool {
        matches!(self.shape(id), Shape::String)
    }

    fn is_number(&self, id: TypeId) -> bool {
        matches!(self.shape(id), Shape::Scalar(_) | Shape::Enum(_))
    }

    /// The cases of a oneof: wrapper, member, its field.
    fn cases(&self, id: TypeId, variant: &'a Variant) -> Vec<(String, String, &'a Field)> {
        let names = self
            .idl
            .oneofs
            .get(&id)
            .into_iter()
            .flat_map(|oneof| &oneof.cases);
        let cases = variant.cases.iter().zip(names);
        cases
            .filter_map(|(case, names)| {
                let field = case.fields.first()?;
                Some((names.wrapper.clone(), names.field.clone(), field))
            })
            .collect()
    }
}

/// `p` and so many bytes.
pub(super) fn add(p: &str, offset: usize) -> String {
    match offset {
        0 => p.to_owned(),
        _ => format!("unsafe.Add({p}, {offset})"),
    }
}
