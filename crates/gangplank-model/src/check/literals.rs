//! Constants and defaults are values of their types.

use super::walk;
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::model::{Common, Declaration, Id, Interface, Literal, Type};

pub(super) fn check(interface: &Interface<Id>, found: &mut Diagnostics) {
    params(interface, found);
    for constant in &interface.constants {
        let fits =
            is_plain(interface, &constant.ty) && is_value(interface, &constant.ty, &constant.value);
        if !fits {
            let path = &constant.common.path;
            found.push(
                misfit(
                    &constant.common,
                    format!("the value of the constant `{path}` does not fit its type"),
                )
                .help("constants are bools, numbers, strings, bytes and enum values"),
            );
        }
    }
    for declaration in &interface.types {
        for field in declaration.fields() {
            let Some(default) = &field.default else {
                continue;
            };
            if !is_value(interface, &field.ty, default) {
                let common = declaration.common();
                found.push(
                    misfit(common, format!("the default of the field `{}` of `{}` does not fit its type", field.name, common.path))
                        .help("defaults are bools, numbers, strings, bytes, enum values, `None`, and empty lists, maps and records of defaults"),
                );
            }
        }
    }
}

/// Defaults of parameters come from `.proto` files only, whose compiler has looked at them before.
fn params(interface: &Interface<Id>, found: &mut Diagnostics) {
    for function in walk::functions(interface) {
        let common = &function.common;
        for param in &function.params {
            let fits = |default| is_value(interface, &param.ty, default);
            if !param.default.as_ref().is_none_or(fits) {
                let message = format!(
                    "the default of the parameter `{}` of `{}` does not fit its type",
                    param.name, common.path
                );
                found.push(misfit(common, message));
            }
        }
    }
}

fn misfit(item: &Common, message: String) -> Diagnostic {
    Diagnostic::new(codes::LITERAL, message).label(item, "declared here")
}

fn is_plain(interface: &Interface<Id>, ty: &Type<Id>) -> bool {
    match ty {
        Type::Bool | Type::Number(_) | Type::String | Type::Bytes => true,
        Type::Declared(id) => matches!(interface.types[id.0], Declaration::Enum(_)),
        _ => false,
    }
}

fn is_value(interface: &Interface<Id>, ty: &Type<Id>, literal: &Literal) -> bool {
    match (ty, literal) {
        (Type::Bool, Literal::Bool(_))
        | (Type::String, Literal::String(_))
        | (Type::Bytes, Literal::Bytes(_))
        | (Type::Option(_), Literal::None)
        | (Type::List(_) | Type::Map(..) | Type::String | Type::Bytes, Literal::Empty) => true,
        (Type::Number(scalar), Literal::Int(value)) => match scalar.range() {
            Some((least, most)) => (least..=most).contains(value),
            None => true,
        },
        (Type::Number(scalar), Literal::Float(_)) => scalar.range().is_none(),
        (Type::Option(inner) | Type::Boxed(inner), literal) => is_value(interface, inner, literal),
        (Type::Declared(id), literal) => match (&interface.types[id.0], literal) {
            (Declaration::Enum(item), Literal::EnumValue(name)) => {
                item.values.iter().any(|value| value.name == *name)
            }
            (Declaration::Record(_), Literal::Empty) => true,
            _ => false,
        },
        _ => false,
    }
}
