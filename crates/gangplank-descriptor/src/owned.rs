//! An item as a reader has it: owned, decoded from bytes.
//!
//! Comes in: what [`crate::decode()`] found. Goes out: the input of the interface model and of messages. The fields have the
//! meaning of their namesakes in [`crate::Item`].

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

mod proto;

pub use crate::item::Role;
pub use proto::{
    Encoding, Occurs, ProtoField, ProtoFunction, ProtoName, ProtoResult, ProtoService,
};

/// One item of an interface.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The shallow hash that the encoder wrote.
    pub hash: u64,
    /// What it describes.
    pub body: Body,
}

/// What an item describes.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "each name is its meaning")]
pub enum Body {
    Library(Library),
    Record(Record),
    Enum(Enum),
    Variant(Variant),
    Error(Variant),
    Object(Object),
    Function(Function),
    HostFunction(HostFunction),
    Event(Event),
    Constant(Constant),
}

impl Item {
    /// What every declaration carries; a library's item has none.
    pub fn common(&self) -> Option<&Common> {
        match &self.body {
            Body::Library(_) => None,
            Body::Record(item) => Some(&item.common),
            Body::Enum(item) => Some(&item.common),
            Body::Variant(item) | Body::Error(item) => Some(&item.common),
            Body::Object(item) => Some(&item.common),
            Body::Function(item) => Some(&item.common),
            Body::HostFunction(item) => Some(&item.common),
            Body::Event(item) => Some(&item.common),
            Body::Constant(item) => Some(&item.common),
        }
    }

    /// The item's path; of a library the crate's name.
    pub fn path(&self) -> &str {
        match (&self.body, self.common()) {
            (Body::Library(library), _) => &library.crate_name,
            (_, Some(common)) => &common.path,
            (_, None) => "",
        }
    }
}

/// The name of a declared type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeName {
    /// `my_timer::EchoRequest`.
    pub path: String,
    /// Version of its crate.
    pub version: String,
}

/// A type, with declared types by name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
    List(Box<Schema>),
    Option(Box<Schema>),
    Boxed(Box<Schema>),
    Map(Box<Schema>, Box<Schema>),
    Stream(Box<Schema>),
    Record(TypeName),
    Enum(TypeName),
    Variant(TypeName),
    Error(TypeName),
    Object(TypeName),
    Host(TypeName),
    Events(TypeName),
    Callback(TypeName),
}

/// A value written in source.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each name is its meaning")]
pub enum Literal {
    Bool(bool),
    Int(i128),
    /// Its bits as `f64`.
    Float(u64),
    String(String),
    Bytes(Vec<u8>),
    /// By Rust name.
    EnumValue(String),
    None,
    Empty,
}

/// What every declaration carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in `crate::Common`")]
pub struct Common {
    pub name: String,
    pub path: String,
    pub version: String,
    pub docs: String,
    pub deprecated: Option<String>,
    pub file: String,
    /// 0: unknown.
    pub line: u32,
    /// Of an item from a `.proto` file.
    pub proto: Option<ProtoName>,
}

/// A field of a record or of a case.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "as in `crate::Field`")]
pub struct Field {
    pub name: String,
    pub wire: String,
    pub docs: String,
    pub deprecated: Option<String>,
    pub schema: Schema,
    pub default: Option<Literal>,
    /// Of a field from a `.proto` file.
    pub proto: Option<ProtoField>,
}

/// A parameter.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "as in `crate::Param`")]
pub struct Param {
    pub name: String,
    pub wire: String,
    /// Of a parameter from a `.proto` file; Rust has no docs of parameters.
    pub docs: String,
    pub schema: Schema,
    pub borrowed: bool,
    /// What stands for it when it is absent.
    pub default: Option<Literal>,
    /// Of a parameter from a `.proto` file.
    pub proto: Option<ProtoField>,
}

/// A value of an enum.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "as in `crate::EnumValue`")]
pub struct EnumValue {
    pub name: String,
    pub wire: String,
    pub docs: String,
    pub deprecated: Option<String>,
    pub value: i32,
}

/// A case of a variant or of an error.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "as in `crate::Case`")]
pub struct Case {
    pub name: String,
    pub wire: String,
    pub docs: String,
    pub deprecated: Option<String>,
    pub positional: bool,
    pub message: String,
    pub fields: Vec<Field>,
}

/// A struct.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "as in `crate::Item`")]
pub struct Record {
    pub common: Common,
    pub fields: Vec<Field>,
}

/// An enum without data.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "as in `crate::Item`")]
pub struct Enum {
    pub common: Common,
    pub values: Vec<EnumValue>,
    /// Further names of numbers that stand in `values`.
    pub aliases: Vec<EnumValue>,
    /// Other numbers are values as well, without a name.
    pub open: bool,
}

/// An enum with data, or an error.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "as in `crate::Item`")]
pub struct Variant {
    pub common: Common,
    pub cases: Vec<Case>,
}

/// An object.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "as in `crate::Item`")]
pub struct Object {
    pub common: Common,
    /// `Host` and `Events` types of its constructors.
    pub injected: Vec<Schema>,
}

/// A function, constructor or method.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "as in `crate::Function`")]
pub struct Function {
    pub common: Common,
    pub symbol: String,
    pub owner: Option<TypeName>,
    pub role: Role,
    pub is_async: bool,
    pub params: Vec<Param>,
    pub results: Vec<Schema>,
    pub error: Option<Schema>,
    /// Fails with a text and no value; then there is no `error`.
    pub untyped_error: bool,
    /// 0: not lowered yet.
    pub abi_hash: u64,
    /// Of an rpc, whose symbol depends on the library that implements it and is no part of its shape.
    pub proto: Option<ProtoFunction>,
}

/// A function that the host implements.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "as in `crate::HostFunction`")]
pub struct HostFunction {
    pub common: Common,
    pub owner: TypeName,
    pub wire: String,
    pub params: Vec<Param>,
    pub results: Vec<Schema>,
    pub error: Option<Schema>,
    pub deadline_ms: u64,
}

/// A message to listeners.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "as in `crate::Event`")]
pub struct Event {
    pub common: Common,
    pub owner: TypeName,
    pub wire: String,
    pub params: Vec<Param>,
}

/// The library itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in `crate::Library`")]
pub struct Library {
    pub crate_name: String,
    pub version: String,
    pub docs: String,
    pub abi: u32,
    pub panic_abort: bool,
    /// What the paths of its items start with, when that is not the crate's name.
    pub package: Option<String>,
    /// Those of a `.proto` file that have docs.
    pub services: Vec<ProtoService>,
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "as in `crate::Item`")]
pub struct Constant {
    pub common: Common,
    pub schema: Schema,
    pub value: Literal,
}
