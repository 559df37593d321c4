//! The lowered library: what `lower` produces and every backend reads.
//!
//! Comes in: the checked interface. Goes out: the same interface with the ABI decided — layouts, how each parameter is
//! passed, who owns what, which symbol to call. A backend only spells this in its language; if it needs a decision
//! about layout, ownership or symbols, a field is missing here.

use std::collections::BTreeSet;

use crate::model::split_path;

pub use crate::model::{
    Encoding, Literal, Occurs, ProtoField, ProtoFunction, ProtoName, ProtoResult, ProtoService,
    Scalar,
};

/// An index into [`Library::types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub usize);

/// A library, ready to be spelled in any language.
#[derive(Clone, Debug)]
pub struct Library {
    /// The crate's name with underscores (`my_timer`): prefix of every symbol.
    pub prefix: String,
    /// The crate's version.
    pub version: String,
    /// The ABI version of `docs/abi.md`.
    pub abi: u32,
    /// The crate's docs.
    pub docs: String,
    /// What the paths of its items start with: the crate's name, or the package of a `.proto` file.
    pub package: String,
    /// The services of a `.proto` file that have docs.
    pub services: Vec<ProtoService>,
    /// The bytes of its item, for a guest that is not written in Rust to embed.
    pub item: Vec<u8>,
    /// Every type that is reachable, each once; a type comes after the types it holds by value.
    pub types: Vec<Type>,
    /// Objects in order of their names.
    pub objects: Vec<Object>,
    /// Functions without an object, in order of their names.
    pub functions: Vec<Function>,
    /// Constants in order of their names.
    pub constants: Vec<Constant>,
}

impl Library {
    /// The type behind `id`.
    pub fn ty(&self, id: TypeId) -> &Type {
        &self.types[id.0]
    }

    /// The types that a value of this type is made of.
    pub fn parts(&self, id: TypeId) -> Vec<TypeId> {
        let of = |fields: &[Field]| fields.iter().map(|field| field.ty).collect::<Vec<_>>();
        match &self.ty(id).shape {
            Shape::Record(record) => of(&record.fields),
            Shape::Variant(variant) => variant
                .cases
                .iter()
                .flat_map(|case| of(&case.fields))
                .collect(),
            Shape::List(inner)
            | Shape::Option(inner)
            | Shape::Nullable(inner)
            | Shape::Boxed(inner)
            | Shape::Stream(inner) => vec![*inner],
            Shape::Map { key, value, .. } => vec![*key, *value],
            _ => Vec::new(),
        }
    }

    /// Whether `found` holds for the type or for anything inside it.
    pub fn any_part(&self, id: TypeId, found: impl Fn(TypeId) -> bool) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                if found(id) {
                    return true;
                }
                open.extend(self.parts(id));
            }
        }
        false
    }

    /// Whether values of this type may hold others of it.
    pub fn is_recursive(&self, id: TypeId) -> bool {
        let mut parts = self.parts(id).into_iter();
        parts.any(|part| self.any_part(part, |inner| inner == id))
    }

    /// Whether values of this type are streams.
    pub fn is_stream(&self, id: TypeId) -> bool {
        matches!(self.ty(id).shape, Shape::Stream(_))
    }

    /// Whether values of this type are or hold objects.
    pub fn has_object(&self, id: TypeId) -> bool {
        self.any_part(id, |id| matches!(self.ty(id).shape, Shape::Object(_)))
    }
}

/// One type with its place in memory.
#[derive(Clone, Debug)]
pub struct Type {
    /// What it is, and so how it converts.
    pub shape: Shape,
    /// Spelling in C: `int64_t`, `gp_string`, `my_timer_echo_request`, `my_timer_list_string`; for `Box` and nullable
    /// options the pointee's name with `const … *`.
    pub c_name: String,
    /// Size in bytes on 64-bit targets.
    pub size: usize,
    /// Alignment in bytes.
    pub align: usize,
    /// Whether values carry memory outside their struct (strings, lists, boxes …, at any depth).
    pub heap: bool,
}

/// The kinds of conversion. Everything a backend does with a value is a match on this.
#[derive(Clone, Debug)]
pub enum Shape {
    /// Integers and floats: bits as they are.
    Scalar(Scalar),
    /// `uint8_t`, 0 or 1.
    Bool,
    /// UTF-8 text.
    String,
    /// Octets.
    Bytes,
    /// `gp_time`, a point in time.
    Timestamp,
    /// `gp_time`, a span.
    Duration,
    /// An enum without data.
    Enum(Enum),
    /// A struct.
    Record(Record),
    /// A tagged union; also every typed error declared with `#[gangplank::error]`.
    Variant(Variant),
    /// Pointer and length.
    List(TypeId),
    /// `{has, value}`.
    Option(TypeId),
    /// A pointer to the boxed type's target, NULL when absent. The id is the target's.
    Nullable(TypeId),
    /// A pointer to the target, never NULL.
    Boxed(TypeId),
    /// A list of pairs.
    Map {
        /// Key type.
        key: TypeId,
        /// Value type.
        value: TypeId,
        /// C name of the pair struct.
        pair_c_name: String,
        /// Offset of the value in the pair.
        value_offset: usize,
        /// Size of the pair.
        pair_size: usize,
    },
    /// A handle; the index is into [`Library::objects`].
    Object(usize),
    /// Values over time; a parameter or result only. The native form is reserved: a handle.
    Stream(TypeId),
}

/// What every declared item carries.
#[derive(Clone, Debug, Default)]
pub struct Common {
    /// Exposed name, as the author wrote it (Rust case) or by `#[gangplank(name = …)]`.
    pub name: String,
    /// `my_timer::EchoRequest`, `my_timer::Timer::echo`; what the descriptor and messages call it.
    pub path: String,
    /// Markdown.
    pub docs: String,
    /// The note of `#[deprecated]`, empty when without one.
    pub deprecated: Option<String>,
    /// The item's shallow hash.
    pub hash: u64,
    /// The item as readable text, for mismatch messages.
    pub shape_text: String,
    /// `src/lib.rs:42`, relative to its package.
    pub location: String,
    /// Its bytes, for a guest that is not written in Rust to embed; of a function with the hash of its signature.
    pub item: Vec<u8>,
    /// Of an item from a `.proto` file: how protobuf calls it.
    pub proto: Option<ProtoName>,
}

impl Common {
    /// The path without the crate or package: `Timer::echo`.
    pub fn local_path(&self) -> &str {
        split_path(&self.path, self.proto.as_ref()).1
    }
}

/// See [`Shape::Enum`].
#[derive(Clone, Debug)]
pub struct Enum {
    /// Name, docs, hash.
    pub common: Common,
    /// Values in declaration order, each number once.
    pub values: Vec<EnumValue>,
    /// Further names of numbers that stand in `values`.
    pub aliases: Vec<EnumValue>,
    /// Other numbers are values as well, without a name: nobody refuses them.
    pub open: bool,
}

/// One value of an enum.
#[derive(Clone, Debug)]
pub struct EnumValue {
    /// Rust name (`Red`).
    pub name: String,
    /// Name in CBOR, JSON and text form.
    pub wire: String,
    /// Docs.
    pub docs: String,
    /// Deprecation note.
    pub deprecated: Option<String>,
    /// The number.
    pub value: i32,
    /// `MY_TIMER_COLOR_RED`.
    pub c_name: String,
}

/// See [`Shape::Record`].
#[derive(Clone, Debug)]
pub struct Record {
    /// Name, docs, hash.
    pub common: Common,
    /// Fields in declaration order. Empty: one `uint8_t` in C.
    pub fields: Vec<Field>,
    /// `MY_TIMER_JOB_SPEC_DEFAULT`, where a field has a default.
    pub default_c_name: Option<String>,
}

/// A field with its place.
#[derive(Clone, Debug)]
pub struct Field {
    /// Rust name.
    pub name: String,
    /// Wire name.
    pub wire: String,
    /// Spelling in C (keywords escaped).
    pub c_name: String,
    /// Docs.
    pub docs: String,
    /// Deprecation note.
    pub deprecated: Option<String>,
    /// Its type.
    pub ty: TypeId,
    /// Offset in bytes.
    pub offset: usize,
    /// Default value; of a field from a `.proto` file what stands for it when it is absent.
    pub default: Option<Literal>,
    /// Of a field from a `.proto` file: its protobuf form.
    pub proto: Option<ProtoField>,
}

/// See [`Shape::Variant`].
#[derive(Clone, Debug)]
pub struct Variant {
    /// Name, docs, hash.
    pub common: Common,
    /// Whether it was declared as an error; cases then carry a message.
    pub is_error: bool,
    /// Cases; the tag is the index.
    pub cases: Vec<Case>,
    /// Offset of the union; `None` when no case has fields.
    pub union_offset: Option<usize>,
}

/// One case of a variant.
#[derive(Clone, Debug)]
pub struct Case {
    /// Rust name.
    pub name: String,
    /// Wire name.
    pub wire: String,
    /// Docs.
    pub docs: String,
    /// Deprecation note.
    pub deprecated: Option<String>,
    /// `MY_TIMER_SCHEDULE_ERROR_EMPTY_JOB_NAME`, the tag's constant.
    pub c_tag: String,
    /// Member of the union, and suffix of its struct's name: `bad_max_attempts`.
    pub c_member: String,
    /// Name of the payload struct; unused when there are no fields.
    pub c_struct: String,
    /// Fields; offsets count from the start of the payload.
    pub fields: Vec<Field>,
    /// Whether the fields are positional (`Circle(f64)`), named `0`, `1` … in [`Field::name`].
    pub positional: bool,
    /// For errors: the message with `{field}` holes; empty otherwise.
    pub message: String,
    /// Size of the payload struct.
    pub size: usize,
}

/// An object type.
#[derive(Clone, Debug)]
pub struct Object {
    /// Name, docs, hash.
    pub common: Common,
    /// `my_timer_timer`.
    pub c_name: String,
    /// Constructors in order of their names.
    pub constructors: Vec<Function>,
    /// Methods in order of their names.
    pub methods: Vec<Function>,
    /// Host functions that its constructors ask for, in order of their wire names.
    pub host_functions: Vec<HostFunction>,
    /// Events that it emits, in order of their wire names.
    pub events: Vec<Event>,
}

/// How a function is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Returns on the caller's thread.
    Sync,
    /// May complete later: has `done` and `user_data`.
    Async,
}

/// Where the result comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// In registers: `gp_return_…`; the id is the value's type, `None` for unit.
    Scalar(Option<TypeId>),
    /// Through `out` (when there is a result) and `gp_call`.
    Out,
}

/// How a value stands in a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// By value, in a register: numbers, `bool`, enums.
    Scalar,
    /// By value: the pointer and length of `string` and `bytes`.
    Text,
    /// By value: the handle of an object.
    Handle,
    /// By value what is a pointer already: `Shape::Boxed`, `Shape::Nullable`.
    Address,
    /// `const T *`.
    Pointer,
}

/// A function, method or constructor.
#[derive(Clone, Debug)]
pub struct Function {
    /// Name, docs, hash.
    pub common: Common,
    /// Exported symbol.
    pub symbol: String,
    /// Symbol of its `gp_entry`.
    pub entry_symbol: String,
    /// Sync or async.
    pub mode: Mode,
    /// Where the result comes back.
    pub ret: Return,
    /// What the C function returns: `gp_return_i64`, or the `int32_t` of a status.
    pub return_c_name: &'static str,
    /// Hash of the lowered signature and the ABI version: the same interface lowered another way has another one.
    pub abi_hash: u64,
    /// Parameters that cross, in order (injected ones are not here).
    pub params: Vec<Param>,
    /// Results in order: none, one, or several. A constructor has one, its object.
    pub results: Vec<TypeId>,
    /// The struct behind `out` when there are several results.
    pub results_struct: Option<ResultsStruct>,
    /// The typed error.
    pub error: Option<TypeId>,
    /// Fails with `GP_ERR`, a message and no payload; then there is no `error`.
    pub untyped_error: bool,
    /// Of an rpc: its protobuf form, with the names of its results.
    pub proto: Option<ProtoFunction>,
    /// Deadline in milliseconds, for host functions.
    pub deadline_ms: Option<u64>,
    /// Items this function depends on, itself included: a host compares them before its first call.
    pub depends: Vec<ItemHash>,
}

/// The struct of several results.
#[derive(Clone, Debug)]
pub struct ResultsStruct {
    /// C name.
    pub c_name: String,
    /// Offsets of `r0`, `r1` ….
    pub offsets: Vec<usize>,
    /// Size in bytes.
    pub size: usize,
}

/// What a host was generated against.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ItemHash {
    /// The item's path.
    pub path: String,
    /// Its shallow hash.
    pub hash: u64,
    /// [`Function::abi_hash`]; 0 of what is no function.
    pub abi_hash: u64,
    /// The item as readable text.
    pub shape_text: String,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Param {
    /// Rust name.
    pub name: String,
    /// Wire name.
    pub wire: String,
    /// Spelling in C.
    pub c_name: String,
    /// Markdown; only those from `.proto` files have any.
    pub docs: String,
    /// Its type.
    pub ty: TypeId,
    /// How it is passed.
    pub pass: Pass,
    /// Whether the guest only borrows it (`&str`, `&[u8]`, `&[f64]`): the host may pass its own memory.
    pub borrowed: bool,
    /// Offset in the struct of all parameters.
    pub offset: usize,
    /// What stands for it when it is absent.
    pub default: Option<Literal>,
    /// Of a parameter from a `.proto` file: its protobuf form.
    pub proto: Option<ProtoField>,
}

/// A function that the host implements.
#[derive(Clone, Debug)]
pub struct HostFunction {
    /// Name, docs, hash.
    pub common: Common,
    /// Name it is registered under.
    pub wire: String,
    /// Parameters; offsets in the request struct.
    pub params: Vec<Param>,
    /// Request struct: C name, size, alignment.
    pub request: ParamsStruct,
    /// Results in order: none or one.
    pub result: Option<TypeId>,
    /// The declared error.
    pub error: TypeId,
    /// Deadline in milliseconds, declared by the guest.
    pub deadline_ms: Option<u64>,
}

/// A message to listeners.
#[derive(Clone, Debug)]
pub struct Event {
    /// Name, docs, hash.
    pub common: Common,
    /// Name it is subscribed under.
    pub wire: String,
    /// Parameters; offsets in the event struct.
    pub params: Vec<Param>,
    /// Event struct: C name, size, alignment.
    pub payload: ParamsStruct,
}

/// A struct of parameters in order.
#[derive(Clone, Debug)]
pub struct ParamsStruct {
    /// C name; without parameters there is no struct and the pointer is NULL.
    pub c_name: String,
    /// Size in bytes.
    pub size: usize,
    /// Alignment in bytes.
    pub align: usize,
}

/// A constant of the interface.
#[derive(Clone, Debug)]
pub struct Constant {
    /// Name, docs, hash.
    pub common: Common,
    /// Its type.
    pub ty: TypeId,
    /// Its value.
    pub value: Literal,
    /// `MY_TIMER_MAX_JOBS`.
    pub c_name: String,
}
