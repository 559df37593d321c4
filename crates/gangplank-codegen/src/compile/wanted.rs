//! What a definition wants of its implementation.
//!
//! Comes in: the front end fills it from the lowered model and the tags. Goes out: to the search for the implementation
//! (`super::implementation`) and to the comparison with what is there ([`super::matching`]). Nothing here is of
//! protobuf; only the names are already those of Go types.

use gangplank_model::model::Location;

use crate::backends::go::proto;

/// Functions that are implemented in one place.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// The tag's `module=`, variables expanded; empty: beside the definition.
    pub module: String,
    /// Where that is said; of what no tag speaks, the first rpc.
    pub said: Location,
    /// The tag's `package=`: a folder of the module, or the name of its package.
    pub package: Option<String>,
    /// The import path of the messages in the user's functions: the definition's `go_package`, when it is one.
    pub messages: Option<String>,
    /// The Go names of the messages, enums and variants that the guest declares.
    pub declared: Vec<String>,
    /// What is to be called.
    pub functions: Vec<Wanted>,
}

/// One function.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What the interface calls the rpc, which is its alone: `calc::Calc::concat_strings`.
    pub path: String,
    /// `concat_strings`.
    pub rpc: String,
    /// The tag's `function=`; without it the rpc's name in its exported form.
    pub function: Option<String>,
    /// The rpc's line.
    pub location: Location,
    /// Request fields.
    pub params: Vec<Value>,
    /// Response fields.
    pub results: Vec<Value>,
}

/// A parameter or result.
#[derive(Clone, Debug)]
pub struct Value {
    /// `game_data`.
    pub name: String,
    /// What it is.
    pub shape: Shape,
}

/// What a value is, in no language.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of the model")]
pub enum Shape {
    Bool,
    /// `int64` is `{ bits: 64, signed: true }`.
    Int {
        bits: u8,
        signed: bool,
    },
    F32,
    F64,
    String,
    Bytes,
    Timestamp,
    Duration,
    List(Box<Shape>),
    Map(Box<Shape>, Box<Shape>),
    /// Absent or there. Of a record: a message that may be absent.
    Option(Box<Shape>),
    /// By the name of its Go type.
    Record(String),
    /// By the name of its Go type.
    Enum(String),
    /// A oneof, by the name of its Go interface.
    Variant(String),
    Stream(Box<Shape>),
}

impl Shape {
    /// The type that a user who asks nobody would write.
    pub fn go(&self) -> String {
        match self {
            Shape::Bool => "bool".into(),
            Shape::Int { bits, signed } => int(*bits, *signed),
            Shape::F32 => "float32".into(),
            Shape::F64 => "float64".into(),
            Shape::String => "string".into(),
            Shape::Bytes => "[]byte".into(),
            Shape::Timestamp => "time.Time".into(),
            Shape::Duration => "time.Duration".into(),
            Shape::List(element) => format!("[]{}", element.go()),
            Shape::Map(key, value) => format!("map[{}]{}", key.go(), value.go()),
            Shape::Option(inner) => match &**inner {
                Shape::Record(_) | Shape::Bytes | Shape::Variant(_) => inner.go(),
                _ => format!("*{}", inner.go()),
            },
            Shape::Record(name) => format!("*{name}"),
            Shape::Enum(name) | Shape::Variant(name) => name.clone(),
            Shape::Stream(element) => format!("iter.Seq2[{}, error]", element.go()),
        }
    }
}

/// `int32`, `uint64`.
pub(super) fn int(bits: u8, signed: bool) -> String {
    format!("{}int{bits}", if signed { "" } else { "u" })
}

impl Wanted {
    /// `func ConcatStrings(parts []string) (string, error)`.
    pub fn go(&self, name: &str) -> String {
        let params: Vec<String> = self
            .params
            .iter()
            .map(|param| format!("{} {}", proto::param(&param.name), param.shape.go()))
            .collect();
        let mut results: Vec<String> = self
            .results
            .iter()
            .map(|result| result.shape.go())
            .collect();
        results.push("error".into());
        let results = results.join(", ");
        let results = if results == "error" {
            results
        } else {
            format!("({results})")
        };
        format!("func {name}({}) {results}", params.join(", "))
    }
}
