//! The names of the C interface: each of them once.
//!
//! C has one name space for functions, types, constants and macros, so all that the header of a library will declare is
//! put beside each other here: symbols, types and containers, tags, and what the runtime exports.

use std::collections::HashMap;

use gangplank_descriptor::RUNTIME_EXPORTS;

use crate::diagnostics::{Diagnostic, Diagnostics, Named, another_name, codes};
use crate::lowered::{Common, Function, Library, Record, Shape, Type, Variant};

pub(super) fn check(library: &Library, found: &mut Diagnostics) {
    let mut names = Names {
        taken: HashMap::new(),
        found,
    };
    for export in RUNTIME_EXPORTS {
        names.add(
            format!("{}_{export}", library.prefix),
            Owner::toolkit("a function of every library"),
        );
    }
    for object in &library.objects {
        names.add(object.c_name.clone(), Owner::item("object", &object.common));
        for suffix in ["close", "release"] {
            let name = format!("{}_{suffix}", object.c_name);
            names.add(
                name,
                Owner::part(
                    format!("the function that ends `{}`", object.common.name),
                    &object.common,
                ),
            );
        }
        object
            .constructors
            .iter()
            .for_each(|function| names.function(function));
        object
            .methods
            .iter()
            .for_each(|function| names.function(function));
        for function in &object.host_functions {
            let what = format!("the request of `{}`", function.wire);
            names.add(
                function.request.c_name.clone(),
                Owner::part(what, &function.common),
            );
        }
        for event in &object.events {
            let what = format!("the payload of `{}`", event.wire);
            names.add(
                event.payload.c_name.clone(),
                Owner::part(what, &event.common),
            );
        }
    }
    library
        .functions
        .iter()
        .for_each(|function| names.function(function));
    library.types.iter().for_each(|ty| names.ty(ty));
    for constant in &library.constants {
        names.add(
            constant.c_name.clone(),
            Owner::item("constant", &constant.common),
        );
    }
}

/// Who wants a name.
#[derive(Clone)]
struct Owner<'a> {
    what: String,
    item: Option<&'a Common>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Exported by the library.
    Symbol,
    /// Declared by the author under this very name.
    Declared,
    /// Derived from something else.
    Derived,
}

impl<'a> Owner<'a> {
    fn toolkit(what: &str) -> Self {
        Owner {
            what: what.to_owned(),
            item: None,
            kind: Kind::Symbol,
        }
    }

    fn item(kind: &str, item: &'a Common) -> Self {
        Owner {
            what: format!("the {kind} `{}`", item.path),
            item: Some(item),
            kind: Kind::Declared,
        }
    }

    fn symbol(what: String, item: &'a Common) -> Self {
        Owner {
            what,
            item: Some(item),
            kind: Kind::Symbol,
        }
    }

    fn part(what: String, item: &'a Common) -> Self {
        Owner {
            what,
            item: Some(item),
            kind: Kind::Derived,
        }
    }
}

struct Names<'a, 'b> {
    taken: HashMap<String, Owner<'a>>,
    found: &'b mut Diagnostics,
}

impl<'a> Names<'a, '_> {
    fn add(&mut self, name: String, owner: Owner<'a>) {
        let Some(first) = self.taken.get(&name) else {
            self.taken.insert(name, owner);
            return;
        };
        let diagnostic = coincidence(&name, first, &owner);
        self.found.push(diagnostic);
    }

    /// What belongs to a symbol that is taken would only repeat the finding.
    fn function(&mut self, function: &'a Function) {
        let common = &function.common;
        let taken = self.taken.contains_key(&function.symbol);
        let owner = Owner::symbol(format!("the function `{}`", common.path), common);
        self.add(function.symbol.clone(), owner);
        if taken {
            return;
        }
        let owner = Owner::symbol(format!("the entry of `{}`", common.path), common);
        self.add(function.entry_symbol.clone(), owner);
        if let Some(results) = &function.results_struct {
            let owner = Owner::part(format!("the results of `{}`", common.path), common);
            self.add(results.c_name.clone(), owner);
        }
    }

    fn ty(&mut self, ty: &'a Type) {
        let container = |what: &str| Owner {
            what: format!("the {what} type"),
            item: None,
            kind: Kind::Derived,
        };
        match &ty.shape {
            Shape::Record(record) => self.record(&ty.c_name, record),
            Shape::Variant(variant) => self.variant(&ty.c_name, variant),
            Shape::Enum(item) => {
                self.add(ty.c_name.clone(), Owner::item("enum", &item.common));
                for value in item.values.iter().chain(&item.aliases) {
                    let what = format!("the value `{}` of `{}`", value.name, item.common.path);
                    self.add(value.c_name.clone(), Owner::part(what, &item.common));
                }
            }
            Shape::List(_) => self.add(ty.c_name.clone(), container("list")),
            Shape::Option(_) => self.add(ty.c_name.clone(), container("option")),
            Shape::Map { pair_c_name, .. } => {
                self.add(ty.c_name.clone(), container("map"));
                self.add(pair_c_name.clone(), container("pair"));
            }
            Shape::Scalar(_)
            | Shape::Bool
            | Shape::String
            | Shape::Bytes
            | Shape::Timestamp
            | Shape::Duration
            | Shape::Nullable(_)
            | Shape::Boxed(_)
            | Shape::Object(_)
            | Shape::Stream(_) => {}
        }
    }

    fn record(&mut self, c_name: &str, record: &'a Record) {
        self.add(c_name.to_owned(), Owner::item("record", &record.common));
        if let Some(default) = &record.default_c_name {
            let what = format!("the default of `{}`", record.common.path);
            self.add(default.clone(), Owner::part(what, &record.common));
        }
    }

    fn variant(&mut self, c_name: &str, variant: &'a Variant) {
        let common = &variant.common;
        let kind = if variant.is_error { "error" } else { "variant" };
        self.add(c_name.to_owned(), Owner::item(kind, common));
        for case in &variant.cases {
            let what = || format!("the case `{}` of `{}`", case.name, common.path);
            self.add(case.c_tag.clone(), Owner::part(what(), common));
            if !case.fields.is_empty() {
                self.add(case.c_struct.clone(), Owner::part(what(), common));
            }
        }
        self.members(variant);
    }

    /// Members of the union, which are a name space of their own.
    fn members(&mut self, variant: &'a Variant) {
        let mut seen: HashMap<&str, &str> = HashMap::new();
        for case in variant.cases.iter().filter(|case| !case.fields.is_empty()) {
            if let Some(first) = seen.insert(&case.c_member, &case.name)
                && first != case.name
            {
                let message = format!(
                    "the cases `{first}` and `{}` of `{}` are both `{}` in C",
                    case.name, variant.common.path, case.c_member
                );
                self.found.push(
                    Diagnostic::new(codes::C_NAME_TWICE, message)
                        .label(&variant.common, "declared here")
                        .help(help(&variant.common)),
                );
            }
        }
    }
}

fn coincidence(name: &str, first: &Owner<'_>, second: &Owner<'_>) -> Diagnostic {
    let (code, message) = match (first.kind, second.kind) {
        (Kind::Symbol, Kind::Symbol) => (
            codes::SYMBOL_TWICE,
            format!(
                "{} and {} have one symbol, `{name}`",
                first.what, second.what
            ),
        ),
        (Kind::Declared, Kind::Declared) => (
            codes::NAME_TWICE,
            format!(
                "{} and {} have one name, `{name}` in C",
                first.what, second.what
            ),
        ),
        _ => (
            codes::C_NAME_TWICE,
            format!("{} and {} are both `{name}` in C", first.what, second.what),
        ),
    };
    let mut diagnostic = Diagnostic::new(code, message);
    for item in [first.item, second.item].into_iter().flatten() {
        if diagnostic
            .labels
            .iter()
            .all(|label| label.item != item.path)
        {
            diagnostic = diagnostic.label(item, "declared here");
        }
    }
    let mut items = [first.item, second.item].into_iter().flatten();
    match items
        .find(|item| item.proto.is_some())
        .or(first.item)
        .or(second.item)
    {
        Some(item) => diagnostic.help(help(item)),
        None => diagnostic,
    }
}

/// What the author of an item can do about its name.
fn help(item: &Common) -> &'static str {
    another_name(Named::Either, item.proto.is_some())
}
