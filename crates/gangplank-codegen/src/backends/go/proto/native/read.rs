//! Reading: Go that makes a value of a C struct.

use gangplank_model::lowered::{Shape, TypeId, Variant};

use super::super::{message, spell};
use super::{Native, add};

impl<'a> Native<'_, 'a> {
    /// The expression that reads the value at `p`.
    pub(in crate::backends::go::proto) fn get(&mut self, id: TypeId, p: &str) -> String {
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
                let texts = if self.is_counted(id) { "t, " } else { "" };
                format!("{}({texts}{p})", self.function("get", id))
            }
        }
    }

    pub(super) fn get_body(&mut self, id: TypeId) -> Vec<String> {
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
                let enters = self.is_circular(id);
                lines.extend(enters.then(|| "t.leave()".to_owned()));
                lines.push("return v".into());
                let enter = enters.then(|| "t.enter()".to_owned());
                enter.into_iter().chain(head).chain(lines).collect()
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
    pub(super) fn optional_number(&mut self, id: TypeId, at: &str) -> Option<(String, String)> {
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

    pub(super) fn get_variant(&mut self, id: TypeId, variant: &'a Variant) -> Vec<String> {
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
}
