//! Values written in the interface (constants, defaults) as C initializers and expressions.
//!
//! An initializer is complete: every member is there, so no compiler warns about a missing one, and it is constant, so
//! it also initializes statics.

use gangplank_model::lowered::{Library, Literal, Record, Scalar, Shape, TypeId, Variant};

/// The longest text that C11 promises to accept as one literal.
const LONGEST_LITERAL: usize = 4095;

/// `literal` as an expression of type `ty`; `None` when C has no constant for it.
pub(super) fn expression(library: &Library, ty: TypeId, literal: &Literal) -> Option<String> {
    match (&library.ty(ty).shape, literal) {
        (Shape::Bool, Literal::Bool(value)) => Some(format!("((uint8_t){})", u8::from(*value))),
        (Shape::String, Literal::String(text)) => {
            Some(format!("GP_STR({})", quoted(text.as_bytes())?))
        }
        (Shape::Bytes, Literal::Bytes(bytes)) => Some(format!("GP_BYTES({})", quoted(bytes)?)),
        (Shape::Scalar(_) | Shape::Enum(_), _) => initializer(library, ty, literal).map(grouped),
        _ => None,
    }
}

/// An operator in a macro must not meet those around it.
fn grouped(value: String) -> String {
    if value.starts_with('-') {
        format!("({value})")
    } else {
        value
    }
}

/// `literal` as an initializer of a `ty`; `None` when C has no constant for it.
pub(super) fn initializer(library: &Library, ty: TypeId, literal: &Literal) -> Option<String> {
    match (&library.ty(ty).shape, literal) {
        (Shape::Option(_), Literal::None) => Some(zero(library, ty)),
        (Shape::Nullable(_), Literal::None) => Some("0".to_owned()),
        (Shape::Option(inner), literal) => Some(format!(
            "{{ 1, {} }}",
            initializer(library, *inner, literal)?
        )),
        (Shape::Bool, Literal::Bool(value)) => Some(u8::from(*value).to_string()),
        (Shape::Scalar(scalar), Literal::Int(value)) => integer(*scalar, *value),
        (Shape::Scalar(scalar), Literal::Float(bits)) => {
            Some(float(*scalar, f64::from_bits(*bits)))
        }
        (Shape::String | Shape::Bytes, Literal::Empty) => Some(zero(library, ty)),
        (Shape::String, Literal::String(text)) if text.is_empty() => Some(zero(library, ty)),
        (Shape::String, Literal::String(text)) => {
            Some(format!("GP_STR_INIT({})", quoted(text.as_bytes())?))
        }
        (Shape::Bytes, Literal::Bytes(bytes)) if bytes.is_empty() => Some(zero(library, ty)),
        (Shape::Bytes, Literal::Bytes(bytes)) => Some(format!("GP_STR_INIT({})", quoted(bytes)?)),
        (Shape::Enum(enumeration), Literal::EnumValue(name)) => enumeration
            .values
            .iter()
            .find(|value| value.name == *name)
            .map(|value| value.c_name.clone()),
        (Shape::Variant(variant), Literal::EnumValue(name)) => {
            let case = variant
                .cases
                .iter()
                .find(|case| case.name == *name && case.fields.is_empty())?;
            Some(tagged(library, variant, &case.c_tag))
        }
        (Shape::Record(record), Literal::Empty) => defaults(library, record),
        (Shape::List(_) | Shape::Map { .. }, Literal::Empty) => Some(zero(library, ty)),
        (Shape::Timestamp | Shape::Duration, Literal::Empty) => Some(zero(library, ty)),
        _ => None,
    }
}

/// The initializer of a record with each field's default, zero where a field has none.
pub(super) fn defaults(library: &Library, record: &Record) -> Option<String> {
    let fields: Option<Vec<String>> = record
        .fields
        .iter()
        .map(|field| match &field.default {
            Some(literal) => initializer(library, field.ty, literal),
            None => Some(zero(library, field.ty)),
        })
        .collect();
    Some(braces(&fields?))
}

/// The zero of a type, every member spelled out.
fn zero(library: &Library, ty: TypeId) -> String {
    match &library.ty(ty).shape {
        Shape::String | Shape::Bytes | Shape::Timestamp | Shape::Duration => "{ 0, 0 }".to_owned(),
        Shape::List(_) | Shape::Map { .. } => "{ 0, 0 }".to_owned(),
        Shape::Option(inner) => format!("{{ 0, {} }}", zero(library, *inner)),
        Shape::Record(record) => braces(
            &record
                .fields
                .iter()
                .map(|field| zero(library, field.ty))
                .collect::<Vec<_>>(),
        ),
        Shape::Variant(variant) => tagged(library, variant, "0"),
        _ => "0".to_owned(),
    }
}

/// A variant without payload; a union is initialized through its first member.
fn tagged(library: &Library, variant: &Variant, tag: &str) -> String {
    match variant.cases.iter().find(|case| !case.fields.is_empty()) {
        None => format!("{{ {tag} }}"),
        Some(first) => {
            let fields: Vec<String> = first
                .fields
                .iter()
                .map(|field| zero(library, field.ty))
                .collect();
            format!("{{ {tag}, {{ {} }} }}", braces(&fields))
        }
    }
}

fn braces(members: &[String]) -> String {
    if members.is_empty() {
        "{ 0 }".to_owned()
    } else {
        format!("{{ {} }}", members.join(", "))
    }
}

fn integer(scalar: Scalar, value: i128) -> Option<String> {
    Some(match scalar {
        Scalar::I64 if value == i128::from(i64::MIN) => {
            "(-INT64_C(9223372036854775807) - 1)".to_owned()
        }
        Scalar::I64 if value < 0 => format!("-INT64_C({})", value.unsigned_abs()),
        Scalar::I64 => format!("INT64_C({value})"),
        Scalar::U64 => format!("UINT64_C({value})"),
        Scalar::U32 => format!("UINT32_C({value})"),
        Scalar::I32 if value == i128::from(i32::MIN) => "(-INT32_C(2147483647) - 1)".to_owned(),
        Scalar::I8 | Scalar::I16 | Scalar::I32 | Scalar::U8 | Scalar::U16 => value.to_string(),
        Scalar::F32 | Scalar::F64 => return None,
    })
}

fn float(scalar: Scalar, value: f64) -> String {
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let suffix = if scalar == Scalar::F32 { "f" } else { "" };
    match value {
        value if value.is_nan() => "NAN".to_owned(),
        value if value.is_infinite() => format!("{sign}INFINITY"),
        #[allow(
            clippy::cast_possible_truncation,
            reason = "the literal was an f32 before it became bits of an f64"
        )]
        value if scalar == Scalar::F32 => format!("{:?}{suffix}", value as f32),
        value => format!("{value:?}{suffix}"),
    }
}

/// `text` as a C string literal of any length.
pub(super) fn text(text: &str) -> String {
    escaped(text.as_bytes())
}

/// A C string literal of exactly these bytes, when C promises to accept it.
fn quoted(bytes: &[u8]) -> Option<String> {
    (bytes.len() <= LONGEST_LITERAL).then(|| escaped(bytes))
}

/// Octal escapes end after three digits, so what follows is never swallowed;
/// `?` is escaped against trigraphs.
fn escaped(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    for byte in bytes {
        match byte {
            b'"' => text.push_str("\\\""),
            b'\\' => text.push_str("\\\\"),
            b'?' => text.push_str("\\?"),
            b'\n' => text.push_str("\\n"),
            b' '..=b'~' => text.push(char::from(*byte)),
            byte => text.push_str(&format!("\\{byte:03o}")),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_keep_every_byte() {
        assert_eq!(
            quoted(b"a\"b\\c\n\x001?").as_deref(),
            Some("\"a\\\"b\\\\c\\n\\0001\\?\"")
        );
        assert_eq!(quoted("é".as_bytes()).as_deref(), Some("\"\\303\\251\""));
        assert_eq!(quoted(&vec![b'x'; 4096]), None);
    }

    #[test]
    fn numbers_at_their_limits() {
        assert_eq!(
            integer(Scalar::I64, i64::MIN.into()).as_deref(),
            Some("(-INT64_C(9223372036854775807) - 1)")
        );
        assert_eq!(
            integer(Scalar::U64, u64::MAX.into()).as_deref(),
            Some("UINT64_C(18446744073709551615)")
        );
        assert_eq!(float(Scalar::F64, f64::NEG_INFINITY), "-INFINITY");
        assert_eq!(float(Scalar::F32, 0.5), "0.5f");
        assert_eq!(float(Scalar::F64, 1e300), "1e300");
    }
}
