//! What the templates see.

use gangplank_model::lowered::{self, Common, Library};
use serde::Serialize;

use super::{names, spell};
use crate::prose;

/// A file.
#[derive(Default, Serialize)]
pub(super) struct View {
    /// The guest's module in its crate.
    pub(super) module: String,
    /// The runtime and the module that a host opens, as literals.
    pub(super) runtime: String,
    pub(super) opened: String,
    /// What the paths of its items start with.
    pub(super) package: String,
    pub(super) docs: String,
    pub(super) records: Vec<Record>,
    pub(super) enums: Vec<Enumeration>,
    pub(super) variants: Vec<Variant>,
    pub(super) services: Vec<Service>,
}

#[derive(Serialize)]
pub(super) struct Record {
    pub(super) name: String,
    docs: String,
    item: String,
    pub(super) fields: Vec<Field>,
}

#[derive(Serialize)]
pub(super) struct Field {
    pub(super) name: String,
    docs: String,
    ty: String,
}

#[derive(Serialize)]
pub(super) struct Enumeration {
    pub(super) name: String,
    docs: String,
    item: String,
    values: Vec<Value>,
}

#[derive(Serialize)]
struct Value {
    name: String,
    docs: String,
    number: i32,
}

#[derive(Serialize)]
pub(super) struct Variant {
    pub(super) name: String,
    docs: String,
    item: String,
    pub(super) cases: Vec<Field>,
}

#[derive(Serialize)]
pub(super) struct Service {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) functions: Vec<Function>,
}

#[derive(Serialize)]
pub(super) struct Function {
    pub(super) name: String,
    docs: String,
    deprecated: bool,
    /// `Calc.div`.
    full_name: String,
    item: String,
    pub(super) params: Vec<Field>,
    results: String,
    /// All parameters as one value, and its type.
    tuple: String,
    params_type: String,
    /// The function of the crate `gangplank-host` that calls it.
    call: &'static str,
    /// What holds it in the host's struct.
    member: String,
    depends: Vec<Depends>,
}

#[derive(Serialize)]
struct Depends {
    path: String,
    hash: String,
    abi_hash: String,
    shape: String,
}

/// Docs with a word about what should not be used any more.
fn docs(docs: &str, deprecated: bool, otherwise: &str) -> String {
    let docs = match docs.is_empty() {
        true => otherwise,
        false => docs,
    };
    match deprecated {
        true => format!("{}\n\nDeprecated.", docs.trim_end()),
        false => docs.to_owned(),
    }
}

fn item_docs(common: &Common) -> String {
    let name = common
        .proto
        .as_ref()
        .map_or("", |proto| proto.full_name.as_str());
    docs(
        &common.docs,
        common.deprecated.is_some(),
        &format!("`{name}`."),
    )
}

/// A function's docs, with a list of its parameters and one of its results.
fn function_docs(function: &lowered::Function) -> String {
    let params = prose::params(function, |param| names::value(&param.name));
    let parts = [
        item_docs(&function.common),
        prose::list("# Parameters", &params),
        prose::list("# Results", &prose::results(function)),
    ];
    let parts: Vec<_> = parts.iter().map(|part| part.trim_end()).collect();
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n\n")
}

fn field(library: &Library, field: &lowered::Field) -> Field {
    let otherwise = format!("The field `{}`.", field.name);
    Field {
        name: names::value(&field.name),
        docs: docs(&field.docs, field.deprecated.is_some(), &otherwise),
        ty: spell::ty(library, field.ty),
    }
}

pub(super) fn record(library: &Library, record: &lowered::Record) -> Record {
    Record {
        name: names::ty(&record.common),
        docs: item_docs(&record.common),
        item: spell::bytes(&record.common.item),
        fields: record
            .fields
            .iter()
            .map(|one| field(library, one))
            .collect(),
    }
}

pub(super) fn enumeration(item: &lowered::Enum) -> Enumeration {
    let values = item.values.iter().chain(&item.aliases);
    let value = |value: &lowered::EnumValue| Value {
        name: names::constant(&value.name),
        docs: docs(
            &value.docs,
            value.deprecated.is_some(),
            &format!("`{}`.", value.name),
        ),
        number: value.value,
    };
    Enumeration {
        name: names::ty(&item.common),
        docs: item_docs(&item.common),
        item: spell::bytes(&item.common.item),
        values: values.map(value).collect(),
    }
}

pub(super) fn variant(library: &Library, variant: &lowered::Variant) -> Variant {
    let case = |case: &lowered::Case| Field {
        name: names::case(&case.name),
        docs: docs(
            &case.docs,
            case.deprecated.is_some(),
            &format!("The member `{}`.", case.name),
        ),
        ty: case
            .fields
            .first()
            .map_or_else(|| "()".to_owned(), |field| spell::ty(library, field.ty)),
    };
    Variant {
        name: names::ty(&variant.common),
        docs: item_docs(&variant.common),
        item: spell::bytes(&variant.common.item),
        cases: variant.cases.iter().map(case).collect(),
    }
}

pub(super) fn service(library: &Library, function: &lowered::Function) -> Service {
    let path = function.common.local_path();
    let service = path.rsplit_once("::").map_or("", |(service, _)| service);
    Service {
        name: names::service(&function.common),
        docs: prose::service(library, service).to_owned(),
        functions: Vec::new(),
    }
}

pub(super) fn function(library: &Library, function: &lowered::Function) -> Function {
    let common = &function.common;
    let param = |param: &lowered::Param| Field {
        name: names::value(&param.name),
        docs: String::new(),
        ty: spell::ty(library, param.ty),
    };
    let params: Vec<Field> = function.params.iter().map(param).collect();
    let all: Vec<&str> = params.iter().map(|param| param.name.as_str()).collect();
    let depends = function.depends.iter().map(|item| Depends {
        path: item.path.clone(),
        hash: format!("{:#018x}", item.hash),
        abi_hash: format!("{:#018x}", item.abi_hash),
        shape: item.shape_text.escape_default().to_string(),
    });
    Function {
        name: names::value(&common.name),
        docs: function_docs(function),
        deprecated: common.deprecated.is_some(),
        full_name: common.local_path().replace("::", "."),
        item: spell::bytes(&common.item),
        results: spell::results(library, &function.results),
        tuple: match all.as_slice() {
            [one] => (*one).to_owned(),
            all => format!("({})", all.join(", ")),
        },
        params_type: spell::results(
            library,
            &function
                .params
                .iter()
                .map(|param| param.ty)
                .collect::<Vec<_>>(),
        ),
        call: match function.ret {
            lowered::Return::Scalar(_) => "call_scalar_within",
            lowered::Return::Out => "call_within",
        },
        member: names::member(&common.name),
        depends: depends.collect(),
        params,
    }
}
