//! What the rpcs of an interface want of the user's functions.
//!
//! Comes in: the lowered library, and the tags of its rpcs. Goes out: modules with wanted functions, in Go's names.

use std::collections::BTreeMap;

use gangplank_model::Diagnostics;
use gangplank_model::diagnostics::Place;
use gangplank_model::lowered::{Function, Shape as Lowered, TypeId};

use super::super::{Idl, Message, spell};
use crate::backend::no_streams;
use crate::compile::wanted::{Module, Shape, Value, Wanted};
use crate::proto::{Tag, Tags};

/// The modules behind the rpcs, in order of their first rpc.
pub(crate) fn modules(
    idl: &Idl<'_>,
    tags: &BTreeMap<String, Tags>,
    messages: Option<&str>,
) -> Result<Vec<Module>, Diagnostics> {
    let mut modules: Vec<Module> = Vec::new();
    let mut found = Diagnostics::default();
    let none = Tags::default();
    for function in &idl.library.functions {
        let tags = tags.get(&function.common.path).unwrap_or(&none);
        if let Some(fault) = no_streams(idl.library, function, "guests in Go") {
            found.push(fault);
            continue;
        }
        let text = |tag: &Option<Tag>| tag.as_ref().map(|tag| tag.value.clone());
        let module = text(&tags.module).unwrap_or_default();
        let package = text(&tags.package);
        let same = |known: &&mut Module| known.module == module && known.package == package;
        let wanted = wanted(idl, function, text(&tags.function));
        match modules.iter_mut().find(same) {
            Some(known) => known.functions.push(wanted),
            None => modules.push(Module {
                module,
                said: match tags.module.as_ref().or(tags.package.as_ref()) {
                    Some(tag) => tag.location.clone(),
                    None => wanted.location.clone(),
                },
                package,
                messages: messages.map(str::to_owned),
                declared: idl.declarations(),
                functions: vec![wanted],
            }),
        }
    }
    found.into_result(modules)
}

fn wanted(idl: &Idl<'_>, function: &Function, named: Option<String>) -> Wanted {
    let values = |message: Message<'_>| {
        let parts = message.parts.iter();
        let value = |part: &super::super::Part<'_>| Value {
            name: part.name.to_owned(),
            shape: shape(idl, part.ty),
        };
        parts.map(value).collect()
    };
    Wanted {
        path: function.common.path.clone(),
        rpc: function.common.name.clone(),
        function: named.filter(|name| !name.is_empty()),
        location: function.common.location(),
        params: values(idl.request(function)),
        results: values(idl.response(function)),
    }
}

/// A type as the search for functions sees it.
fn shape(idl: &Idl<'_>, ty: TypeId) -> Shape {
    let boxed = |ty| Box::new(shape(idl, ty));
    let name = || spell::declared(idl, ty).unwrap_or_default();
    match &idl.library.ty(ty).shape {
        Lowered::Scalar(scalar) => number(*scalar),
        Lowered::Bool => Shape::Bool,
        Lowered::String => Shape::String,
        Lowered::Bytes => Shape::Bytes,
        Lowered::Timestamp => Shape::Timestamp,
        Lowered::Duration => Shape::Duration,
        Lowered::Enum(_) => Shape::Enum(name()),
        Lowered::Variant(_) => Shape::Variant(name()),
        Lowered::Record(_) => Shape::Record(name()),
        Lowered::List(inner) => Shape::List(boxed(*inner)),
        Lowered::Option(inner) | Lowered::Nullable(inner) => Shape::Option(boxed(*inner)),
        Lowered::Boxed(inner) => shape(idl, *inner),
        Lowered::Map { key, value, .. } => Shape::Map(boxed(*key), boxed(*value)),
        Lowered::Stream(inner) => Shape::Stream(boxed(*inner)),
        Lowered::Object(_) => Shape::Int {
            bits: 64,
            signed: false,
        },
    }
}

fn number(scalar: gangplank_model::lowered::Scalar) -> Shape {
    use gangplank_model::lowered::Scalar::{F32, F64, I8, I16, I32, I64, U8, U16, U32, U64};
    let int = |bits, signed| Shape::Int { bits, signed };
    match scalar {
        F32 => Shape::F32,
        F64 => Shape::F64,
        I8 => int(8, true),
        I16 => int(16, true),
        I32 => int(32, true),
        I64 => int(64, true),
        U8 => int(8, false),
        U16 => int(16, false),
        U32 => int(32, false),
        U64 => int(64, false),
    }
}
