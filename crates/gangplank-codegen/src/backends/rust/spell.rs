//! Types as Rust writes them.

use gangplank_model::lowered::{Library, Scalar, Shape, TypeId};

use super::names;

/// The type's spelling. Paths of the standard library are absolute: a message may be called `String`.
pub(super) fn ty(library: &Library, id: TypeId) -> String {
    let inner = |id: &TypeId| ty(library, *id);
    match &library.ty(id).shape {
        Shape::Scalar(scalar) => number(*scalar).to_owned(),
        Shape::Bool => "bool".to_owned(),
        Shape::String => "::std::string::String".to_owned(),
        Shape::Bytes => "::std::vec::Vec<u8>".to_owned(),
        Shape::Timestamp => "::gangplank::Timestamp".to_owned(),
        Shape::Duration => "::gangplank::Duration".to_owned(),
        Shape::Enum(item) => names::ty(&item.common),
        Shape::Record(item) => names::ty(&item.common),
        Shape::Variant(item) => names::ty(&item.common),
        Shape::List(item) => format!("::std::vec::Vec<{}>", inner(item)),
        Shape::Option(item) => format!("::std::option::Option<{}>", inner(item)),
        Shape::Nullable(item) => {
            format!("::std::option::Option<::std::boxed::Box<{}>>", inner(item))
        }
        Shape::Boxed(item) => format!("::std::boxed::Box<{}>", inner(item)),
        Shape::Map { key, value, .. } => {
            format!(
                "::std::collections::BTreeMap<{}, {}>",
                inner(key),
                inner(value)
            )
        }
        // Both are refused where they are declared.
        Shape::Object(_) | Shape::Stream(_) => "()".to_owned(),
    }
}

/// What a function returns when all is well.
pub(super) fn results(library: &Library, results: &[TypeId]) -> String {
    match results {
        [one] => ty(library, *one),
        several => {
            let several: Vec<String> = several.iter().map(|id| ty(library, *id)).collect();
            format!("({})", several.join(", "))
        }
    }
}

/// Octets as they stand between the quotes of `b"…"`.
pub(super) fn bytes(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

/// A text with its quotes.
pub(super) fn text(text: &str) -> String {
    format!("{text:?}")
}

fn number(scalar: Scalar) -> &'static str {
    match scalar {
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
