//! Types and constants of a library as parts of the header.

use std::collections::BTreeSet;

use gangplank_model::diagnostics::codes;
use gangplank_model::lowered::{
    Case, Constant, Enum, Function, Library, Record, ResultsStruct, Shape, Type, Variant,
};

use super::view::{self, Size, Struct, Value};
use super::{C, docs, literals, spell};
use crate::backend::Context;

/// A struct, and its defaults when it has some.
pub(super) fn record(c: &mut C, cx: &mut Context<'_>, ty: &Type, record: &Record) {
    let library = cx.library;
    let body = Struct {
        name: ty.c_name.clone(),
        members: spell::fields(library, &record.fields),
        union: Vec::new(),
    };
    c.header
        .offsets
        .extend(spell::field_offsets(&ty.c_name, &record.fields));
    push(c, docs::item(&record.common), body, ty.size);
    let Some(name) = record.default_c_name.clone() else {
        return;
    };
    match literals::defaults(library, record) {
        Some(value) => {
            let docs = format!("{} with its defaults.", ty.c_name);
            c.header.defaults.push(view::Constant { docs, name, value });
        }
        None => cx.error(
            codes::NO_LITERAL,
            &record.common,
            format!(
                "the defaults of `{}` cannot be written in C",
                record.common.path
            ),
            "use numbers, text below 4096 bytes, enum values, `None` and empty values as defaults",
        ),
    }
}

/// An `int32_t`, and the constants.
pub(super) fn enumeration(c: &mut C, ty: &Type, enumeration: &Enum) {
    if c.header.types.iter().any(|known| known.name == ty.c_name) {
        return; // a list has needed it
    }
    c.names
        .given(&ty.c_name, "an enum", Some(&enumeration.common));
    let values = enumeration.values.iter().map(|value| Value {
        docs: docs::with_deprecation(&value.docs, value.deprecated.as_deref()),
        name: value.c_name.clone(),
        value: value.value.into(),
    });
    c.header.types.push(view::Type {
        docs: docs::item(&enumeration.common),
        name: ty.c_name.clone(),
        values: values.collect(),
        structs: Vec::new(),
        ..view::Type::default()
    });
}

/// Tags, the structs of the cases, and the union.
pub(super) fn variant(c: &mut C, cx: &mut Context<'_>, ty: &Type, variant: &Variant) {
    let mut part = view::Type {
        docs: docs::item(&variant.common),
        ..view::Type::default()
    };
    let mut union = Vec::new();
    for (tag, case) in (0..).zip(&variant.cases) {
        part.values.push(Value {
            docs: docs::with_deprecation(&case.docs, case.deprecated.as_deref()),
            name: case.c_tag.clone(),
            value: tag,
        });
        if !case.fields.is_empty() {
            part.structs.push(payload(c, cx, case));
            let mut member = spell::member(format!("{} {}", case.c_struct, case.c_member));
            member.docs.clone_from(&case.c_tag);
            union.push(member);
            let place = variant.union_offset.unwrap_or(0);
            c.header.offsets.push(spell::offset(
                &ty.c_name,
                &format!("as.{}", case.c_member),
                place,
            ));
        }
    }
    part.structs.push(Struct {
        name: ty.c_name.clone(),
        members: vec![spell::member("int32_t tag")],
        union,
    });
    announce(c, &ty.c_name, ty.size);
    c.header.types.push(part);
}

fn payload(c: &mut C, cx: &Context<'_>, case: &Case) -> Struct {
    announce(c, &case.c_struct, case.size);
    c.header
        .offsets
        .extend(spell::field_offsets(&case.c_struct, &case.fields));
    Struct {
        name: case.c_struct.clone(),
        members: spell::fields(cx.library, &case.fields),
        union: Vec::new(),
    }
}

/// The struct of a list, option or map.
pub(super) fn container(c: &mut C, cx: &mut Context<'_>, ty: &Type) {
    let library = cx.library;
    let list = |element: &str| {
        vec![
            spell::member(format!("GP_PTR({element}) ptr")),
            spell::member("size_t len"),
        ]
    };
    let members = match &ty.shape {
        Shape::Option(inner) => {
            vec![
                spell::member("uint8_t has"),
                spell::member(spell::stored_as(library, *inner, "value")),
            ]
        }
        Shape::List(element) => {
            // A pointer to a struct needs an announcement only, one to an enum the enum.
            if let Shape::Enum(item) = &library.ty(*element).shape {
                enumeration(c, library.ty(*element), item);
            }
            list(&spell::stored(library, *element))
        }
        Shape::Map {
            key,
            value,
            pair_c_name,
            value_offset,
            pair_size,
        } => {
            let pair = vec![
                spell::member(spell::stored_as(library, *key, "key")),
                spell::member(spell::stored_as(library, *value, "value")),
            ];
            let body = Struct {
                name: pair_c_name.clone(),
                members: pair,
                union: Vec::new(),
            };
            announce(c, pair_c_name, *pair_size);
            c.header
                .offsets
                .push(spell::offset(pair_c_name, "value", *value_offset));
            c.late.push(view::Type {
                structs: vec![body],
                brief: true,
                ..view::Type::default()
            });
            list(pair_c_name)
        }
        _ => return,
    };
    let body = Struct {
        name: ty.c_name.clone(),
        members,
        union: Vec::new(),
    };
    announce(c, &body.name, ty.size);
    c.header.types.push(view::Type {
        structs: vec![body],
        brief: true,
        ..view::Type::default()
    });
}

/// Announces what is pointed to before it is defined, and everything else that is no container; a container has its name
/// where it is defined. Containers stand line by line.
pub(super) fn arrange(header: &mut view::Header, library: &Library) {
    let pointed_to = library.types.iter().filter_map(|ty| match &ty.shape {
        Shape::List(element) | Shape::Nullable(element) | Shape::Boxed(element) => {
            Some(library.ty(*element).c_name.as_str())
        }
        Shape::Map { pair_c_name, .. } => Some(pair_c_name.as_str()),
        _ => None,
    });
    let pointed_to: BTreeSet<&str> = pointed_to.collect();
    let mut before = false;
    for part in &mut header.types {
        part.apart = !(before && part.brief);
        before = part.brief;
        part.named_here = part.brief
            && part
                .structs
                .iter()
                .all(|body| !pointed_to.contains(body.name.as_str()));
    }
    let here = header.types.iter().filter(|part| part.named_here);
    let here: BTreeSet<&str> = here
        .flat_map(|part| &part.structs)
        .map(|body| body.name.as_str())
        .collect();
    header
        .announced
        .retain(|name| !here.contains(name.as_str()));
}

/// The struct of several results.
pub(super) fn results(c: &mut C, library: &Library, function: &Function, results: &ResultsStruct) {
    let mut members = Vec::new();
    for (index, (ty, offset)) in function.results.iter().zip(&results.offsets).enumerate() {
        let name = format!("r{index}");
        members.push(spell::member(spell::stored_as(library, *ty, &name)));
        c.header
            .offsets
            .push(spell::offset(&results.c_name, &name, *offset));
    }
    let body = Struct {
        name: results.c_name.clone(),
        members,
        union: Vec::new(),
    };
    push(
        c,
        format!("The results of {}, in order.", function.symbol),
        body,
        results.size,
    );
}

/// A macro.
pub(super) fn constant(c: &mut C, cx: &mut Context<'_>, constant: &Constant) {
    match literals::expression(cx.library, constant.ty, &constant.value) {
        Some(value) => {
            let docs = docs::item(&constant.common);
            c.header.constants.push(view::Constant {
                docs,
                name: constant.c_name.clone(),
                value,
            });
        }
        None => cx.error(
            codes::NO_LITERAL,
            &constant.common,
            format!(
                "the constant `{}` cannot be written in C",
                constant.common.path
            ),
            "constants are numbers, `bool`, enum values, and text or octets below 4096 bytes",
        ),
    }
}

/// Defines a struct, and promises its size.
pub(super) fn push(c: &mut C, docs: String, body: Struct, size: usize) {
    announce(c, &body.name, size);
    c.header.types.push(view::Type {
        docs,
        structs: vec![body],
        ..view::Type::default()
    });
}

fn announce(c: &mut C, name: &str, size: usize) {
    c.names.given(name, "a type", None);
    c.header.announced.push(name.to_owned());
    c.header.sizes.push(Size {
        name: name.to_owned(),
        size,
    });
}
