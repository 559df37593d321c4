//! What an item says that no hash holds and packages show all the same: default values and deprecation.
//!
//! Comes in: the parts of an item. Goes out: a [`Note`] per part, in their order, to be compared with those of the same item
//! elsewhere, and the words for what differs. Docs are left out: other words about the same thing change nothing.

use crate::model::{Common, Declaration, EnumValue, Field, Id, Literal, Param};

/// What one part of an item says.
pub(super) struct Note {
    /// `message`, `Case.message`; empty for the item itself.
    place: String,
    default: Option<Literal>,
    deprecated: Option<String>,
}

impl Note {
    /// Of the item itself.
    pub(super) fn item(common: &Common) -> Self {
        Self {
            place: String::new(),
            default: None,
            deprecated: common.deprecated.clone(),
        }
    }

    /// Of a value of an enum or a case of a variant.
    fn member(name: &str, deprecated: &Option<String>) -> Self {
        Self {
            place: name.to_owned(),
            default: None,
            deprecated: deprecated.clone(),
        }
    }

    fn field(case: &str, field: &Field<Id>) -> Self {
        Self {
            place: format!("{case}{}", field.name),
            default: field.default.clone(),
            deprecated: field.deprecated.clone(),
        }
    }

    fn param(param: &Param<Id>) -> Self {
        Self {
            place: param.name.clone(),
            default: param.default.clone(),
            deprecated: None,
        }
    }
}

/// Of a type's fields, values and cases.
pub(super) fn fields(item: &Declaration<Id>) -> Vec<Note> {
    match item {
        Declaration::Record(record) => {
            let fields = record.fields.iter();
            fields.map(|field| Note::field("", field)).collect()
        }
        Declaration::Enum(item) => {
            let values = item.values.iter().chain(&item.aliases);
            let note = |value: &EnumValue| Note::member(&value.name, &value.deprecated);
            values.map(note).collect()
        }
        Declaration::Variant(variant) => {
            let cases = variant.cases.iter();
            let notes = cases.flat_map(|case| {
                let of = format!("{}.", case.name);
                let fields = case.fields.iter();
                let fields = fields.map(move |field| Note::field(&of, field));
                std::iter::once(Note::member(&case.name, &case.deprecated)).chain(fields)
            });
            notes.collect()
        }
    }
}

/// Of a function's parameters.
pub(super) fn params(params: &[Param<Id>]) -> Vec<Note> {
    params.iter().map(Note::param).collect()
}

/// What two items of the same shape say differently: the words of the old one and of the new one.
pub(super) fn differing(old: &[Note], new: &[Note]) -> Option<(String, String)> {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for (old, new) in old.iter().zip(new) {
        if old.default != new.default {
            before.push(at(&old.place, default(old)));
            after.push(at(&new.place, default(new)));
        }
        if old.deprecated != new.deprecated {
            before.push(at(&old.place, deprecation(old)));
            after.push(at(&new.place, deprecation(new)));
        }
    }
    (!before.is_empty()).then(|| (before.join(", "), after.join(", ")))
}

fn at(place: &str, words: String) -> String {
    match place {
        "" => words,
        place => format!("{place}: {words}"),
    }
}

fn default(note: &Note) -> String {
    let default = note.default.as_ref();
    default.map_or_else(|| "no default".into(), |value| format!("default {value}"))
}

fn deprecation(note: &Note) -> String {
    match note.deprecated.as_deref() {
        None => "not deprecated".into(),
        Some("") => "deprecated".into(),
        Some(note) => format!("deprecated {note:?}"),
    }
}
