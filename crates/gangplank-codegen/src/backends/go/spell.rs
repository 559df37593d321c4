//! Types and literals in Go, and types of C as cgo spells them.
//!
//! Comes in: lowered types. Goes out: spellings. An option is a pointer, except where Go already has a nil: a variant is
//! an interface, an object a pointer.

use gangplank_model::lowered::{Common, Field, Library, Literal, Scalar, Shape, Type, TypeId};

use super::names;
use crate::backend::Context;

/// The type of a value: `[]string`, `*int64`, `EchoRequest`.
pub(super) fn go_type(cx: &Context<'_>, ty: TypeId) -> String {
    match &cx.library.ty(ty).shape {
        Shape::Scalar(scalar) => number(*scalar).to_owned(),
        Shape::Bool => "bool".to_owned(),
        Shape::String => "string".to_owned(),
        Shape::Bytes => "[]byte".to_owned(),
        Shape::Timestamp => "time.Time".to_owned(),
        Shape::Duration => "time.Duration".to_owned(),
        Shape::Variant(variant) if variant.is_error => "error".to_owned(),
        Shape::Enum(_) | Shape::Record(_) | Shape::Variant(_) => declared(cx, ty),
        Shape::List(element) => format!("[]{}", go_type(cx, *element)),
        Shape::Option(inner) | Shape::Nullable(inner) if has_nil(cx.library, *inner) => {
            go_type(cx, *inner)
        }
        Shape::Option(inner) | Shape::Nullable(inner) => format!("*{}", go_type(cx, *inner)),
        Shape::Boxed(inner) => go_type(cx, *inner),
        Shape::Map { key, value, .. } => {
            format!("map[{}]{}", go_type(cx, *key), go_type(cx, *value))
        }
        // Refused where the function is.
        Shape::Stream(element) => format!("iter.Seq2[{}, error]", go_type(cx, *element)),
        Shape::Object(index) => format!("*{}", names::item(cx, &cx.library.objects[*index].common)),
    }
}

/// Parameters as Go writes them: neighbours of one type share it.
pub(super) fn params(params: &[(String, String)]) -> String {
    let mut text = String::new();
    for (index, (name, ty)) in params.iter().enumerate() {
        text.push_str(name);
        match params.get(index + 1) {
            Some((_, next)) if next == ty => text.push_str(", "),
            Some(_) => text.push_str(&format!(" {ty}, ")),
            None => text.push_str(&format!(" {ty}")),
        }
    }
    text
}

/// Whether nil can say "absent" for a value of this type, so that its option needs no pointer.
pub(super) fn has_nil(library: &Library, ty: TypeId) -> bool {
    matches!(library.ty(ty).shape, Shape::Variant(_) | Shape::Object(_))
}

/// Name of a declared type.
pub(super) fn declared(cx: &Context<'_>, ty: TypeId) -> String {
    common(cx.library.ty(ty)).map_or_else(String::new, |common| names::item(cx, common))
}

fn common(ty: &Type) -> Option<&Common> {
    match &ty.shape {
        Shape::Record(record) => Some(&record.common),
        Shape::Enum(enumeration) => Some(&enumeration.common),
        Shape::Variant(variant) => Some(&variant.common),
        _ => None,
    }
}

/// Go's name of a number.
pub(super) fn number(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::I8 => "int8",
        Scalar::I16 => "int16",
        Scalar::I32 => "int32",
        Scalar::I64 => "int64",
        Scalar::U8 => "uint8",
        Scalar::U16 => "uint16",
        Scalar::U32 => "uint32",
        Scalar::U64 => "uint64",
        Scalar::F32 => "float32",
        Scalar::F64 => "float64",
    }
}

/// The type of C where a value is stored, without `C.`: `my_timer_echo_request`, `uintptr_t` of a pointer.
pub(super) fn c_stored(library: &Library, ty: TypeId) -> &str {
    match library.ty(ty).shape {
        Shape::Nullable(_) | Shape::Boxed(_) => "uintptr_t",
        _ => &library.ty(ty).c_name,
    }
}

/// Whether values look the same in Go and in C, so that a list of them is copied at once.
pub(super) fn is_flat(library: &Library, ty: TypeId) -> bool {
    matches!(
        library.ty(ty).shape,
        Shape::Scalar(_) | Shape::Bool | Shape::Enum(_)
    )
}

/// An expression, with what the file has to import for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expression {
    pub(super) text: String,
    /// Whether it calls the package `math`. Then it is no constant.
    pub(super) needs_math: bool,
}

impl From<String> for Expression {
    fn from(text: String) -> Self {
        Expression {
            text,
            needs_math: false,
        }
    }
}

/// A literal as an expression of its type; `None` when Go has none for it.
pub(super) fn literal(cx: &Context<'_>, ty: TypeId, literal: &Literal) -> Option<Expression> {
    let shape = &cx.library.ty(ty).shape;
    let text = match (literal, shape) {
        (Literal::Float(bits), _) => {
            return Some(float(f64::from_bits(*bits), &go_type(cx, ty)));
        }
        (Literal::Bool(value), _) => value.to_string(),
        (Literal::Int(value), Shape::Scalar(_)) => value.to_string(),
        (Literal::String(value), _) => quoted(value.as_bytes()),
        (Literal::Bytes(value), _) => format!("[]byte({})", quoted(value)),
        (Literal::EnumValue(name), Shape::Enum(_)) => {
            format!("{}{}", declared(cx, ty), names::exported(name))
        }
        (Literal::None, _) => "nil".to_owned(),
        (Literal::Empty, Shape::Record(record))
            if record.fields.iter().any(|field| field.default.is_some()) =>
        {
            format!("New{}()", declared(cx, ty))
        }
        (Literal::Empty, Shape::Record(_)) => format!("{}{{}}", declared(cx, ty)),
        (Literal::Empty, Shape::List(_) | Shape::Map { .. } | Shape::Bytes) => "nil".to_owned(),
        (Literal::Empty, Shape::String) => "\"\"".to_owned(),
        _ => return None,
    };
    Some(text.into())
}

/// The value that a default gives to a field; an option that is present needs a place to point to.
pub(super) fn default_value(cx: &Context<'_>, field: &Field) -> Option<Expression> {
    let default = field.default.as_ref()?;
    match &cx.library.ty(field.ty).shape {
        Shape::Option(inner) if *default != Literal::None => {
            let value = literal(cx, *inner, default)?;
            Some(Expression {
                text: format!("pointerTo[{}]({})", go_type(cx, *inner), value.text),
                ..value
            })
        }
        _ => literal(cx, field.ty, default),
    }
}

/// A float. What is not a number, infinite or a negative zero is no constant in Go.
fn float(value: f64, ty: &str) -> Expression {
    let call = match value {
        value if value.is_nan() => "math.NaN()",
        f64::INFINITY => "math.Inf(1)",
        f64::NEG_INFINITY => "math.Inf(-1)",
        value if value == 0.0 && value.is_sign_negative() => "math.Copysign(0, -1)",
        value => return format!("{value:?}").into(),
    };
    Expression {
        text: format!("{ty}({call})"),
        needs_math: true,
    }
}

/// A Go string literal.
pub(super) fn quoted(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        for letter in chunk.valid().chars() {
            match letter {
                '"' => text.push_str("\\\""),
                '\\' => text.push_str("\\\\"),
                '\n' => text.push_str("\\n"),
                '\t' => text.push_str("\\t"),
                '\u{feff}' => text.push_str("\\ufeff"),
                letter if letter.is_control() && (letter as u32) < 0x80 => {
                    text.push_str(&format!("\\x{:02x}", letter as u32));
                }
                letter if letter.is_control() => {
                    text.push_str(&format!("\\u{:04x}", letter as u32))
                }
                letter => text.push(letter),
            }
        }
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_one_type_share_it() {
        let of = |all: &[(&str, &str)]| {
            params(
                &all.iter()
                    .map(|(name, ty)| (name.to_string(), ty.to_string()))
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(
            of(&[("a", "int64"), ("b", "int64"), ("c", "string")]),
            "a, b int64, c string"
        );
        assert_eq!(of(&[]), "");
    }

    #[test]
    fn strings_are_quoted() {
        assert_eq!(quoted("a\"b\\\n\0é".as_bytes()), "\"a\\\"b\\\\\\n\\x00é\"");
        assert_eq!(quoted(b"\xff"), "\"\\xff\"");
    }

    #[test]
    fn every_float_has_a_literal() {
        assert_eq!(float(1.0, "float64"), "1.0".to_owned().into());
        assert_eq!(float(1e300, "float64").text, "1e300");
        assert_eq!(float(-0.0, "float32").text, "float32(math.Copysign(0, -1))");
        assert!(float(f64::NAN, "float64").needs_math);
    }
}
