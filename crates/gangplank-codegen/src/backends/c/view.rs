//! What the templates see: the header, already spelled in C.
//!
//! Each struct here stands beside one template or one block of it; a template only loops and prints. Every `docs` is
//! the text of a comment, without its marks.

use serde::Serialize;

/// `header.h.j2`: the whole file.
#[derive(Default, Serialize)]
pub(super) struct Header {
    pub(super) lib: String,
    pub(super) guard: String,
    pub(super) docs: String,
    pub(super) version: String,
    pub(super) abi: u32,
    /// Structs in order, to be announced before the first definition.
    pub(super) announced: Vec<String>,
    pub(super) types: Vec<Type>,
    pub(super) constants: Vec<Constant>,
    pub(super) defaults: Vec<Constant>,
    pub(super) objects: Vec<Object>,
    pub(super) functions: Vec<Function>,
    /// Name of the function that compares the header with the library.
    pub(super) check: String,
    /// What the functions depend on, by path.
    pub(super) items: Vec<Item>,
    pub(super) entries: Vec<Entry>,
    pub(super) sizes: Vec<Size>,
    pub(super) offsets: Vec<Offset>,
}

/// `types.h.j2`: an enum, a struct, or a tagged union with the structs of its cases.
#[derive(Default, Serialize)]
pub(super) struct Type {
    pub(super) docs: String,
    /// Of an enum; empty for others.
    pub(super) name: String,
    /// Enum constants: an enum's values, a variant's tags.
    pub(super) values: Vec<Value>,
    /// Structs in order; a variant's own comes last. Empty for an enum.
    pub(super) structs: Vec<Struct>,
    /// Whether it is a container, which has one line.
    pub(super) brief: bool,
    /// Of a container: whether it has its name from here, and not from an announcement.
    pub(super) named_here: bool,
    /// Whether an empty line is before it.
    pub(super) apart: bool,
}

/// One enum constant.
#[derive(Serialize)]
pub(super) struct Value {
    pub(super) docs: String,
    pub(super) name: String,
    pub(super) value: i64,
}

/// One struct definition.
#[derive(Default, Serialize)]
pub(super) struct Struct {
    pub(super) name: String,
    pub(super) members: Vec<Member>,
    /// Members of the union `as`, after the other members; empty: no union.
    pub(super) union: Vec<Member>,
}

/// A member, parameter or variable with its type: `int64_t delay_ms`.
#[derive(Clone, Serialize)]
pub(super) struct Member {
    pub(super) docs: String,
    pub(super) declaration: String,
}

/// A macro.
#[derive(Serialize)]
pub(super) struct Constant {
    pub(super) docs: String,
    pub(super) name: String,
    pub(super) value: String,
}

/// A declaration.
#[derive(Serialize)]
pub(super) struct Function {
    pub(super) docs: String,
    /// What stands before the name: `int32_t `, `gp_return_i64 `.
    pub(super) returns: String,
    pub(super) name: String,
    /// Parameters, wrapped into lines.
    pub(super) params: String,
    pub(super) entry: String,
    /// Of an rpc, what a host that finds it through XLLR compares.
    pub(super) expects: Vec<Expected>,
}

/// An `xllr_item`.
#[derive(Serialize)]
pub(super) struct Expected {
    pub(super) path: String,
    pub(super) path_len: usize,
    pub(super) hash: String,
    pub(super) abi_hash: String,
}

/// `object.h.j2`: an object with everything that belongs to it.
#[derive(Serialize)]
pub(super) struct Object {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) functions: Vec<Function>,
    pub(super) host_functions: Vec<HostFunction>,
    pub(super) events: Vec<Event>,
}

/// `host_function.h.j2`: what the host implements, typed.
#[derive(Serialize)]
pub(super) struct HostFunction {
    pub(super) docs: String,
    pub(super) wire: String,
    /// Name of the function pointer's type.
    pub(super) callback: String,
    /// What the request points to.
    pub(super) request: String,
    pub(super) set: String,
    pub(super) answer: String,
    /// `, const T *result`; empty when there is no result.
    pub(super) result_param: String,
    /// The pointer and the size that `host_complete` gets.
    pub(super) result_args: String,
    pub(super) fail: String,
    pub(super) error_param: String,
    pub(super) error_args: String,
}

/// `event.h.j2`: a typed subscription.
#[derive(Serialize)]
pub(super) struct Event {
    pub(super) docs: String,
    pub(super) wire: String,
    pub(super) callback: String,
    pub(super) payload: String,
    pub(super) on: String,
}

/// `check.h.j2`: an item with its hash.
#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Item {
    pub(super) path: String,
    pub(super) hash: String,
}

/// `check.h.j2`: the entry of a function with the hash of its lowered signature.
#[derive(Serialize)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) abi_hash: String,
}

/// `sizeof(name)`.
#[derive(Serialize)]
pub(super) struct Size {
    pub(super) name: String,
    pub(super) size: usize,
}

/// `offsetof(name, member)`.
#[derive(Serialize)]
pub(super) struct Offset {
    pub(super) name: String,
    pub(super) member: String,
    pub(super) offset: usize,
}
