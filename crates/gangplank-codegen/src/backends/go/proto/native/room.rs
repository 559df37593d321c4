//! Walking values before they are read: Go that finds out how long all texts in a C struct are, and that it ends.

use gangplank_model::lowered::{Shape, TypeId};

use super::{Native, add};

impl Native<'_, '_> {
    /// Whether values are walked before they are read: for their texts, or because they may contain themselves.
    pub(super) fn is_counted(&self, id: TypeId) -> bool {
        let library = self.idl.library;
        library.any_part(id, |id| self.is_text(id) || self.is_circular(id))
    }

    /// Whether this is a record that may contain itself: it counts how deep values are.
    pub(super) fn is_circular(&self, id: TypeId) -> bool {
        matches!(self.shape(id), Shape::Record(_)) && self.idl.library.is_recursive(id)
    }

    /// The parameter of functions that read texts, or values that may contain themselves: where their memory is, and how
    /// deep they are.
    pub(super) fn texts_param(&self, id: TypeId) -> String {
        match self.is_counted(id) {
            true => format!("t *{}, ", self.own("texts")),
            false => String::new(),
        }
    }

    /// The statement that adds up the texts of the value at `p`; nothing for values that need not be walked.
    pub(in crate::backends::go::proto) fn room(&mut self, id: TypeId, p: &str) -> Option<String> {
        if !self.is_counted(id) {
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
                if !self.is_circular(id) {
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
