//! Writing: Go that adds up what a value needs beside its C struct, and Go that fills both, in the same order.

use gangplank_model::lowered::{Shape, TypeId};

use super::super::{message, spell};
use super::{Native, add};

impl Native<'_, '_> {
    /// The statement that adds up what `v` needs; nothing for values that are all in their struct.
    pub(in crate::backends::go::proto) fn size(&mut self, id: TypeId, v: &str) -> Option<String> {
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

    pub(super) fn size_body(&mut self, id: TypeId) -> Vec<String> {
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
    pub(super) fn present(&self, id: TypeId) -> &'static str {
        if spell::has_nil(self.idl, id) {
            "v"
        } else {
            "*v"
        }
    }

    /// The statement that writes `v` to `p`.
    pub(in crate::backends::go::proto) fn put(&mut self, id: TypeId, p: &str, v: &str) -> String {
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

    pub(super) fn put_body(&mut self, id: TypeId) -> Vec<String> {
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

    pub(super) fn put_target(&mut self, inner: TypeId) -> Vec<String> {
        let (size, align) = self.size_align(inner);
        let at = format!("{}(at)", self.own("at"));
        vec![
            format!("at := a.take({size}, {align})"),
            "*(*uintptr)(p) = at".into(),
            self.put(inner, &at, "v"),
        ]
    }
}
