//! Walking values before they are read: Go that finds out how long all texts in a C struct are, and that it ends.

use std::collections::BTreeSet;

use gangplank_model::lowered::{Library, Shape, TypeId};

use super::{Native, add};

impl Native<'_, '_> {
    /// The parameter of functions that read texts, or values that may contain themselves: where their memory is, and how
    /// deep they are.
    pub(super) fn texts_param(&self, id: TypeId) -> String {
        match self.counted.contains(&id) {
            true => format!("t *{}, ", self.own("texts")),
            false => String::new(),
        }
    }

    /// The statement that adds up the texts of the value at `p`; nothing for values that need not be walked.
    pub(in crate::backends::go::proto) fn room(&mut self, id: TypeId, p: &str) -> Option<String> {
        if !self.counted.contains(&id) {
            return None;
        }
        Some(match self.shape(id) {
            Shape::String => format!("t.add({p})"),
            Shape::List(inner) if self.is_text(*inner) => format!("t.addAll({p})"),
            _ => format!("{}(t, {p})", self.function("room", id)),
        })
    }

    pub(super) fn room_body(&mut self, id: TypeId) -> Vec<String> {
        let own = self.own("");
        let each = |at: &str, size, inside: Vec<String>| {
            let mut lines = vec![
                format!("{at}, n := {own}elements(p, {size})"),
                "for i := 0; i < n && t.isShared(); i++ {".into(),
            ];
            lines.extend(inside.iter().map(|line| format!("\t{line}")));
            lines.push("}".into());
            lines
        };
        match self.shape(id) {
            Shape::Record(record) => {
                let fields = record.fields.iter();
                let inside: Vec<_> = fields
                    .filter_map(|field| self.room(field.ty, &add("p", field.offset)))
                    .collect();
                if !self.circular.contains(&id) {
                    return inside;
                }
                let (enter, leave) = ("t.enter()".to_owned(), "t.leave()".to_owned());
                [enter].into_iter().chain(inside).chain([leave]).collect()
            }
            Shape::List(inner) => {
                let (size, _) = self.size_align(*inner);
                let inside = self.room(*inner, &format!("unsafe.Add(at, i*{size})"));
                each("at", size, inside.into_iter().collect())
            }
            Shape::Map {
                key,
                value,
                value_offset,
                pair_size,
                ..
            } => {
                let pair = format!("pair := unsafe.Add(at, i*{pair_size})");
                let key = self.room(*key, "pair");
                let value = self.room(*value, &add("pair", *value_offset));
                each(
                    "at",
                    *pair_size,
                    [Some(pair), key, value].into_iter().flatten().collect(),
                )
            }
            Shape::Option(inner) => {
                let inside = self.room(*inner, &add("p", self.size_align(*inner).1));
                let mut lines = vec![format!("if {own}getBool(p) {{")];
                lines.extend(inside.map(|line| format!("\t{line}")));
                lines.push("}".into());
                lines
            }
            Shape::Nullable(inner) | Shape::Boxed(inner) => {
                let inside = self.room(*inner, &format!("{own}at(at)"));
                let mut lines = vec!["if at := *(*uintptr)(p); at != 0 {".to_owned()];
                lines.extend(inside.map(|line| format!("\t{line}")));
                lines.push("}".into());
                lines
            }
            Shape::Variant(variant) => {
                let union = variant.union_offset.unwrap_or(0);
                let mut lines = vec!["switch *(*int32)(p) {".to_owned()];
                for (tag, (_, _, field)) in self.cases(id, variant).into_iter().enumerate() {
                    if let Some(inside) = self.room(field.ty, &add("p", union + field.offset)) {
                        lines.push(format!("case {tag}:"));
                        lines.push(format!("\t{inside}"));
                    }
                }
                lines.push("}".into());
                lines
            }
            _ => Vec::new(),
        }
    }
}

/// The types with a text, or a record that may contain itself, in them, however deep.
pub(super) fn counted(library: &Library, circular: &BTreeSet<TypeId>) -> BTreeSet<TypeId> {
    let mut found = circular.clone();
    // A type may stand before those that it is made of, and types may be in circles: until nothing new is found.
    loop {
        let before = found.len();
        for (index, ty) in library.types.iter().enumerate() {
            let has = |id: &TypeId| found.contains(id);
            if matches!(ty.shape, Shape::String) || parts(&ty.shape).iter().any(has) {
                found.insert(TypeId(index));
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// The records that may contain themselves.
pub(super) fn circular(library: &Library) -> BTreeSet<TypeId> {
    let all = (0..library.types.len()).map(TypeId);
    all.filter(|id| {
        matches!(library.ty(*id).shape, Shape::Record(_)) && within(library, *id).contains(id)
    })
    .collect()
}

/// All types inside a type, however deep.
fn within(library: &Library, id: TypeId) -> BTreeSet<TypeId> {
    let (mut found, mut left) = (BTreeSet::new(), vec![id]);
    while let Some(next) = left.pop() {
        let parts = parts(&library.ty(next).shape);
        left.extend(parts.into_iter().filter(|part| found.insert(*part)));
    }
    found
}

/// What a type is made of.
fn parts(shape: &Shape) -> Vec<TypeId> {
    match shape {
        Shape::List(inner)
        | Shape::Option(inner)
        | Shape::Nullable(inner)
        | Shape::Boxed(inner) => vec![*inner],
        Shape::Map { key, value, .. } => vec![*key, *value],
        Shape::Record(record) => record.fields.iter().map(|field| field.ty).collect(),
        Shape::Variant(variant) => {
            let fields = variant.cases.iter().flat_map(|case| &case.fields);
            fields.map(|field| field.ty).collect()
        }
        _ => Vec::new(),
    }
}
