//! Declared items: what has a name of its own, and its parts.

use std::fmt;

use super::{Literal, ProtoField, ProtoFunction, ProtoName, Type};

/// Where something was declared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Location {
    /// `src/lib.rs`, relative to its package; empty: unknown.
    pub file: String,
    /// Line from 1; 0: unknown.
    pub line: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.file.as_str(), self.line) {
            ("", _) => Ok(()),
            (file, 0) => f.write_str(file),
            (file, line) => write!(f, "{file}:{line}"),
        }
    }
}

/// What every declared item carries.
#[derive(Clone, Debug, Default)]
pub struct Common {
    /// Exposed name: the Rust name, or what `#[gangplank(name = …)]` says.
    pub name: String,
    /// `my_timer::Timer::echo`, in Rust names.
    pub path: String,
    /// Version of the crate that declares it.
    pub version: String,
    /// Markdown.
    pub docs: String,
    /// The note of `#[deprecated]`; empty when it has none.
    pub deprecated: Option<String>,
    /// Where it was declared.
    pub location: Location,
    /// Its shallow hash.
    pub hash: u64,
    /// Its shape on one line, for messages.
    pub shape_text: String,
    /// Its bytes, for a guest that is not written in Rust to embed.
    pub item: Vec<u8>,
    /// Of an item from a `.proto` file: how protobuf calls it.
    pub proto: Option<ProtoName>,
}

impl Common {
    /// The crate that declares it; of an item from a `.proto` file the package, `shop::v1`.
    pub fn crate_name(&self) -> &str {
        split_path(&self.path, self.proto.as_ref()).0
    }

    /// The path without the crate or package: `Timer::echo`.
    pub fn local_path(&self) -> &str {
        split_path(&self.path, self.proto.as_ref()).1
    }
}

/// A path as crate or package and the rest; both are the path when there is nothing to split.
pub(crate) fn split_path<'p>(path: &'p str, proto: Option<&ProtoName>) -> (&'p str, &'p str) {
    let package = match proto {
        Some(proto) => Some(proto.package.len()).filter(|_| path.starts_with(&proto.package)),
        None => path.find("::"),
    };
    let split = package.and_then(|at| {
        let (package, rest) = path.split_at_checked(at)?;
        Some((package, rest.strip_prefix("::")?))
    });
    split.unwrap_or((path, path))
}

/// A declared type.
#[derive(Clone, Debug)]
pub enum Declaration<D> {
    /// Named fields.
    Record(Record<D>),
    /// One of several values.
    Enum(Enum),
    /// One of several cases with data; also errors.
    Variant(Variant<D>),
}

impl<D> Declaration<D> {
    /// Name, docs, hash.
    pub fn common(&self) -> &Common {
        match self {
            Declaration::Record(record) => &record.common,
            Declaration::Enum(item) => &item.common,
            Declaration::Variant(variant) => &variant.common,
        }
    }

    /// What a message calls it.
    pub fn kind(&self) -> &'static str {
        match self {
            Declaration::Record(_) => "record",
            Declaration::Enum(_) => "enum",
            Declaration::Variant(variant) if variant.is_error => "error",
            Declaration::Variant(_) => "variant",
        }
    }

    /// Its fields; of a variant those of all cases.
    pub fn fields(&self) -> Box<dyn Iterator<Item = &Field<D>> + '_> {
        match self {
            Declaration::Record(record) => Box::new(record.fields.iter()),
            Declaration::Enum(_) => Box::new(std::iter::empty()),
            Declaration::Variant(variant) => {
                Box::new(variant.cases.iter().flat_map(|case| &case.fields))
            }
        }
    }
}

/// A struct.
#[derive(Clone, Debug)]
pub struct Record<D> {
    /// Name, docs, hash.
    pub common: Common,
    /// Fields in declaration order.
    pub fields: Vec<Field<D>>,
}

/// A field of a record or of a case.
#[derive(Clone, Debug)]
pub struct Field<D> {
    /// Rust name; `0`, `1` … when positional.
    pub name: String,
    /// Wire name.
    pub wire: String,
    /// Markdown.
    pub docs: String,
    /// See [`Common::deprecated`].
    pub deprecated: Option<String>,
    /// Its type.
    pub ty: Type<D>,
    /// Default value; of a field from a `.proto` file what stands for it when it is absent.
    pub default: Option<Literal>,
    /// Of a field from a `.proto` file: its protobuf form.
    pub proto: Option<ProtoField>,
}

/// An enum without data.
#[derive(Clone, Debug)]
pub struct Enum {
    /// Name, docs, hash.
    pub common: Common,
    /// Values in declaration order, each number once.
    pub values: Vec<EnumValue>,
    /// Further names of numbers that stand in `values`.
    pub aliases: Vec<EnumValue>,
    /// Other numbers are values as well, without a name.
    pub open: bool,
}

/// A value of an enum.
#[derive(Clone, Debug)]
pub struct EnumValue {
    /// Rust name.
    pub name: String,
    /// Wire name.
    pub wire: String,
    /// Markdown.
    pub docs: String,
    /// See [`Common::deprecated`].
    pub deprecated: Option<String>,
    /// Its number.
    pub value: i32,
}

/// An enum with data, or an error.
#[derive(Clone, Debug)]
pub struct Variant<D> {
    /// Name, docs, hash.
    pub common: Common,
    /// Declared as an error.
    pub is_error: bool,
    /// Cases in declaration order.
    pub cases: Vec<Case<D>>,
}

/// A case of a variant.
#[derive(Clone, Debug)]
pub struct Case<D> {
    /// Rust name.
    pub name: String,
    /// Wire name.
    pub wire: String,
    /// Markdown.
    pub docs: String,
    /// See [`Common::deprecated`].
    pub deprecated: Option<String>,
    /// Fields are `Circle(f64)`, not `Circle { radius: f64 }`.
    pub positional: bool,
    /// Of an error: the message with `{field}` holes.
    pub message: String,
    /// Fields in order.
    pub fields: Vec<Field<D>>,
}

/// A type passed by handle.
#[derive(Clone, Debug)]
pub struct Object<D> {
    /// Name, docs, hash.
    pub common: Common,
    /// What its constructors have injected: [`Type::Host`] and [`Type::Events`].
    pub injected: Vec<Type<D>>,
    /// Its constructors.
    pub constructors: Vec<Function<D>>,
    /// Its methods.
    pub methods: Vec<Function<D>>,
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
#[derive(Clone, Debug)]
pub struct Function<D> {
    /// Name, docs, hash.
    pub common: Common,
    /// Exported symbol.
    pub symbol: String,
    /// What it is to its object.
    pub role: Role,
    /// May complete later.
    pub is_async: bool,
    /// Parameters in order, injected ones included.
    pub params: Vec<Param<D>>,
    /// Results in order; of a constructor its object.
    pub results: Vec<Type<D>>,
    /// The typed error.
    pub error: Option<Type<D>>,
    /// Fails with a text and no value; then there is no `error`.
    pub untyped_error: bool,
    /// Of an rpc: its protobuf form.
    pub proto: Option<ProtoFunction>,
    /// Hash of the signature as the library's own compiler lowered it; `None` when there is no library yet.
    pub abi_hash: Option<u64>,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Param<D> {
    /// Rust name.
    pub name: String,
    /// Wire name.
    pub wire: String,
    /// Markdown; only those from `.proto` files have any.
    pub docs: String,
    /// Its type.
    pub ty: Type<D>,
    /// The guest only borrows it.
    pub borrowed: bool,
    /// What stands for it when it is absent.
    pub default: Option<Literal>,
    /// Of a parameter from a `.proto` file: its protobuf form.
    pub proto: Option<ProtoField>,
}

/// A trait: functions that the host implements, or events that it listens to.
#[derive(Clone, Debug)]
pub struct Trait<D> {
    /// `my_demo::DemoHost`.
    pub path: String,
    /// Version of the crate that declares it.
    pub version: String,
    /// Functions of a host trait.
    pub functions: Vec<HostFunction<D>>,
    /// Events of an event trait.
    pub events: Vec<Event<D>>,
}

/// A function that the host implements.
#[derive(Clone, Debug)]
pub struct HostFunction<D> {
    /// Name, docs, hash.
    pub common: Common,
    /// Name it is registered under.
    pub wire: String,
    /// Parameters in order.
    pub params: Vec<Param<D>>,
    /// Results in order.
    pub results: Vec<Type<D>>,
    /// The declared error.
    pub error: Option<Type<D>>,
    /// Deadline in milliseconds.
    pub deadline_ms: Option<u64>,
}

/// A message to listeners.
#[derive(Clone, Debug)]
pub struct Event<D> {
    /// Name, docs, hash.
    pub common: Common,
    /// Name it is subscribed under.
    pub wire: String,
    /// Parameters in order.
    pub params: Vec<Param<D>>,
}

/// A named value.
#[derive(Clone, Debug)]
pub struct Constant<D> {
    /// Name, docs, hash.
    pub common: Common,
    /// Its type.
    pub ty: Type<D>,
    /// Its value.
    pub value: Literal,
}
