//! Names inside one item: identifiers, none twice.
//!
//! Names of items against each other are checked where they meet, in the C interface and in the backends.

use std::collections::HashMap;

use super::walk;
use crate::c_names::{field, is_identifier, param};
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::model::{Common, Declaration, Field, Id, Interface, Object, Param, Type};

pub(super) fn check(interface: &Interface<Id>, found: &mut Diagnostics) {
    let mut names = Names { found };
    if !is_identifier(&interface.library.name) {
        let name = &interface.library.name;
        names.found.push(not_an_identifier("crate name", name));
    }
    for declaration in &interface.types {
        names.declaration(declaration);
    }
    for function in walk::functions(interface) {
        names.head(&function.common);
        names.identifier(&function.common, "symbol", &function.symbol);
        names.params(&function.common, &function.params);
    }
    for object in &interface.objects {
        names.head(&object.common);
        names.injected(interface, object);
    }
    for constant in &interface.constants {
        names.head(&constant.common);
    }
    for item in &interface.traits {
        for function in &item.functions {
            names.head(&function.common);
            names.params(&function.common, &function.params);
        }
        for event in &item.events {
            names.head(&event.common);
            names.params(&event.common, &event.params);
        }
    }
}

fn not_an_identifier(what: &str, name: &str) -> Diagnostic {
    let message = format!(
        "the {what} `{}` is not a name in every language",
        name.escape_debug()
    );
    Diagnostic::new(codes::NOT_AN_IDENTIFIER, message)
        .help("use ASCII letters, digits and underscores, starting with a letter; `#[gangplank(name = \"…\")]` gives an item another name")
}

struct Names<'a> {
    found: &'a mut Diagnostics,
}

impl Names<'_> {
    /// An item's own names.
    fn head(&mut self, item: &Common) {
        self.identifier(item, "name", &item.name);
        for segment in item
            .path
            .split("::")
            .filter(|segment| *segment != item.name)
        {
            self.identifier(item, "path segment", segment);
        }
    }

    fn identifier(&mut self, item: &Common, what: &str, name: &str) {
        if !is_identifier(name.strip_prefix("r#").unwrap_or(name)) {
            self.found
                .push(not_an_identifier(what, name).label(item, "declared here"));
        }
    }

    fn declaration(&mut self, declaration: &Declaration<Id>) {
        let common = declaration.common();
        self.head(common);
        match declaration {
            Declaration::Record(record) => self.fields(common, &record.fields, false),
            Declaration::Enum(item) => {
                let values = || item.values.iter();
                values().for_each(|value| self.identifier(common, "value", &value.name));
                self.twice(
                    common,
                    "values",
                    codes::NAME_TWICE,
                    values().map(|value| value.name.clone()),
                );
                self.twice(
                    common,
                    "values with the number",
                    codes::NAME_TWICE,
                    values().map(|value| value.value.to_string()),
                );
                self.wires(common, "values", values().map(|value| value.wire.clone()));
            }
            Declaration::Variant(variant) => {
                let cases = || variant.cases.iter();
                cases().for_each(|case| self.identifier(common, "case", &case.name));
                self.twice(
                    common,
                    "cases",
                    codes::NAME_TWICE,
                    cases().map(|case| case.name.clone()),
                );
                self.wires(common, "cases", cases().map(|case| case.wire.clone()));
                cases().for_each(|case| self.fields(common, &case.fields, case.positional));
            }
        }
    }

    fn fields(&mut self, item: &Common, fields: &[Field<Id>], positional: bool) {
        for (at, field) in fields.iter().enumerate() {
            if !positional || field.name != at.to_string() {
                self.identifier(item, "field", &field.name);
            }
        }
        self.twice(
            item,
            "fields",
            codes::NAME_TWICE,
            fields.iter().map(|item| field(&item.name)),
        );
        self.wires(
            item,
            "fields",
            fields.iter().map(|field| field.wire.clone()),
        );
    }

    fn params(&mut self, item: &Common, params: &[Param<Id>]) {
        for param in params {
            self.identifier(item, "parameter", &param.name);
        }
        self.twice(
            item,
            "parameters",
            codes::NAME_TWICE,
            params.iter().map(|item| param(&item.name)),
        );
        let crossing = params.iter().filter(|param| !param.ty.is_injected());
        self.wires(item, "parameters", crossing.map(|param| param.wire.clone()));
    }

    /// An object's host functions and events are found by wire name alone.
    fn injected(&mut self, interface: &Interface<Id>, object: &Object<Id>) {
        let mut functions = Vec::new();
        let mut events = Vec::new();
        for ty in &object.injected {
            if let Type::Host(id) | Type::Events(id) = ty
                && let Some(item) = interface.traits.get(id.0)
            {
                functions.extend(item.functions.iter().map(|function| function.wire.clone()));
                events.extend(item.events.iter().map(|event| event.wire.clone()));
            }
        }
        self.wires(&object.common, "host functions", functions.into_iter());
        self.wires(&object.common, "events", events.into_iter());
    }

    fn wires(&mut self, item: &Common, what: &str, names: impl Iterator<Item = String>) {
        let what = format!("{what} with the wire name");
        self.twice(item, &what, codes::WIRE_NAME_TWICE, names);
    }

    fn twice(
        &mut self,
        item: &Common,
        what: &str,
        code: &'static str,
        names: impl Iterator<Item = String>,
    ) {
        let mut seen: HashMap<String, usize> = HashMap::new();
        for name in names {
            let times = seen.entry(name.clone()).or_default();
            *times += 1;
            if *times == 2 {
                let message = format!("`{}` has two {what} `{}`", item.path, name.escape_debug());
                let help = match (&item.proto, code) {
                    (Some(_), _) => "rename one",
                    (None, codes::WIRE_NAME_TWICE) => {
                        "rename one, or give it another name with `#[gangplank(wire = \"…\")]`"
                    }
                    (None, _) => {
                        "rename one, or give it another name with `#[gangplank(name = \"…\")]`"
                    }
                };
                self.found.push(
                    Diagnostic::new(code, message)
                        .label(item, "declared here")
                        .help(help),
                );
            }
        }
    }
}
