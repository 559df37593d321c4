//! What the template has holes for, already spelled.

use gangplank_codegen::backend::Owner;
use gangplank_model::lowered::{
    Constant, Enum, Event, Field, Function, HostFunction, Library, Mode, Object, Param, Record,
    Variant,
};
use serde::Serialize;

use super::{names, spell};

/// The whole file.
#[derive(Default, Serialize)]
pub(super) struct View {
    pub(super) library: String,
    pub(super) docs: String,
    pub(super) types: Vec<Declared>,
    pub(super) constants: Vec<Line>,
    pub(super) functions: Vec<Line>,
    pub(super) objects: Vec<ObjectView>,
}

/// A type and what it consists of.
#[derive(Serialize)]
pub(super) struct Declared {
    kind: &'static str,
    pub(super) name: String,
    docs: String,
    members: Vec<Line>,
}

/// One line: `wait (seconds: f64) gives nothing`.
#[derive(Clone, Serialize)]
pub(super) struct Line {
    pub(super) name: String,
    docs: String,
    /// What stands behind the name.
    text: String,
}

#[derive(Serialize)]
pub(super) struct ObjectView {
    pub(super) name: String,
    docs: String,
    pub(super) members: Vec<Line>,
}

fn line(name: &str, docs: &str, text: String) -> Line {
    Line {
        name: names::member(name),
        docs: docs.to_owned(),
        text,
    }
}

fn field(library: &Library, field: &Field) -> Line {
    line(
        &field.name,
        &field.docs,
        format!(": {}", spell::ty(library, field.ty)),
    )
}

fn params(library: &Library, params: &[Param]) -> String {
    let each = params.iter().map(|param| {
        let name = names::member(&param.name);
        format!("{name}: {}", spell::ty(library, param.ty))
    });
    format!("({})", each.collect::<Vec<_>>().join(", "))
}

pub(super) fn record(library: &Library, record: &Record) -> Declared {
    Declared {
        kind: "record",
        name: names::item(&record.common),
        docs: record.common.docs.clone(),
        members: record
            .fields
            .iter()
            .map(|one| field(library, one))
            .collect(),
    }
}

pub(super) fn enumeration(enumeration: &Enum) -> Declared {
    let values = enumeration.values.iter();
    Declared {
        kind: "enum",
        name: names::item(&enumeration.common),
        docs: enumeration.common.docs.clone(),
        members: values
            .map(|value| line(&value.name, &value.docs, format!(" = {}", value.value)))
            .collect(),
    }
}

pub(super) fn variant(library: &Library, variant: &Variant, kind: &'static str) -> Declared {
    let cases = variant.cases.iter().map(|case| {
        let fields = case.fields.iter().map(|field| spell::ty(library, field.ty));
        let fields: Vec<String> = fields.collect();
        let of = match fields.is_empty() {
            true => String::new(),
            false => format!(" of {}", fields.join(" and ")),
        };
        line(&case.name, &case.docs, of)
    });
    Declared {
        kind,
        name: names::item(&variant.common),
        docs: variant.common.docs.clone(),
        members: cases.collect(),
    }
}

pub(super) fn constant(library: &Library, constant: &Constant) -> Line {
    let text = format!(
        ": {} = {:?}",
        spell::ty(library, constant.ty),
        constant.value
    );
    Line {
        name: names::item(&constant.common),
        ..line("", &constant.common.docs, text)
    }
}

pub(super) fn object(object: &Object) -> ObjectView {
    ObjectView {
        name: names::item(&object.common),
        docs: object.common.docs.clone(),
        members: Vec::new(),
    }
}

pub(super) fn function(library: &Library, owner: Owner<'_>, function: &Function) -> Line {
    let later = match function.mode {
        Mode::Sync => "",
        Mode::Async => ", later",
    };
    let text = format!(
        " {} gives {}{later}",
        params(library, &function.params),
        spell::results(library, &function.results)
    );
    match owner {
        Owner::Library => Line {
            name: names::item(&function.common),
            ..line("", &function.common.docs, text)
        },
        Owner::Constructor(_) | Owner::Method(_) => {
            line(&function.common.name, &function.common.docs, text)
        }
    }
}

pub(super) fn host_function(library: &Library, function: &HostFunction) -> Line {
    let result: Vec<_> = function.result.into_iter().collect();
    let text = format!(
        " {} asks the host for {}",
        params(library, &function.params),
        spell::results(library, &result)
    );
    line(&function.common.name, &function.common.docs, text)
}

pub(super) fn event(library: &Library, event: &Event) -> Line {
    let text = format!(" {} tells listeners", params(library, &event.params));
    line(&event.common.name, &event.common.docs, text)
}
