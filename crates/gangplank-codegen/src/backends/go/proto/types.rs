//! Declarations of messages, enums and oneofs.

use gangplank_model::lowered::{Enum, EnumValue, Shape, TypeId, Variant};

use super::super::spell::quoted;
use super::super::{docs, view as plain};
use super::{Idl, Message, Part, message, names, spell, view};

/// Everything that the interface declares, and the structs of requests and responses.
pub(super) fn view(idl: &Idl<'_>) -> view::Types {
    let mut types = view::Types {
        enums: Vec::new(),
        messages: Vec::new(),
        oneofs: Vec::new(),
        rpcs: Vec::new(),
    };
    for (index, ty) in idl.library.types.iter().enumerate() {
        match &ty.shape {
            Shape::Enum(item) => types.enums.push(enumeration(item)),
            Shape::Variant(variant) => types.oneofs.extend(oneof(idl, TypeId(index), variant)),
            Shape::Record(record) => {
                let message = message::record(idl.library, record);
                types.messages.push(view::Struct {
                    docs: comment(&record.common.docs, record.common.deprecated.as_deref()),
                    getters: getters(idl, &message),
                    ..structure(idl, &message)
                });
            }
            _ => {}
        }
    }
    for function in idl.functions() {
        for message in [idl.request(function), idl.response(function)] {
            types.rpcs.push(structure(idl, &message));
        }
    }
    types
}

fn comment(text: &str, deprecated: Option<&str>) -> String {
    docs::paragraphs(&[
        &docs::text(text, &docs::Known::new()),
        &docs::deprecation(deprecated),
    ])
}

fn structure(idl: &Idl<'_>, message: &Message<'_>) -> view::Struct {
    let line = |part: &Part<'_>| {
        let docs = comment(part.docs, part.deprecated);
        (docs, part.go.clone(), idl.go_type(part.ty))
    };
    view::Struct {
        docs: String::new(),
        name: message.name.clone(),
        members: plain::aligned(message.parts.iter().map(line).collect()),
        getters: Vec::new(),
    }
}

fn getters(idl: &Idl<'_>, message: &Message<'_>) -> Vec<view::Getter> {
    let mut getters = Vec::new();
    for part in &message.parts {
        let base = spell::base(idl, part.ty);
        let pointer = spell::is_optional(idl, part.ty) && !spell::has_nil(idl, part.ty);
        let default = part
            .default
            .and_then(|value| spell::literal(idl, base, value));
        let has_default = default.is_some();
        let place = format!("x.{}", part.go);
        getters.push(view::Getter {
            name: part.go.clone(),
            go_type: if pointer {
                idl.go_type(base)
            } else {
                idl.go_type(part.ty)
            },
            deprecated: docs::deprecation(part.deprecated),
            test: if pointer || has_default {
                format!("x != nil && {place} != nil")
            } else {
                "x != nil".to_owned()
            },
            value: if pointer { format!("*{place}") } else { place },
            zero: default.unwrap_or_else(|| spell::zero(idl, base)),
        });
        let Shape::Variant(variant) = &idl.library.ty(base).shape else {
            continue;
        };
        let Some(oneof) = idl.oneofs.get(&base) else {
            continue;
        };
        for (case, names) in variant.cases.iter().zip(&oneof.cases) {
            let Some(field) = case.fields.first() else {
                continue;
            };
            let default = field.default.as_ref();
            let default = default.and_then(|value| spell::literal(idl, field.ty, value));
            getters.push(view::Getter {
                name: names.field.clone(),
                go_type: idl.go_type(field.ty),
                deprecated: docs::deprecation(field.deprecated.as_deref()),
                test: format!(
                    "c, ok := x.Get{}().(*{}); ok && c != nil",
                    part.go, names.wrapper
                ),
                value: format!("c.{}", names.field),
                zero: default.unwrap_or_else(|| spell::zero(idl, field.ty)),
            });
        }
    }
    getters
}

fn enumeration(item: &Enum) -> view::Enum {
    let name = names::item(&item.common);
    let constant = |value: &EnumValue| names::value(&item.common, &value.name);
    let all = || item.values.iter().chain(&item.aliases);
    let line = |value: &EnumValue| {
        let docs = comment(&value.docs, value.deprecated.as_deref());
        (docs, constant(value), format!("{name} = {}", value.value))
    };
    let pairs = |all: &mut dyn Iterator<Item = (String, String)>| {
        let pairs: Vec<_> = all.map(|(key, value)| format!("{key}: {value}")).collect();
        pairs.join(", ")
    };
    let text = |value: &EnumValue| quoted(value.name.as_bytes());
    let [names_table, values_table] = names::tables(&item.common);
    view::Enum {
        names_table,
        values_table,
        docs: comment(&item.common.docs, item.common.deprecated.as_deref()),
        members: plain::aligned(all().map(line).collect()),
        values: item
            .values
            .iter()
            .map(|value| (constant(value), text(value)))
            .collect(),
        by_number: pairs(
            &mut item
                .values
                .iter()
                .map(|value| (value.value.to_string(), text(value))),
        ),
        by_name: pairs(&mut all().map(|value| (text(value), value.value.to_string()))),
        name,
    }
}

fn oneof(idl: &Idl<'_>, ty: TypeId, variant: &Variant) -> Option<view::Oneof> {
    let oneof = idl.oneofs.get(&ty)?;
    let cases = variant
        .cases
        .iter()
        .zip(&oneof.cases)
        .filter_map(|(case, names)| {
            let field = case.fields.first()?;
            Some(view::Case {
                docs: comment(&case.docs, case.deprecated.as_deref()),
                wrapper: names.wrapper.clone(),
                line: format!("{} {}", names.field, idl.go_type(field.ty)),
            })
        });
    let choice: Vec<_> = oneof
        .cases
        .iter()
        .map(|case| format!("*{}", case.wrapper))
        .collect();
    Some(view::Oneof {
        docs: comment(&variant.common.docs, None),
        interface: oneof.interface.clone(),
        exported: oneof.exported.clone().unwrap_or_default(),
        choice: choice.join(", "),
        cases: cases.collect(),
    })
}
