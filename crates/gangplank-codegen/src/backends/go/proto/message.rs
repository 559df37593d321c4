//! Messages with the names of their parts.
//!
//! Comes in: records, and the parameters and results of rpcs. Goes out: one form for all of them, so that the request of
//! an rpc, which exists as a parameter list only, is written and read by the same code as any message.

use std::collections::BTreeMap;

use gangplank_model::lowered::{
    Field, Function, Library, Literal, Occurs, ProtoField, Record, Shape, TypeId,
};

use super::{Idl, names};

/// A message in Go.
#[derive(Clone, Debug)]
pub(crate) struct Message<'a> {
    /// Name of the struct.
    pub(crate) name: String,
    /// What stands before a field's name where somebody is told of it: `Order.`, of an rpc `Calc.div: `.
    pub(super) said: String,
    /// Fields in order.
    pub(crate) parts: Vec<Part<'a>>,
}

/// A field of a message, a parameter or a result.
#[derive(Clone, Debug)]
pub(crate) struct Part<'a> {
    /// As the interface calls it.
    pub(crate) name: &'a str,
    /// Name of the field in the struct.
    pub(crate) go: String,
    pub(crate) ty: TypeId,
    pub(crate) form: ProtoField,
    pub(super) docs: &'a str,
    pub(super) deprecated: Option<&'a str>,
    pub(super) default: Option<&'a Literal>,
}

/// The Go names of a oneof.
#[derive(Clone, Debug)]
pub(super) struct Oneof {
    /// `isOrder_Kind`.
    pub(super) interface: String,
    /// `OrderKind`, of a oneof that stands in the signature of an rpc.
    pub(super) exported: Option<String>,
    pub(super) cases: Vec<OneofCase>,
}

/// One of its members.
#[derive(Clone, Debug)]
pub(super) struct OneofCase {
    /// `Order_Named`.
    pub(super) wrapper: String,
    /// `Named`.
    pub(super) field: String,
}

/// The fields of a record.
pub(super) fn record<'a>(library: &'a Library, record: &'a Record) -> Message<'a> {
    let parts = record.fields.iter().map(part).collect();
    let (parts, _) = named(library, parts);
    Message {
        said: format!("{}.", names::item(&record.common)),
        name: names::item(&record.common),
        parts,
    }
}

fn part(field: &Field) -> Part<'_> {
    Part {
        name: &field.name,
        go: String::new(),
        ty: field.ty,
        form: form(field.proto),
        docs: &field.docs,
        deprecated: field.deprecated.as_deref(),
        default: field.default.as_ref(),
    }
}

/// Interfaces from `.proto` files have forms everywhere; a part without one would be left out.
fn form(form: Option<ProtoField>) -> ProtoField {
    form.unwrap_or(ProtoField {
        number: 0,
        occurs: Occurs::Whole,
        encoding: Default::default(),
        key_encoding: Default::default(),
    })
}

/// The parameters of an rpc.
pub(super) fn request<'a>(idl: &Idl<'a>, function: &'a Function) -> Message<'a> {
    let (parts, _) = named(idl.library, params(function));
    Message {
        name: idl.own(&format!("request_{}", idl.rpc(function))),
        said: said(function),
        parts,
    }
}

/// The results of an rpc.
pub(super) fn response<'a>(idl: &Idl<'a>, function: &'a Function) -> Message<'a> {
    let (parts, _) = named(idl.library, results(function));
    Message {
        name: idl.own(&format!("response_{}", idl.rpc(function))),
        said: said(function),
        parts,
    }
}

fn said(function: &Function) -> String {
    format!("{}: ", function.common.local_path().replace("::", "."))
}

fn params(function: &Function) -> Vec<Part<'_>> {
    let part = |param: &'_ gangplank_model::lowered::Param| (param.ty, param.proto);
    function
        .params
        .iter()
        .map(|param| Part {
            name: &param.name,
            go: String::new(),
            ty: part(param).0,
            form: form(part(param).1),
            docs: &param.docs,
            deprecated: None,
            default: param.default.as_ref(),
        })
        .collect()
}

fn results(function: &Function) -> Vec<Part<'_>> {
    let forms = function.proto.iter().flat_map(|proto| &proto.results);
    let parts = function.results.iter().zip(forms);
    parts
        .map(|(ty, result)| Part {
            name: &result.name,
            go: String::new(),
            ty: *ty,
            form: result.field,
            docs: &result.docs,
            deprecated: None,
            default: None,
        })
        .collect()
}

/// Gives the parts their names, and the members of each oneof among them theirs.
fn named<'a>(library: &Library, parts: Vec<Part<'a>>) -> (Vec<Part<'a>>, Vec<(TypeId, Oneof)>) {
    let mut members = names::Members::new();
    let mut oneofs = Vec::new();
    let mut named = Vec::new();
    for mut part in parts {
        let Some((id, variant)) = variant(library, part.ty) else {
            part.go = members.field(part.name);
            named.push(part);
            continue;
        };
        let parent = names::parent(&variant.common);
        let mut cases = Vec::new();
        for (index, case) in variant.cases.iter().enumerate() {
            let field = members.field(&case.name);
            if index == 0 {
                part.go = members.oneof(part.name);
            }
            cases.push(OneofCase {
                wrapper: names::wrapper(library, &parent, &field),
                field,
            });
        }
        let interface = format!("is{parent}_{}", part.go);
        let oneof = Oneof {
            interface,
            exported: None,
            cases,
        };
        oneofs.push((id, oneof));
        named.push(part);
    }
    (named, oneofs)
}

/// The variant of a oneof.
fn variant(library: &Library, ty: TypeId) -> Option<(TypeId, &gangplank_model::lowered::Variant)> {
    match &library.ty(ty).shape {
        Shape::Variant(variant) => Some((ty, variant)),
        Shape::Option(inner) => variant(library, *inner),
        _ => None,
    }
}

/// The names of all oneofs. The fields beside a oneof have a say in them, so they come from its message.
pub(super) fn oneofs(library: &Library) -> BTreeMap<TypeId, Oneof> {
    let mut all = BTreeMap::new();
    for ty in &library.types {
        if let Shape::Record(record) = &ty.shape {
            all.extend(named(library, record.fields.iter().map(part).collect()).1);
        }
    }
    for function in &library.functions {
        for parts in [params(function), results(function)] {
            for (id, oneof) in named(library, parts).1 {
                let exported = names::choice(library, &oneof.interface);
                all.entry(id).or_insert(oneof).exported = Some(exported);
            }
        }
    }
    all
}
