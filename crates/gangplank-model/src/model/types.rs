//! Types and literals.

use std::fmt;

/// A type of the interface. `D` refers to what somebody declared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type<D> {
    /// True or false.
    Bool,
    /// Integers and floats.
    Number(Scalar),
    /// UTF-8 text.
    String,
    /// Octets.
    Bytes,
    /// A point in time.
    Timestamp,
    /// A span of time.
    Duration,
    /// Any number of values in order.
    List(Box<Type<D>>),
    /// A value or none.
    Option(Box<Type<D>>),
    /// A value behind a pointer: what makes recursion finite.
    Boxed(Box<Type<D>>),
    /// Keys with values.
    Map(Box<Type<D>>, Box<Type<D>>),
    /// Values over time.
    Stream(Box<Type<D>>),
    /// A record, enum, variant or error.
    Declared(D),
    /// An object, by handle.
    Object(D),
    /// A host trait, injected into a constructor.
    Host(D),
    /// An event trait, injected into a constructor.
    Events(D),
    /// A host trait, passed by the caller.
    Callback(D),
}

impl<D> Type<D> {
    /// Whether it is injected, so that the caller does not pass it.
    pub fn is_injected(&self) -> bool {
        matches!(self, Type::Host(_) | Type::Events(_))
    }
}

/// How a declared thing is called before it has been found.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    /// `my_timer::EchoRequest`.
    pub path: String,
    /// Version of its crate.
    pub version: String,
}

/// A declared thing that was found: an index into the list of its kind in [`Interface`](super::Interface).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(pub usize);

/// Machine numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each name is its meaning")]
pub enum Scalar {
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
}

impl Scalar {
    /// `i64`.
    pub fn name(self) -> &'static str {
        match self {
            Scalar::I8 => "i8",
            Scalar::I16 => "i16",
            Scalar::I32 => "i32",
            Scalar::I64 => "i64",
            Scalar::U8 => "u8",
            Scalar::U16 => "u16",
            Scalar::U32 => "u32",
            Scalar::U64 => "u64",
            Scalar::F32 => "f32",
            Scalar::F64 => "f64",
        }
    }

    /// Smallest and largest value; `None` for floats.
    pub fn range(self) -> Option<(i128, i128)> {
        Some(match self {
            Scalar::I8 => (i8::MIN.into(), i8::MAX.into()),
            Scalar::I16 => (i16::MIN.into(), i16::MAX.into()),
            Scalar::I32 => (i32::MIN.into(), i32::MAX.into()),
            Scalar::I64 => (i64::MIN.into(), i64::MAX.into()),
            Scalar::U8 => (0, u8::MAX.into()),
            Scalar::U16 => (0, u16::MAX.into()),
            Scalar::U32 => (0, u32::MAX.into()),
            Scalar::U64 => (0, u64::MAX.into()),
            Scalar::F32 | Scalar::F64 => return None,
        })
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}

/// The spelling of descriptors and messages: `option<list<my_dep::Config>>`.
impl<D: fmt::Display> fmt::Display for Type<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Bool => f.write_str("bool"),
            Type::Number(scalar) => f.write_str(scalar.name()),
            Type::String => f.write_str("string"),
            Type::Bytes => f.write_str("bytes"),
            Type::Timestamp => f.write_str("timestamp"),
            Type::Duration => f.write_str("duration"),
            Type::List(element) => write!(f, "list<{element}>"),
            Type::Option(element) => write!(f, "option<{element}>"),
            Type::Boxed(element) => write!(f, "box<{element}>"),
            Type::Map(key, value) => write!(f, "map<{key}, {value}>"),
            Type::Stream(element) => write!(f, "stream<{element}>"),
            Type::Declared(name) | Type::Object(name) => name.fmt(f),
            Type::Host(name) => write!(f, "host<{name}>"),
            Type::Events(name) => write!(f, "events<{name}>"),
            Type::Callback(name) => write!(f, "callback<{name}>"),
        }
    }
}
