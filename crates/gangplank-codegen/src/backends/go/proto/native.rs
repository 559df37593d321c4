//! Values between C structs and Go: four functions for each type that is more than a number.
//!
//! Comes in: lowered types with their offsets. Goes out: Go that adds up how long the texts in a C struct are
//! (`calc_room_…`) and reads it (`calc_get_…`), adds up what a value needs beside its struct (`calc_size_…`) and writes it
//! (`calc_put_…`). Size and write walk a value in the same order.

use std::collections::{BTreeMap, BTreeSet};

use gangplank_model::lowered::{Field, Library, Shape, TypeId, Variant};

use super::{Idl, message, spell};

/// The functions that are needed, as they are asked for.
pub(super) struct Native<'i, 'a> {
    idl: &'i Idl<'a>,
    asked: BTreeSet<(&'static str, TypeId)>,
    text: BTreeMap<(String, &'static str), String>,
    /// Which types have a text in them.
    with_text: BTreeSet<TypeId>,
}

impl<'i, 'a> Native<'i, 'a> {
    pub(super) fn new(idl: &'i Idl<'a>) -> Native<'i, 'a> {
        Native {
            idl,
            asked: BTreeSet::new(),
            text: BTreeMap::new(),
            with_text: with_text(idl.library),
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

    /// The expression that reads the value at `p`.
    pub(super) fn get(&mut self, id: TypeId, p: &str) -> String {
        let go = self.idl.go_type(id);
        match self.shape(id) {
            Shape::Scalar(_) | Shape::Enum(_) => format!("*(*{go})({p})"),
            Shape::Bool => format!("{}({p})", self.own("getBool")),
            Shape::String => format!("t.text({p})"),
            Shape::Bytes => format!("{}({p})", self.own("getOctets")),
            Shape::Timestamp => format!("{}({p})", self.own("getTime")),
            Shape::Duration => format!("{}({p})", self.own("getDuration")),
            Shape::List(inner) if self.is_number(*inner) => {
                format!(
                    "{}[{}]({p})",
                    self.own("getNumbers"),
                    self.idl.go_type(*inner)
                )
            }
            Shape::List(inner) if self.is_text(*inner) => {
                format!("t.texts({p})")
            }
            _ => {
                let texts = if self.with_text.contains(&id) {
                    "t, "
                } else {
                    ""
                };
                format!("{}({texts}{p})", self.function("get", id))
            }
        }
    }

    /// The parameter of functions that read texts: where their memory is.
    fn texts_param(&self, id: TypeId) -> String {
        match self.with_text.contains(&id) {
            true => format!("t *{}, ", self.own("texts")),
            false => String::new(),
        }
    }

    /// The statement that adds up the texts of the value at `p`; nothing for values that have none.
    pub(super) fn room(&mut self, id: TypeId, p: &str) -> Option<String> {
        if !self.with_text.contains(&id) {
            return None;
        }
        Some(match self.shape(id) {
            Shape::String => format!("t.add({p})"),
            Shape::List(inner) if self.is_text(*inner) => format!("t.addAll({p})"),
            _ => format!("{}(t, {p})", self.function("room", id)),
        })
    }

    fn room_body(&mut self, id: TypeId) -> Vec<String> {
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
                fields
                    .filter_map(|field| self.room(field.ty, &add("p", field.offset)))
                    .collect()
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

    fn is_text(&self, id: TypeId) -> bool {
        matches!(self.shape(id), Shape::String)
    }

    fn is_number(&self, id: TypeId) -> bool {
        matches!(self.shape(id), Shape::Scalar(_) | Shape::Enum(_))
    }

    fn get_body(&mut self, id: TypeId) -> Vec<String> {
        let go = self.idl.go_type(id);
        match self.shape(id) {
            Shape::Record(record) => {
                let parts = message::record(self.idl.library, record).parts;
                let name = go.trim_start_matches('*');
                let (mut beside, mut lines) = (Vec::new(), Vec::new());
                for (field, part) in record.fields.iter().zip(parts) {
                    let at = add("p", field.offset);
                    if let Some((ty, value)) = self.optional_number(field.ty, &at) {
                        beside.push((format!("o{}", field.offset), ty));
                        lines.extend([
                            format!("if {}({at}) {{", self.own("getBool")),
                            format!("\tm.o{} = {value}", field.offset),
                            format!("\tv.{} = &m.o{}", part.go, field.offset),
                            "}".into(),
                        ]);
                        continue;
                    }
                    lines.push(format!("v.{} = {}", part.go, self.get(field.ty, &at)));
                }
                let width = beside.iter().map(|(name, _)| name.len()).max();
                let head = match width {
                    None => vec![format!("v := new({name})")],
                    Some(width) => {
                        let beside = beside.iter();
                        let beside = beside.map(|(name, ty)| format!("\t{name:width$} {ty}"));
                        let start = ["m := new(struct {".to_owned(), format!("\t{name}")];
                        let end = ["})".to_owned(), format!("v := &m.{name}")];
                        start.into_iter().chain(beside).chain(end).collect()
                    }
                };
                lines.push("return v".into());
                [head, lines].concat()
            }
            Shape::List(inner) => {
                let (size, _) = self.size_align(*inner);
                let value = self.get(*inner, &format!("unsafe.Add(at, i*{size})"));
                vec![
                    format!("at, n := {}(p, {size})", self.own("elements")),
                    "if n == 0 {".into(),
                    "\treturn nil".into(),
                    "}".into(),
                    format!("v := make({go}, n)"),
                    "for i := range v {".into(),
                    format!("\tv[i] = {value}"),
                    "}".into(),
                    "return v".into(),
                ]
            }
            Shape::Map {
                key,
                value,
                value_offset,
                pair_size,
                ..
            } => {
                let key = self.get(*key, "pair");
                let value = self.get(*value, &add("pair", *value_offset));
                vec![
                    format!("at, n := {}(p, {pair_size})", self.own("elements")),
                    "if n == 0 {".into(),
                    "\treturn nil".into(),
                    "}".into(),
                    format!("v := make({go}, n)"),
                    "for i := range n {".into(),
                    format!("\tpair := unsafe.Add(at, i*{pair_size})"),
                    format!("\tv[{key}] = {value}"),
                    "}".into(),
                    "if len(v) != n {".into(),
                    format!(
                        "\t{}({}, \"a map with a key twice\")",
                        self.own("throw"),
                        self.own("statusBadArgument")
                    ),
                    "}".into(),
                    "return v".into(),
                ]
            }
            Shape::Option(inner) => {
                let value = self.get(*inner, &add("p", self.size_align(*inner).1));
                let mut lines = vec![
                    format!("if !{}(p) {{", self.own("getBool")),
                    "\treturn nil".into(),
                    "}".into(),
                ];
                if spell::has_nil(self.idl, id) {
                    lines.push(format!("return {value}"));
                } else {
                    lines.push(format!("v := {value}"));
                    lines.push("return &v".into());
                }
                lines
            }
            Shape::Nullable(inner) | Shape::Boxed(inner) => {
                let value = self.get(*inner, &format!("{}(at)", self.own("at")));
                let otherwise = match self.shape(id) {
                    Shape::Boxed(_) => format!(
                        "\t{}({}, \"a message that lies nowhere\")",
                        self.own("throw"),
                        self.own("statusBadArgument")
                    ),
                    _ => "\treturn nil".into(),
                };
                vec![
                    "at := *(*uintptr)(p)".into(),
                    "if at == 0 {".into(),
                    otherwise,
                    "}".into(),
                    format!("return {value}"),
                ]
            }
            Shape::Variant(variant) => self.get_variant(id, variant),
            _ => Vec::new(),
        }
    }

    /// Of an option of a number, the number's type and the expression that reads it: it lies beside its message, in one
    /// allocation with it.
    fn optional_number(&mut self, id: TypeId, at: &str) -> Option<(String, String)> {
        let Shape::Option(inner) = self.shape(id) else {
            return None;
        };
        let is_plain = self.is_number(*inner) || matches!(self.shape(*inner), Shape::Bool);
        if !is_plain || spell::has_nil(self.idl, id) {
            return None;
        }
        let value = self.get(*inner, &add(at, self.size_align(*inner).1));
        Some((self.idl.go_type(*inner), value))
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

    fn get_variant(&mut self, id: TypeId, variant: &'a Variant) -> Vec<String> {
        let union = variant.union_offset.unwrap_or(0);
        let mut lines = vec!["switch *(*int32)(p) {".to_owned()];
        for (tag, (wrapper, member, field)) in self.cases(id, variant).into_iter().enumerate() {
            let value = self.get(field.ty, &add("p", union + field.offset));
            lines.push(format!("case {tag}:"));
            lines.push(format!("\treturn &{wrapper}{{{member}: {value}}}"));
        }
        lines.push("}".into());
        lines.push(format!(
            "{}({}, \"a tag that is none\")",
            self.own("throw"),
            self.own("statusBadArgument")
        ));
        lines.push("return nil".into());
        lines
    }

    /// The statement that adds up what `v` needs; nothing for values that are all in their struct.
    pub(super) fn size(&mut self, id: TypeId, v: &str) -> Option<String> {
        if !self.heap(id) {
            return None;
        }
        Some(match self.shape(id) {
            Shape::String => format!("s.text({v})"),
            Shape::Bytes => format!("s.add(uintptr(len({v})), 1)"),
            Shape::List(inner) if self.is_text(*inner) => format!("s.texts({v})"),
            _ => format!("{}(s, {v})", self.function("size", id)),
        })
    }

    fn size_body(&mut self, id: TypeId) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        match self.shape(id) {
            Shape::Record(record) => {
                lines.extend(["if v == nil {", "\treturn", "}", "s.enter()"].map(str::to_owned));
                let parts = message::record(self.idl.library, record).parts;
                for part in parts {
                    lines.extend(self.size(part.ty, &format!("v.{}", part.go)));
                }
                lines.push("s.leave()".into());
            }
            Shape::List(inner) => {
                let (size, align) = self.size_align(*inner);
                lines.push(format!("s.add(uintptr(len(v))*{size}, {align})"));
                if let Some(each) = self.size(*inner, "x") {
                    lines.extend([
                        "for _, x := range v {".into(),
                        format!("\t{each}"),
                        "}".into(),
                    ]);
                }
            }
            Shape::Map {
                key,
                value,
                pair_size,
                ..
            } => {
                let align = self.size_align(*key).1.max(self.size_align(*value).1);
                lines.push(format!("s.add(uintptr(len(v))*{pair_size}, {align})"));
                let key = self.size(*key, "k");
                let value = self.size(*value, "x");
                let names = match (&key, &value) {
                    (Some(_), Some(_)) => "k, x",
                    (Some(_), None) => "k",
                    (None, Some(_)) => "_, x",
                    (None, None) => return lines,
                };
                lines.push("s.loose++".into());
                lines.push(format!("for {names} := range v {{"));
                lines.extend(key.into_iter().chain(value).map(|line| format!("\t{line}")));
                lines.push("}".into());
                lines.push("s.loose--".into());
            }
            Shape::Option(inner) => {
                let value = self.present(id);
                if let Some(inside) = self.size(*inner, value) {
                    lines.extend(["if v != nil {".into(), format!("\t{inside}"), "}".into()]);
                }
            }
            Shape::Nullable(inner) => {
                let (size, align) = self.size_align(*inner);
                lines.extend(["if v != nil {".into(), format!("\ts.add({size}, {align})")]);
                lines.extend(self.size(*inner, "v").map(|line| format!("\t{line}")));
                lines.push("}".into());
            }
            Shape::Boxed(inner) => {
                let (size, align) = self.size_align(*inner);
                lines.push(format!("s.add({size}, {align})"));
                lines.extend(self.size(*inner, "v"));
            }
            Shape::Variant(variant) => {
                lines.push("switch x := v.(type) {".into());
                for (wrapper, member, field) in self.cases(id, variant) {
                    if let Some(inside) =
                        self.size(field.ty, &format!("{}(x).{member}", self.own("value")))
                    {
                        lines.push(format!("case *{wrapper}:"));
                        lines.push(format!("\t{inside}"));
                    }
                }
                lines.push("}".into());
            }
            _ => {}
        }
        lines
    }

    /// What is inside an option that is there.
    fn present(&self, id: TypeId) -> &'static str {
        if spell::has_nil(self.idl, id) {
            "v"
        } else {
            "*v"
        }
    }

    /// The statement that writes `v` to `p`.
    pub(super) fn put(&mut self, id: TypeId, p: &str, v: &str) -> String {
        let go = self.idl.go_type(id);
        match self.shape(id) {
            Shape::Scalar(_) | Shape::Enum(_) => format!("*(*{go})({p}) = {v}"),
            Shape::Bool => format!("{}({p}, {v})", self.own("putBool")),
            Shape::String => format!("a.text({p}, {v})"),
            Shape::Bytes => format!("a.octets({p}, {v})"),
            Shape::Timestamp => format!("{}({p}, {v})", self.own("putTime")),
            Shape::Duration => format!("{}({p}, {v})", self.own("putDuration")),
            Shape::List(inner) if self.is_number(*inner) => {
                format!("{}(a, {p}, {v})", self.own("putNumbers"))
            }
            Shape::List(inner) if self.is_text(*inner) => format!("a.texts({p}, {v})"),
            _ => format!("{}(a, {p}, {v})", self.function("put", id)),
        }
    }

    fn put_body(&mut self, id: TypeId) -> Vec<String> {
        let go = self.idl.go_type(id);
        let mut lines: Vec<String> = Vec::new();
        match self.shape(id) {
            Shape::Record(record) => {
                let parts = message::record(self.idl.library, record).parts;
                if parts.is_empty() {
                    return vec!["*(*uint8)(p) = 0".into()];
                }
                lines.extend([
                    "if v == nil {".into(),
                    format!("\tv = new({})", go.trim_start_matches('*')),
                    "}".into(),
                ]);
                for (field, part) in record.fields.iter().zip(parts) {
                    lines.push(self.put(
                        field.ty,
                        &add("p", field.offset),
                        &format!("v.{}", part.go),
                    ));
                }
            }
            Shape::List(inner) => {
                let (size, align) = self.size_align(*inner);
                let each = self.put(*inner, &format!("unsafe.Add(at, i*{size})"), "x");
                lines.push(format!("at := a.list(p, len(v), {size}, {align})"));
                lines.extend([
                    "for i, x := range v {".into(),
                    format!("\t{each}"),
                    "}".into(),
                ]);
            }
            Shape::Map {
                key,
                value,
                value_offset,
                pair_size,
                ..
            } => {
                let align = self.size_align(*key).1.max(self.size_align(*value).1);
                let key = self.put(*key, "at", "k");
                let value = self.put(*value, &add("at", *value_offset), "x");
                lines.push("n := len(v)".into());
                lines.push(format!("at := a.list(p, n, {pair_size}, {align})"));
                lines.push("for k, x := range v {".into());
                // More pairs than were there have no room, and fewer leave some unwritten.
                lines.push("\tif n--; n < 0 {".into());
                lines.push(format!("\t\t{}()", self.own("changed")));
                lines.push("\t}".into());
                lines.push(format!("\t{key}"));
                lines.push(format!("\t{value}"));
                lines.push(format!("\tat = unsafe.Add(at, {pair_size})"));
                lines.push("}".into());
                lines.push("if n != 0 {".into());
                lines.push(format!("\t{}()", self.own("changed")));
                lines.push("}".into());
            }
            Shape::Option(inner) => {
                let inside = self.put(
                    *inner,
                    &add("p", self.size_align(*inner).1),
                    self.present(id),
                );
                lines.push(format!("{}(p, v != nil)", self.own("putBool")));
                lines.extend(["if v != nil {".into(), format!("\t{inside}"), "}".into()]);
            }
            Shape::Nullable(inner) => {
                lines.extend(
                    ["*(*uintptr)(p) = 0", "if v == nil {", "\treturn", "}"].map(str::to_owned),
                );
                lines.extend(self.put_target(*inner));
            }
            Shape::Boxed(inner) => lines.extend(self.put_target(*inner)),
            Shape::Variant(variant) => {
                let union = variant.union_offset.unwrap_or(0);
                lines.push("switch x := v.(type) {".into());
                for (tag, (wrapper, member, field)) in
                    self.cases(id, variant).into_iter().enumerate()
                {
                    let value = format!("{}(x).{member}", self.own("value"));
                    lines.push(format!("case *{wrapper}:"));
                    lines.push(format!("\t*(*int32)(p) = {tag}"));
                    lines.push(format!(
                        "\t{}",
                        self.put(field.ty, &add("p", union + field.offset), &value)
                    ));
                }
                lines.push("}".into());
            }
            _ => {}
        }
        lines
    }

    fn put_target(&mut self, inner: TypeId) -> Vec<String> {
        let (size, align) = self.size_align(inner);
        let at = format!("{}(at)", self.own("at"));
        vec![
            format!("at := a.take({size}, {align})"),
            "*(*uintptr)(p) = at".into(),
            self.put(inner, &at, "v"),
        ]
    }
}

/// The types with a text in them, however deep.
fn with_text(library: &Library) -> BTreeSet<TypeId> {
    let mut found = BTreeSet::new();
    // A type may stand before those that it is made of, and types may be in circles: until nothing new is found.
    loop {
        let before = found.len();
        for (index, ty) in library.types.iter().enumerate() {
            let has = |id: &TypeId| found.contains(id);
            let is_new = match &ty.shape {
                Shape::String => true,
                Shape::List(inner)
                | Shape::Option(inner)
                | Shape::Nullable(inner)
                | Shape::Boxed(inner) => has(inner),
                Shape::Map { key, value, .. } => has(key) || has(value),
                Shape::Record(record) => record.fields.iter().any(|field| has(&field.ty)),
                Shape::Variant(variant) => {
                    let mut fields = variant.cases.iter().flat_map(|case| &case.fields);
                    fields.any(|field| has(&field.ty))
                }
                _ => false,
            };
            if is_new {
                found.insert(TypeId(index));
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// `p` and so many bytes.
pub(super) fn add(p: &str, offset: usize) -> String {
    match offset {
        0 => p.to_owned(),
        _ => format!("unsafe.Add({p}, {offset})"),
    }
}
