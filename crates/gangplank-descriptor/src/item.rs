//! An item as a macro's expansion writes it: constants only, so that it can be encoded at compile time.
//!
//! Comes in: what a macro knows of one declaration, types through `<T as gangplank::Type>::SCHEMA`. Goes out: the input
//! of the encoder. The owned counterparts for readers are in [`crate::owned`].

/// The name of a declared type.
#[derive(Clone, Copy, Debug)]
pub struct TypeName {
    /// `my_timer::EchoRequest`: crate, modules, name.
    pub path: &'static str,
    /// Version of its crate.
    pub version: &'static str,
}

/// A type, with declared types by name.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "each name is its meaning")]
pub enum Schema {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F32,
    F64,
    String,
    Bytes,
    Timestamp,
    Duration,
    List(&'static Schema),
    Option(&'static Schema),
    Boxed(&'static Schema),
    Map(&'static Schema, &'static Schema),
    Stream(&'static Schema),
    Record(TypeName),
    Enum(TypeName),
    Variant(TypeName),
    Error(TypeName),
    Object(TypeName),
    /// `Host<dyn Trait>`, injected.
    Host(TypeName),
    /// `Events<dyn Trait>`, injected.
    Events(TypeName),
    /// `Callback<dyn Trait>`, passed by the caller.
    Callback(TypeName),
}

/// A value written in source: constants and defaults.
#[derive(Clone, Copy, Debug)]
pub enum Literal {
    /// `bool`.
    Bool(bool),
    /// Any integer.
    Int(i128),
    /// A float, by its bits as `f64`.
    Float(u64),
    /// Text.
    String(&'static str),
    /// Octets.
    Bytes(&'static [u8]),
    /// An enum value, by its exposed name.
    EnumValue(&'static str),
    /// An absent option.
    None,
    /// An empty list, map or record of defaults.
    Empty,
}

/// What every declaration carries.
#[derive(Clone, Copy, Debug)]
pub struct Common {
    /// Exposed name: the Rust identifier, or what `name = …` says.
    pub name: &'static str,
    /// `my_timer::Timer::echo`, in Rust names.
    pub path: &'static str,
    /// Version of the crate that declares it.
    pub version: &'static str,
    /// Markdown.
    pub docs: &'static str,
    /// The note of `#[deprecated]`; empty when it has none.
    pub deprecated: Option<&'static str>,
    /// `src/lib.rs`, relative to the package.
    pub file: &'static str,
    /// Line in that file, from 1.
    pub line: u32,
}

/// A field of a record or of a case.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Exposed name; `0`, `1` … when positional.
    pub name: &'static str,
    /// Wire name.
    pub wire: &'static str,
    /// Markdown.
    pub docs: &'static str,
    /// See [`Common::deprecated`].
    pub deprecated: Option<&'static str>,
    /// Its type.
    pub schema: Schema,
    /// Default value.
    pub default: Option<Literal>,
}

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Exposed name.
    pub name: &'static str,
    /// Wire name.
    pub wire: &'static str,
    /// Its type.
    pub schema: Schema,
    /// `&str`, `&[u8]`, `&[f64]` …
    pub borrowed: bool,
}

/// A value of an enum.
#[derive(Clone, Copy, Debug)]
pub struct EnumValue {
    /// Exposed name.
    pub name: &'static str,
    /// Wire name.
    pub wire: &'static str,
    /// Markdown.
    pub docs: &'static str,
    /// See [`Common::deprecated`].
    pub deprecated: Option<&'static str>,
    /// Its number.
    pub value: i32,
}

/// A case of a variant or of an error.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Exposed name.
    pub name: &'static str,
    /// Wire name.
    pub wire: &'static str,
    /// Markdown.
    pub docs: &'static str,
    /// See [`Common::deprecated`].
    pub deprecated: Option<&'static str>,
    /// Fields are `Circle(f64)`, not `Circle { radius: f64 }`.
    pub positional: bool,
    /// Of an error: the message with `{field}` holes.
    pub message: &'static str,
    /// Fields in order.
    pub fields: &'static [Field],
}

/// What a function is to its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// No object.
    Free,
    /// Makes one.
    Constructor,
    /// Called on one.
    Method,
}

/// A function, constructor or method.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Name, docs, place.
    pub common: Common,
    /// Exported symbol.
    pub symbol: &'static str,
    /// Object of a constructor or method.
    pub owner: Option<TypeName>,
    /// What it is to that object.
    pub role: Role,
    /// May complete later.
    pub is_async: bool,
    /// Parameters in order, injected ones included.
    pub params: &'static [Param],
    /// Results in order; a constructor's is its object.
    pub results: &'static [Schema],
    /// The typed error.
    pub error: Option<Schema>,
    /// [`crate::abi_hash`] of the signature as Rust lowered it.
    pub abi_hash: u64,
}

/// A function that the host implements.
#[derive(Clone, Copy, Debug)]
pub struct HostFunction {
    /// Name, docs, place.
    pub common: Common,
    /// The trait.
    pub owner: TypeName,
    /// Name it is registered under.
    pub wire: &'static str,
    /// Parameters in order.
    pub params: &'static [Param],
    /// Results in order.
    pub results: &'static [Schema],
    /// The declared error.
    pub error: Option<Schema>,
    /// Deadline in milliseconds; 0: none.
    pub deadline_ms: u64,
}

/// A message to listeners.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// Name, docs, place.
    pub common: Common,
    /// The trait.
    pub owner: TypeName,
    /// Name it is subscribed under.
    pub wire: &'static str,
    /// Parameters in order.
    pub params: &'static [Param],
}

/// The library itself.
#[derive(Clone, Copy, Debug)]
pub struct Library {
    /// Name of the crate, with underscores.
    pub crate_name: &'static str,
    /// Version of the crate.
    pub version: &'static str,
    /// Markdown.
    pub docs: &'static str,
    /// [`crate::ABI_VERSION`] of the toolkit that built it.
    pub abi: u32,
    /// Built with `panic = "abort"`.
    pub panic_abort: bool,
}

/// One item of an interface.
#[derive(Clone, Copy, Debug)]
pub enum Item {
    /// The library itself; one per library.
    Library(Library),
    /// A struct.
    Record(Common, &'static [Field]),
    /// An enum without data.
    Enum(Common, &'static [EnumValue]),
    /// An enum with data.
    Variant(Common, &'static [Case]),
    /// A typed error.
    Error(Common, &'static [Case]),
    /// An object, with the types of all parameters of all its constructors, of which the encoder keeps the injected.
    Object(Common, &'static [Schema]),
    /// A function, constructor or method.
    Function(Function),
    /// A function of a host trait.
    HostFunction(HostFunction),
    /// An event of an event trait.
    Event(Event),
    /// A constant.
    Constant(Common, Schema, Literal),
}
