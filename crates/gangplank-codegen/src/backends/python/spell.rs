//! Types, defaults and literals in Python.

use gangplank_model::lowered::{Library, Scalar, Shape, TypeId, Variant};

use super::names;

/// How defaults that must be made for each object begin. Names in a lambda are the file's, whatever the fields are called.
pub(super) const FIELD: &str = "_gangplank_field(default_factory=lambda: ";

/// A text.
pub(super) fn literal(text: &str) -> String {
    let mut literal = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            c if c.is_control() => literal.push_str(&format!("\\U{:08x}", u32::from(c))),
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

/// A tuple in a table, a line for each of its names.
pub(super) fn tuple(names: &[String]) -> String {
    let lines: Vec<String> = names
        .iter()
        .map(|name| format!("        {name},\n"))
        .collect();
    format!("(\n{}    )", lines.concat())
}

/// `list[GameScore]`
pub(super) fn annotation(library: &Library, id: TypeId) -> String {
    match &library.ty(id).shape {
        Shape::Scalar(Scalar::F32 | Scalar::F64) => "float".to_owned(),
        Shape::Scalar(_) => "int".to_owned(),
        Shape::Bool => "bool".to_owned(),
        Shape::String => "str".to_owned(),
        Shape::Bytes => "bytes".to_owned(),
        Shape::Timestamp => "Timestamp".to_owned(),
        Shape::Duration => "Duration".to_owned(),
        Shape::Enum(of) => names::class(&of.common),
        Shape::Record(of) => names::class(&of.common),
        Shape::Variant(of) => cases(of).join(" | "),
        Shape::List(inner) => format!("list[{}]", annotation(library, *inner)),
        Shape::Option(inner) | Shape::Nullable(inner) => {
            format!("{} | None", annotation(library, *inner))
        }
        Shape::Boxed(inner) => annotation(library, *inner),
        Shape::Map { key, value, .. } => format!(
            "dict[{}, {}]",
            annotation(library, *key),
            annotation(library, *value)
        ),
        Shape::Object(_) | Shape::Stream(_) => "object".to_owned(),
    }
}

fn cases(variant: &Variant) -> Vec<String> {
    let cases = variant.cases.iter();
    cases
        .map(|case| names::case(&variant.common, &case.name))
        .collect()
}

/// What a field is when nobody says: protobuf's zero.
pub(super) fn default(library: &Library, id: TypeId) -> String {
    let made = |value: String| format!("{FIELD}{value})");
    match &library.ty(id).shape {
        Shape::Scalar(Scalar::F32 | Scalar::F64) => "0.0".to_owned(),
        Shape::Scalar(_) => "0".to_owned(),
        Shape::Bool => "False".to_owned(),
        Shape::String => "\"\"".to_owned(),
        Shape::Bytes => "b\"\"".to_owned(),
        Shape::Timestamp => made("Timestamp(0, 0)".to_owned()),
        Shape::Duration => made("Duration(0, 0)".to_owned()),
        Shape::Enum(of) => match of.values.first() {
            Some(first) => made(format!(
                "{}.{}",
                names::class(&of.common),
                names::member(&first.name)
            )),
            None => "0".to_owned(),
        },
        Shape::Record(of) => made(format!("{}()", names::class(&of.common))),
        Shape::Variant(of) => made(format!(
            "{}()",
            cases(of).first().cloned().unwrap_or_default()
        )),
        Shape::List(_) => made("[]".to_owned()),
        Shape::Map { .. } => made("{}".to_owned()),
        Shape::Option(_) | Shape::Nullable(_) => "None".to_owned(),
        Shape::Boxed(inner) => default(library, *inner),
        Shape::Object(_) | Shape::Stream(_) => "None".to_owned(),
    }
}
