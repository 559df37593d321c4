//! Declared types and constants as parts of the public file.

use gangplank_model::diagnostics::{Named, codes};
use gangplank_model::lowered::{Case, Constant, Enum, Field, Literal, Record, Shape, Variant};

use super::{Go, docs, names, spell, view};
use crate::backend::Context;

/// A struct, and `New…` when fields have defaults.
pub(super) fn record(go: &mut Go, cx: &mut Context<'_>, record: &Record) {
    let name = names::item(cx, &record.common);
    go.names.claim(cx, (Named::Item, &record.common), "", &name);
    let mut defaults = Vec::new();
    let mut needs_math = false;
    for field in &record.fields {
        match (&field.default, spell::default_value(cx, field)) {
            (None, _) => {}
            (Some(_), Some(value)) => {
                needs_math |= value.needs_math;
                defaults.push(format!("v.{} = {}", names::field(&field.name, record.fields.len()), value.text));
            }
            (Some(_), None) => cx.error(
                codes::NO_LITERAL,
                &record.common,
                format!("the default of `{}.{}` cannot be written in Go", record.common.path, field.name),
                "defaults are numbers, `bool`, text, octets, enum values, `None` and empty containers",
            ),
        }
    }
    if !defaults.is_empty() {
        go.names
            .claim(cx, (Named::Item, &record.common), "", &format!("New{name}"));
    }
    let known = go.known(cx).clone();
    let members = members(go, cx, &record.common, &name, &record.fields);
    go.view.types.push(view::Type {
        kind: "record",
        docs: item_docs(&record.common, &known),
        members,
        defaults,
        needs_math,
        name,
        ..view::Type::default()
    });
}

fn item_docs(common: &gangplank_model::lowered::Common, known: &docs::Known) -> String {
    noted_docs(&common.docs, common.deprecated.as_deref(), known)
}

/// Docs with a note of deprecation.
fn noted_docs(text: &str, deprecated: Option<&str>, known: &docs::Known) -> String {
    docs::paragraphs(&[&docs::text(text, known), &docs::deprecation(deprecated)])
}

/// The lines of a struct. Fields that would have one name are reported.
fn members(
    go: &mut Go,
    cx: &mut Context<'_>,
    common: &gangplank_model::lowered::Common,
    owner: &str,
    fields: &[Field],
) -> Vec<view::Member> {
    let known = go.known(cx).clone();
    let scope = format!("{owner}.");
    let lines = fields
        .iter()
        .map(|field| {
            let name = names::field(&field.name, fields.len());
            go.names
                .claim_part(cx, (common, "field", &field.name), &scope, &name);
            let docs = noted_docs(&field.docs, field.deprecated.as_deref(), &known);
            (docs, name, spell::go_type(cx, field.ty))
        })
        .collect();
    view::aligned(lines)
}

/// An integer type with constants, text and back.
pub(super) fn enumeration(go: &mut Go, cx: &mut Context<'_>, enumeration: &Enum) {
    let name = names::item(cx, &enumeration.common);
    go.names
        .claim(cx, (Named::Item, &enumeration.common), "", &name);
    let known = go.known(cx).clone();
    let mut lines = Vec::new();
    let mut values = Vec::new();
    for value in &enumeration.values {
        let constant = format!("{name}{}", names::exported(&value.name));
        let part = (&enumeration.common, "value", value.name.as_str());
        go.names.claim_part(cx, part, "", &constant);
        lines.push((
            noted_docs(&value.docs, value.deprecated.as_deref(), &known),
            constant.clone(),
            format!("{name} = {}", value.value),
        ));
        values.push((constant, spell::quoted(value.wire.as_bytes())));
    }
    go.view.types.push(view::Type {
        kind: "enum",
        docs: item_docs(&enumeration.common, &known),
        receiver: names::receiver(&name),
        members: view::aligned(lines),
        values,
        name,
        ..view::Type::default()
    });
}

/// What a case is called in Go, and whether that is a variable: an error without fields.
pub(super) fn case_names(cx: &Context<'_>, variant: &Variant, case: &Case) -> (String, bool) {
    match (variant.is_error, case.fields.is_empty()) {
        (true, true) => (names::sentinel(&case.name), true),
        (true, false) => (names::error_type(&case.name), false),
        (false, _) => (
            format!(
                "{}{}",
                names::item(cx, &variant.common),
                names::exported(&case.name)
            ),
            false,
        ),
    }
}

/// A sealed interface and a struct per case.
pub(super) fn variant(go: &mut Go, cx: &mut Context<'_>, variant: &Variant) {
    let name = names::item(cx, &variant.common);
    go.names
        .claim(cx, (Named::Item, &variant.common), "", &name);
    let known = go.known(cx).clone();
    let mut cases = Vec::new();
    for case in &variant.cases {
        let (case_name, _) = case_names(cx, variant, case);
        let part = (&variant.common, "case", case.name.as_str());
        go.names.claim_part(cx, part, "", &case_name);
        cases.push(view::Case {
            docs: noted_docs(&case.docs, case.deprecated.as_deref(), &known),
            members: members(go, cx, &variant.common, &case_name, &case.fields),
            name: case_name,
            message: String::new(),
        });
    }
    let list: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    let choice = format!("A {name} is one of {}.", list.join(", "));
    go.view.types.push(view::Type {
        kind: "variant",
        docs: docs::paragraphs(&[&item_docs(&variant.common, &known), &choice]),
        cases,
        name,
        ..view::Type::default()
    });
}

/// An error: a variable per case without fields, a type per case with fields.
pub(super) fn error(go: &mut Go, cx: &mut Context<'_>, error: &Variant) {
    let known = go.known(cx).clone();
    let mut part = view::Type {
        kind: "error",
        docs: item_docs(&error.common, &known),
        ..view::Type::default()
    };
    for case in &error.cases {
        let (name, is_sentinel) = case_names(cx, error, case);
        go.names
            .claim_part(cx, (&error.common, "case", &case.name), "", &name);
        let rest = case.docs.split_once('\n').map_or("", |(_, rest)| rest);
        let rest = noted_docs(rest, case.deprecated.as_deref(), &known);
        if is_sentinel {
            let first = format!("{name}: {}.", case.message.trim_end_matches('.'));
            part.sentinels.push(view::Sentinel {
                docs: docs::paragraphs(&[&first, &rest]),
                message: spell::quoted(case.message.as_bytes()),
                name,
            });
        } else {
            let first = format!("{name}: {}.", case.message.trim_end_matches('.'));
            go.names.reserve(&format!("{name}."), "Error");
            let (message, float_text) = message(cx, case);
            part.float_text |= float_text;
            part.cases.push(view::Case {
                docs: docs::paragraphs(&[&first, &rest]),
                members: members(go, cx, &error.common, &name, &case.fields),
                message,
                name,
            });
        }
    }
    go.view.types.push(part);
}

/// The expression of an error's text: the message with its `{field}` holes filled in, as Rust does it. And whether
/// it needs `floatText`.
fn message(cx: &Context<'_>, case: &Case) -> (String, bool) {
    let mut float_text = false;
    let mut format = String::new();
    let mut args = String::new();
    for (index, part) in case.message.split('{').enumerate() {
        let (hole, text) = if index == 0 {
            ("", part)
        } else {
            part.split_once('}').unwrap_or(("", part))
        };
        if let Some(field) = case.fields.iter().find(|field| field.name == hole) {
            let value = format!("e.{}", names::field(&field.name, case.fields.len()));
            format.push_str("%v");
            args.push_str(", ");
            args.push_str(&match cx.library.ty(field.ty).shape {
                Shape::Scalar(scalar) if spell::number(scalar).starts_with("float") => {
                    float_text = true;
                    let bits = &spell::number(scalar)[5..];
                    format!("floatText(float64({value}), {bits})")
                }
                _ => value,
            });
        }
        format.push_str(&text.replace('%', "%%"));
    }
    if args.is_empty() {
        return (spell::quoted(case.message.as_bytes()), false);
    }
    let text = format!("fmt.Sprintf({}{args})", spell::quoted(format.as_bytes()));
    (text, float_text)
}

/// `const`, or `var` for octets.
pub(super) fn constant(go: &mut Go, cx: &mut Context<'_>, constant: &Constant) {
    let name = names::item(cx, &constant.common);
    go.names
        .claim(cx, (Named::Item, &constant.common), "", &name);
    let Some(value) = spell::literal(cx, constant.ty, &constant.value) else {
        cx.error(
            codes::NO_LITERAL,
            &constant.common,
            format!(
                "the constant `{}` cannot be written in Go",
                constant.common.path
            ),
            "constants are numbers, `bool`, enum values, text and octets",
        );
        return;
    };
    let known = go.known(cx).clone();
    go.view.constants.push(view::Constant {
        docs: item_docs(&constant.common, &known),
        word: if matches!(constant.value, Literal::Bytes(_)) || value.needs_math {
            "var"
        } else {
            "const"
        },
        go_type: spell::go_type(cx, constant.ty),
        name,
        value: value.text,
        needs_math: value.needs_math,
    });
}
