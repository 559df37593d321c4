//! Types and values of `.proto` interfaces in Go.
//!
//! Comes in: lowered types. Goes out: spellings. As protoc-gen-go's, but points in time and spans are Go's own.

use gangplank_model::lowered::{Literal, Scalar, Shape, TypeId};

use super::super::spell as plain;
use super::{Idl, names};

/// The type without what says that it may be absent or stands behind a pointer.
pub(super) fn base(idl: &Idl<'_>, ty: TypeId) -> TypeId {
    match idl.library.ty(ty).shape {
        Shape::Option(inner) | Shape::Nullable(inner) | Shape::Boxed(inner) => base(idl, inner),
        _ => ty,
    }
}

/// Whether a value may be absent.
pub(super) fn is_optional(idl: &Idl<'_>, ty: TypeId) -> bool {
    matches!(
        idl.library.ty(ty).shape,
        Shape::Option(_) | Shape::Nullable(_)
    )
}

/// Whether nil stands for absence without a pointer more.
pub(super) fn has_nil(idl: &Idl<'_>, ty: TypeId) -> bool {
    matches!(
        idl.library.ty(base(idl, ty)).shape,
        Shape::Record(_) | Shape::Bytes | Shape::Variant(_)
    )
}

pub(super) fn go_type(idl: &Idl<'_>, ty: TypeId) -> String {
    let inner = base(idl, ty);
    let text = match &idl.library.ty(inner).shape {
        Shape::Scalar(scalar) => plain::number(*scalar).to_owned(),
        Shape::Bool => "bool".to_owned(),
        Shape::String => "string".to_owned(),
        Shape::Bytes => "[]byte".to_owned(),
        Shape::Timestamp => "time.Time".to_owned(),
        Shape::Duration => "time.Duration".to_owned(),
        Shape::Record(_) => format!("*{}", declared(idl, inner).unwrap_or_default()),
        Shape::List(element) => format!("[]{}", go_type(idl, *element)),
        Shape::Map { key, value, .. } => {
            format!("map[{}]{}", go_type(idl, *key), go_type(idl, *value))
        }
        Shape::Stream(element) => format!("iter.Seq2[{}, error]", go_type(idl, *element)),
        _ => declared(idl, inner).unwrap_or_default(),
    };
    if is_optional(idl, ty) && !has_nil(idl, ty) {
        format!("*{text}")
    } else {
        text
    }
}

pub(super) fn declared(idl: &Idl<'_>, ty: TypeId) -> Option<String> {
    match &idl.library.ty(ty).shape {
        Shape::Record(record) => Some(names::item(&record.common)),
        Shape::Enum(item) => Some(names::item(&item.common)),
        Shape::Variant(_) => Some(idl.oneofs.get(&ty)?.interface.clone()),
        _ => None,
    }
}

/// What a getter returns when there is nothing.
pub(super) fn zero(idl: &Idl<'_>, ty: TypeId) -> String {
    match &idl.library.ty(base(idl, ty)).shape {
        Shape::Scalar(_) | Shape::Duration => "0",
        Shape::Bool => "false",
        Shape::String => "\"\"",
        Shape::Timestamp => "time.Time{}",
        Shape::Enum(item) => {
            let first = item.values.first();
            return first.map_or("0".to_owned(), |value| {
                names::value(&item.common, &value.name)
            });
        }
        _ => "nil",
    }
    .to_owned()
}

/// A value beside an error.
pub(super) fn go_zero(idl: &Idl<'_>, ty: TypeId) -> String {
    let shape = &idl.library.ty(ty).shape;
    match shape {
        Shape::Scalar(_) | Shape::Duration | Shape::Enum(_) => "0".to_owned(),
        Shape::Bool | Shape::String | Shape::Timestamp => zero(idl, ty),
        _ => "nil".to_owned(),
    }
}

/// What the author says that stands for an absent field.
pub(super) fn literal(idl: &Idl<'_>, ty: TypeId, literal: &Literal) -> Option<String> {
    let shape = &idl.library.ty(base(idl, ty)).shape;
    Some(match (literal, shape) {
        (Literal::Float(bits), Shape::Scalar(Scalar::F32)) => {
            #[allow(
                clippy::cast_possible_truncation,
                reason = "it was a float of this size"
            )]
            let value = f64::from_bits(*bits) as f32;
            format!("math.Float32frombits({:#x})", value.to_bits())
        }
        (Literal::Float(bits), _) => format!("math.Float64frombits({bits:#x})"),
        (Literal::Bool(value), _) => value.to_string(),
        (Literal::Int(value), _) => value.to_string(),
        (Literal::String(value), _) => plain::quoted(value.as_bytes()),
        (Literal::Bytes(value), _) => format!("[]byte({})", plain::quoted(value)),
        (Literal::EnumValue(name), Shape::Enum(item)) => names::value(&item.common, name),
        _ => return None,
    })
}
