//! What the templates see: classes, functions and objects, already spelled in Python.
//!
//! Docs are docstrings with their quotation marks, indented for their place; empty without docs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::names::PACKAGE;
use crate::compile::GuestModule;

/// `types.py.j2`: what guests and packages declare alike.
#[derive(Default, Serialize)]
pub(super) struct Types {
    pub(super) imports: Imports,
    pub(super) has_timestamp: bool,
    pub(super) has_duration: bool,
    /// Options of options.
    pub(super) has_some: bool,
    /// As the file spells them.
    pub(super) words: Words,
    pub(super) enums: Vec<Enum>,
    /// Records and cases of variants.
    pub(super) classes: Vec<Class>,
    pub(super) variants: Vec<Alias>,
    pub(super) errors: Vec<Error>,
    /// Classes that a field or method hides from what stands beside it.
    pub(super) hidden: Vec<Hidden>,
    /// Which class stands for which type.
    pub(super) table: Vec<Entry>,
    /// Base64, a line each.
    pub(super) interface: Vec<String>,
}

/// The standard modules that the types need.
#[derive(Default, Serialize)]
pub(super) struct Imports {
    pub(super) builtins: bool,
    pub(super) datetime: bool,
    pub(super) enums: bool,
    pub(super) math: bool,
    pub(super) typing: bool,
    pub(super) dataclass: bool,
    pub(super) field: bool,
    /// Whether a message has a number that Python writes in another way than the guest does.
    pub(super) text: bool,
}

#[derive(Serialize)]
pub(super) struct Enum {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) values: Vec<Value>,
}

#[derive(Serialize)]
pub(super) struct Value {
    pub(super) name: String,
    pub(super) number: i32,
    pub(super) docs: String,
}

#[derive(Serialize)]
pub(super) struct Class {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) fields: Vec<Field>,
    /// Neither docs nor fields.
    pub(super) is_empty: bool,
}

#[derive(Serialize)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) annotation: String,
    /// ` = 0`; empty when it has to be given.
    pub(super) default: String,
}

/// A variant: one of several classes.
#[derive(Serialize)]
pub(super) struct Alias {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) cases: String,
}

/// A typed error: an exception that its cases are kinds of.
#[derive(Serialize)]
pub(super) struct Error {
    pub(super) name: String,
    /// Docs, or what stands for them.
    pub(super) body: String,
    pub(super) cases: Vec<Case>,
}

#[derive(Serialize)]
pub(super) struct Case {
    pub(super) class: Class,
    /// `("value",)`
    pub(super) names: String,
    /// `self, value: int`
    pub(super) params: String,
    /// An expression.
    pub(super) message: String,
}

/// A class, and what it is called as well.
#[derive(Serialize)]
pub(super) struct Hidden {
    pub(super) name: String,
    /// `_class_game_score`
    pub(super) alias: String,
}

#[derive(Serialize)]
pub(super) struct Entry {
    pub(super) path: String,
    /// A class, or a tuple of them.
    pub(super) class: String,
}

/// `guest.py.j2`.
#[derive(Serialize)]
pub(super) struct Guest {
    pub(super) docs: String,
    pub(super) types: Types,
    pub(super) functions: Vec<Place>,
    /// Guests have whole classes, not their outlines.
    pub(super) is_stub: bool,
}

/// Where a guest's function is.
#[derive(Serialize)]
pub(super) struct Place {
    /// What it does, as text.
    pub(super) docs: String,
    pub(super) name: String,
    /// A literal, as is `path`.
    pub(super) module: String,
    pub(super) path: String,
}

/// `host.py.j2` and `host.pyi.j2`.
#[derive(Default, Serialize)]
pub(super) struct Host {
    /// Whether the outline is written.
    pub(super) is_stub: bool,
    /// Whether it is one file, which need not lie in a package.
    pub(super) is_file: bool,
    /// Of a file: its name without ending.
    pub(super) file: String,
    /// Of a package.
    pub(super) package: String,
    /// What the docs begin with.
    pub(super) lead: String,
    pub(super) docs: String,
    pub(super) types: Types,
    /// Of a package: what wheels call the version.
    pub(super) version: String,
    /// What messages and the environment call it: `my_timer`.
    pub(super) name: String,
    pub(super) source: Source,
    /// Classes that the extension has.
    pub(super) toolkit: Vec<&'static str>,
    /// Lines of literals.
    pub(super) all: Vec<String>,
    pub(super) has_events: bool,
    pub(super) has_deprecated: bool,
    pub(super) constants: Vec<Constant>,
    pub(super) objects: Vec<Object>,
    pub(super) functions: Vec<Function>,
    /// Host functions for all objects.
    pub(super) defaults: Vec<Hook>,
}

/// What answers the calls, and who puts it beside the file.
#[derive(Clone, Default, Serialize)]
pub(super) struct Source {
    /// `native`, `python3`.
    pub(super) runtime: String,
    /// The name of its file, without what comes before and after on a platform.
    pub(super) module: String,
    /// The command that brings the extension.
    pub(super) placed_by: &'static str,
    /// What to do where one of the two is missing.
    pub(super) get_extension: &'static str,
    pub(super) get_module: &'static str,
}

impl Source {
    /// An annotated library.
    pub(super) fn library(name: &str) -> Self {
        let help = "run `gangplank build` in the folder of the crate";
        Source {
            runtime: "native".to_owned(),
            module: name.to_owned(),
            placed_by: "gangplank build",
            get_extension: help,
            get_module: help,
        }
    }

    /// The guest of a definition.
    pub(super) fn guest(guest: &GuestModule) -> Self {
        Source {
            runtime: guest.guests.runtime.to_owned(),
            module: guest.name.clone(),
            placed_by: "gangplank generate python",
            get_extension: "run `gangplank generate python` again",
            get_module: "put the guest that `gangplank compile --to-guest` makes there",
        }
    }
}

impl Host {
    /// What follows from the rest.
    pub(super) fn complete(&mut self) {
        self.has_events = self.objects.iter().any(|object| !object.events.is_empty());
        let methods = self.objects.iter().flat_map(|object| &object.functions);
        let mut functions = self.functions.iter().chain(methods);
        self.has_deprecated = functions.any(|function| !function.deprecated.is_empty());
        let classes = PACKAGE.iter().copied();
        self.toolkit = classes
            .filter(|name| name.starts_with(char::is_uppercase))
            .filter(|name| *name != "Subscription" || self.has_events)
            .collect();
        let floats = self
            .constants
            .iter()
            .any(|item| item.value.contains("_math."));
        self.types.imports.math |= floats || self.types.imports.text;
        let mut words = self.objects.iter().map(|object| &object.words);
        self.types.imports.builtins |= self.types.imports.text || words.any(Words::is_hidden);
        self.types.imports.typing |= !self.constants.is_empty();
    }
}

/// `pyproject.toml.j2`, `setup.py.j2`, `example.py.j2`.
#[derive(Serialize)]
pub(super) struct Project {
    pub(super) package: String,
    pub(super) source: Source,
    /// What the package index calls it.
    pub(super) distribution: String,
    pub(super) version: String,
    /// A literal.
    pub(super) description: String,
}

#[derive(Serialize)]
pub(super) struct Constant {
    pub(super) name: String,
    pub(super) docs: String,
    pub(super) annotation: String,
    pub(super) value: String,
}

#[derive(Serialize)]
pub(super) struct Object {
    /// `my_timer::Timer`
    pub(super) path: String,
    pub(super) name: String,
    /// The class itself, and that of its listeners, as the class spells them.
    pub(super) this: String,
    pub(super) subscription: String,
    /// As for functions.
    pub(super) docs: String,
    /// Constructors before methods.
    pub(super) functions: Vec<Function>,
    pub(super) hosts: Vec<Hook>,
    pub(super) events: Vec<Event>,
    /// As the class spells them.
    pub(super) words: Words,
}

/// Builtins by their names, as a template writes them where it stands: no template has one under its plain name.
#[derive(Default, Serialize)]
#[serde(transparent)]
pub(super) struct Words(pub(super) BTreeMap<&'static str, String>);

impl Words {
    /// Whether one of them needs the module `builtins`.
    pub(super) fn is_hidden(&self) -> bool {
        self.0.values().any(|word| word.starts_with('_'))
    }
}

#[derive(Serialize)]
pub(super) struct Function {
    /// `Timer.echo`
    pub(super) path: String,
    pub(super) name: String,
    /// Docs of the outline, and those behind the function's name.
    pub(super) docs: String,
    pub(super) help: String,
    /// `("request",)`
    pub(super) names: String,
    /// `request: EchoRequest`
    pub(super) params: String,
    pub(super) results: String,
    pub(super) is_async: bool,
    pub(super) is_static: bool,
    /// The note, as a literal; empty without one.
    pub(super) deprecated: String,
}

/// A function that the program gives to the library.
#[derive(Clone, Serialize)]
pub(super) struct Hook {
    /// `set_fetch_token`
    pub(super) name: String,
    /// A literal.
    pub(super) wire: String,
    pub(super) docs: String,
    /// `Callable[[str], Awaitable[str] | str]`
    pub(super) callable: String,
}

#[derive(Serialize)]
pub(super) struct Event {
    pub(super) name: String,
    /// A literal.
    pub(super) wire: String,
    /// Docs of the iteration.
    pub(super) docs: String,
    /// Docs of the listener's method.
    pub(super) on_docs: String,
    /// `[EchoEvent]`
    pub(super) params: String,
    /// What is iterated over.
    pub(super) value: String,
}
