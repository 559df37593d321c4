//! Names inside one item: identifiers, none twice.
//!
//! Names of items against each other are checked where they meet, in the C interface and in the backends.

use std::collections::HashMap;

use super::walk;
use crate::c_names::{field, is_identifier, param};
use crate::diagnostics::{Diagnostic, Diagnostics, Named, another_name, codes};
use crate::model::{
    Common, Declaration, Event, Field, HostFunction, Id, Interface, Object, Param, Type,
};

pub(super) fn check(interface: &Interface<Id>, found: &mut Diagnostics) {
    let mut names = Names { found };
    if !is_identifier(&interface.library.name) {
        let name = &interface.library.name;
        names
            .found
            .push(not_an_identifier(None, "crate name", name));
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

/// `item` is nothing for the library's own name.
fn not_an_identifier(item: Option<&Common>, what: &str, name: &str) -> Diagnostic {
    let message = format!(
        "the {what} `{}` is not a name in every language",
        name.escape_debug()
    );
    let fault = Diagnostic::new(codes::NOT_AN_IDENTIFIER, message);
    let letters = "use ASCII letters, digits and underscores, starting with a letter";
    let Some(item) = item else {
        return fault.help(letters);
    };
    let help = match item.proto {
        Some(_) => format!("rename it in the definition: {letters}"),
        None => format!("{letters}; `#[gangplank(name = \"…\")]` gives another name"),
    };
    fault.label(item, "declared here").help(help)
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
            self.found.push(not_an_identifier(Some(item), what, name));
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
                let names = values().map(|value| (&value.name, value.name.clone()));
                self.twice(common, "values", Shared::Name, names);
                let numbers = values().map(|value| (&value.name, value.value.to_string()));
                self.twice(common, "values", Shared::Number, numbers);
                let wires = values().map(|value| (&value.name, value.wire.clone()));
                self.twice(common, "values", Shared::Wire, wires);
            }
            Declaration::Variant(variant) => {
                let cases = || variant.cases.iter();
                cases().for_each(|case| self.identifier(common, "case", &case.name));
                let names = cases().map(|case| (&case.name, case.name.clone()));
                self.twice(common, "cases", Shared::Name, names);
                let wires = cases().map(|case| (&case.name, case.wire.clone()));
                self.twice(common, "cases", Shared::Wire, wires);
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
        let names = fields.iter().map(|item| (&item.name, field(&item.name)));
        self.twice(item, "fields", Shared::Name, names);
        let wires = fields.iter().map(|field| (&field.name, field.wire.clone()));
        self.twice(item, "fields", Shared::Wire, wires);
    }

    fn params(&mut self, item: &Common, params: &[Param<Id>]) {
        for param in params {
            self.identifier(item, "parameter", &param.name);
        }
        let names = params.iter().map(|item| (&item.name, param(&item.name)));
        self.twice(item, "parameters", Shared::Name, names);
        let crossing = params.iter().filter(|param| !param.ty.is_injected());
        let wires = crossing.map(|param| (&param.name, param.wire.clone()));
        self.twice(item, "parameters", Shared::Wire, wires);
    }

    /// An object's host functions and events are found by wire name alone.
    fn injected<'a>(&mut self, interface: &'a Interface<Id>, object: &Object<Id>) {
        let mut functions = Vec::new();
        let mut events = Vec::new();
        for ty in &object.injected {
            if let Type::Host(id) | Type::Events(id) = ty
                && let Some(item) = interface.traits.get(id.0)
            {
                let named =
                    |function: &'a HostFunction<Id>| (&function.common.name, function.wire.clone());
                functions.extend(item.functions.iter().map(named));
                let named = |event: &'a Event<Id>| (&event.common.name, event.wire.clone());
                events.extend(item.events.iter().map(named));
            }
        }
        let functions = functions.into_iter();
        self.twice(&object.common, "host functions", Shared::Wire, functions);
        self.twice(&object.common, "events", Shared::Wire, events.into_iter());
    }

    /// Reports each text that two of `parts` have, which are the exposed name and the text of each.
    fn twice<'p>(
        &mut self,
        item: &Common,
        kind: &str,
        shared: Shared,
        parts: impl Iterator<Item = (&'p String, String)>,
    ) {
        let mut seen: HashMap<String, (&String, usize)> = HashMap::new();
        for (name, text) in parts {
            let (first, times) = seen.entry(text.clone()).or_insert((name, 0));
            *times += 1;
            if *times == 2 {
                let message = shared.message(item, kind, [first, name], &text);
                self.found.push(
                    Diagnostic::new(shared.code(), message)
                        .label(item, "declared here")
                        .help(shared.help(item)),
                );
            }
        }
    }
}

/// What two parts of an item have in common, which may be only one's.
#[derive(Clone, Copy)]
enum Shared {
    /// The name as C has it.
    Name,
    /// The name in CBOR, JSON and the descriptor.
    Wire,
    /// The number of a value.
    Number,
}

impl Shared {
    fn code(self) -> &'static str {
        match self {
            Self::Name | Self::Number => codes::NAME_TWICE,
            Self::Wire => codes::WIRE_NAME_TWICE,
        }
    }

    fn message(self, item: &Common, kind: &str, [first, second]: [&str; 2], text: &str) -> String {
        let (path, text) = (&item.path, text.escape_debug());
        let both = format!(
            "the {kind} `{}` and `{}` of `{path}`",
            first.escape_debug(),
            second.escape_debug()
        );
        match self {
            Self::Name if first == second => format!("`{path}` has two {kind} `{text}`"),
            Self::Name => format!("{both} are both `{text}`"),
            Self::Wire => format!("{both} have one wire name, `{text}`"),
            Self::Number => format!("{both} have one number, `{text}`"),
        }
    }

    fn help(self, item: &Common) -> &'static str {
        match self {
            Self::Number => "give one of them another number",
            Self::Wire if item.proto.is_none() => {
                "rename one, or give it another wire name with `#[gangplank(wire = \"…\")]`"
            }
            Self::Wire | Self::Name => another_name(Named::Part, item.proto.is_some()),
        }
    }
}
