//! What the template of a guest in Python has holes for.

use serde::Serialize;

/// The whole file.
#[derive(Default, Serialize)]
pub(super) struct View {
    pub(super) idl: String,
    pub(super) has_enums: bool,
    pub(super) has_times: bool,
    pub(super) has_classes: bool,
    pub(super) has_defaults: bool,
    pub(super) has_types: bool,
    pub(super) times: Vec<Time>,
    pub(super) enums: Vec<Enum>,
    pub(super) classes: Vec<Class>,
    pub(super) types: Vec<Entry>,
    pub(super) functions: Vec<Function>,
    /// Base64, a line each.
    pub(super) interface: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Time {
    pub(super) name: &'static str,
    pub(super) docs: &'static str,
}

#[derive(Serialize)]
pub(super) struct Enum {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) values: Vec<Value>,
}

#[derive(Serialize)]
pub(super) struct Value {
    pub(super) name: String,
    pub(super) number: i32,
}

#[derive(Serialize)]
pub(super) struct Class {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) fields: Vec<Field>,
    pub(super) is_empty: bool,
}

#[derive(Serialize)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) annotation: String,
    pub(super) default: String,
}

/// Which class stands for a type.
#[derive(Serialize)]
pub(super) struct Entry {
    pub(super) path: String,
    pub(super) class: String,
}

#[derive(Serialize)]
pub(super) struct Function {
    pub(super) name: String,
    /// A literal, as is `path`.
    pub(super) module: String,
    pub(super) path: String,
}
