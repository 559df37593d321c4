//! What the templates of `.proto` interfaces see, already spelled in Go.

use serde::Serialize;

use super::super::view::Member;

/// `idl_types.go.j2`.
#[derive(Serialize)]
pub(super) struct Types {
    pub(super) enums: Vec<Enum>,
    pub(super) messages: Vec<Struct>,
    pub(super) oneofs: Vec<Oneof>,
    /// Requests and responses.
    pub(super) rpcs: Vec<Struct>,
}

#[derive(Serialize)]
pub(super) struct Enum {
    pub(super) docs: String,
    pub(super) name: String,
    pub(super) members: Vec<Member>,
    /// Constants with their names as literals, each number once.
    pub(super) values: Vec<(String, String)>,
    /// The table of names by number, `0: "NONE", 1: "RED"`.
    pub(super) names_table: String,
    pub(super) by_number: String,
    /// The table of numbers by name, `"NONE": 0, "RED": 1`.
    pub(super) values_table: String,
    pub(super) by_name: String,
}

#[derive(Serialize)]
pub(super) struct Struct {
    pub(super) docs: String,
    pub(super) name: String,
    pub(super) members: Vec<Member>,
    pub(super) getters: Vec<Getter>,
}

#[derive(Serialize)]
pub(super) struct Getter {
    pub(super) name: String,
    pub(super) go_type: String,
    pub(super) deprecated: String,
    /// When there is a value.
    pub(super) test: String,
    pub(super) value: String,
    pub(super) zero: String,
}

#[derive(Serialize)]
pub(super) struct Oneof {
    pub(super) docs: String,
    pub(super) interface: String,
    /// Its name for other packages; empty when nothing that they call shows it.
    pub(super) exported: String,
    /// As prose: `Order_Named or Order_Instead`.
    pub(super) choice: String,
    pub(super) cases: Vec<Case>,
}

#[derive(Serialize)]
pub(super) struct Case {
    pub(super) docs: String,
    pub(super) wrapper: String,
    pub(super) line: String,
}

/// `idl_codec.go.j2`.
#[derive(Serialize)]
pub(super) struct Codec {
    /// `calc_`.
    pub(super) own: String,
    pub(super) messages: Vec<Coded>,
}

/// The functions of one message.
#[derive(Serialize)]
pub(super) struct Coded {
    pub(super) name: String,
    /// The functions' names, empty when they are not needed.
    pub(super) write: String,
    pub(super) read: String,
    pub(super) fields: Vec<CodedField>,
}

/// A field in `idl_write.go.j2` and `idl_read.go.j2`.
#[derive(Default, Serialize)]
pub(super) struct CodedField {
    /// `value`, `list`, `packed`, `map`, `oneof` or `whole`.
    pub(super) kind: &'static str,
    /// `v.Player`.
    pub(super) place: String,
    /// The field's tags as numbers: as it is written, and of the other form where both are read (lists of numbers).
    pub(super) tag: u32,
    pub(super) other_tag: u32,
    /// Statement before anything is read; empty without one.
    pub(super) init: String,
    /// When a value is written.
    pub(super) test: String,
    /// Statement that writes a value, of lists and maps the variable `x`.
    pub(super) write: String,
    /// Statements that read a value; for a map into `value`.
    pub(super) read: Vec<String>,
    pub(super) key: Option<Key>,
    pub(super) cases: Vec<CodedCase>,
}

/// Of a map.
#[derive(Serialize)]
pub(super) struct Key {
    pub(super) tag: u32,
    pub(super) write: String,
    pub(super) read: String,
    /// Declarations of `key` and `value`.
    pub(super) declare: String,
    pub(super) declare_value: String,
    /// The map's own type.
    pub(super) go_type: String,
}

/// Of a oneof.
#[derive(Serialize)]
pub(super) struct CodedCase {
    pub(super) wrapper: String,
    pub(super) tag: u32,
    pub(super) write: String,
    pub(super) read: Vec<String>,
}
