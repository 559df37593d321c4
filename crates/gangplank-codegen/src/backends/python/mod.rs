//! Python: a package that a Python engineer would have written, in front of the extension `_gangplank`; hosts of `.proto`
//! files in one file; and their guests.
//!
//! Comes in: a lowered library. Goes out: typed Python. No call goes through it: it hands the library's items and its
//! classes to the extension, which makes functions and objects that convert by the items. The outline, `.pyi`, says to
//! people and type checkers what these are.
//!
//! `view` holds what the templates print; `types`, `functions` and `objects` fill it in; `spell` says how types and
//! values are written, `names` makes every identifier, `docs` docstrings; `files` puts packages together. `types` and its
//! template serve guests and hosts alike.

mod docs;
mod files;
mod functions;
mod guest;
mod names;
mod objects;
mod place;
mod spell;
mod types;
mod view;

use std::rc::Rc;

use gangplank_model::diagnostics::{Named, codes};
use gangplank_model::lowered::{
    Constant, Enum, Event, Function, HostFunction, Library, Object, Record, Shape, Type, Variant,
};
use gangplank_model::{Diagnostic, Diagnostics};

use crate::backend::{Backend, Context, File, Language, Owner, walk, walk_with};
use crate::compile::{self, Compiler, GuestModule, Guests, Part, Setting};
use crate::config::Options;
use crate::placing::Companion;
use crate::prose;
use names::Names;
use spell::{Spelling, State};

pub(crate) use guest::{Place, guest};
pub(crate) use names::host_file;

/// The extension that every package and every host opens, beside itself.
pub const EXTENSION: Companion = Companion {
    file: "_gangplank.abi3.so",
    package: "gangplank-python-host",
    library: "_gangplank",
};

/// This backend's line in the table.
pub(crate) const LANGUAGE: Language = Language {
    name: "python",
    doc: "A Python package, typed, that becomes a wheel",
    files: &[
        ("<lib>/__init__.py", "the public interface"),
        ("<lib>/__init__.pyi", "its outline, with types and docs"),
        ("<lib>/py.typed", "says to type checkers that there is one"),
        (
            "pyproject.toml, setup.py",
            "for `pip wheel` and `python -m build`",
        ),
        ("example/", "a program to start from; written once"),
    ],
    options: &[
        ("package", "the package's name; by default the library's"),
        (
            "renames",
            "new names for items, by their path without the crate",
        ),
    ],
    compiler: Some(COMPILER),
    placing: Some(place::PLACING),
    run: walk::<Package>,
};

/// What it does with `.proto` files.
pub const COMPILER: Compiler = Compiler {
    name: "python",
    also: &["python3"],
    guests: Guests {
        runtime: "python3",
        ending: "py",
        imported: true,
    },
    check_guest: compile::python::check_guest,
    to_guest: compile::python::to_guest,
    from_host: compile::python::from_host,
    serialization: compile::python::serialization,
    reads: &[(Setting::Python, Part::Serialization)],
};

/// A host of a `.proto` file: `<file>.py` and `<file>.pyi`.
pub(crate) struct HostFile<'a> {
    /// `calc.proto`.
    pub(crate) idl: &'a str,
    /// `calc`.
    pub(crate) name: &'a str,
    /// `calcMetaFFIHost`.
    pub(crate) file: &'a str,
    /// What it asks XLLR for: `calcMetaFFIGuest`.
    pub(crate) guest: &'a GuestModule,
}

/// Writes the host of a `.proto` file.
///
/// # Errors
/// What Python cannot express.
pub(crate) fn host(library: &Library, file: &HostFile<'_>) -> Result<Vec<File>, Diagnostics> {
    let host = view::Host {
        is_file: true,
        lead: format!("The services of {}, for programs in Python.", file.idl),
        name: file.name.to_owned(),
        file: file.file.to_owned(),
        source: view::Source {
            placed_by: "gangplank compile",
            ..view::Source::guest(file.guest)
        },
        ..view::Host::default()
    };
    let package = Package {
        host,
        ..Package::default()
    };
    walk_with(package, library, &Options::default())
}

/// The package being put together.
#[derive(Default)]
pub(crate) struct Package {
    types: types::Types,
    host: view::Host,
    state: Option<Rc<State>>,
}

impl Package {
    /// What names are spelled with; at first also the types that no method of a backend is called for.
    fn spelling<'a>(&mut self, cx: &Context<'a>) -> Spelling<'a> {
        let (library, options) = (cx.library, cx.options);
        if let Some(state) = &self.state {
            return Spelling::new(library, options, Rc::clone(state));
        }
        let state = State::new(library, options);
        let with = Spelling::new(library, options, Rc::clone(&state));
        self.state = Some(state);
        self.types.names = Names::package();
        self.types.bytes.clone_from(&library.item);
        for ty in &library.types {
            if matches!(ty.shape, Shape::Timestamp | Shape::Duration) {
                self.types.add(&with, &ty.shape);
            }
        }
        with
    }

    fn add(&mut self, cx: &Context<'_>, ty: &Type) {
        let with = self.spelling(cx);
        self.types.add(&with, &ty.shape);
    }

    /// What only the whole library decides.
    fn complete(&mut self, cx: &mut Context<'_>) {
        let with = self.spelling(cx);
        let library = cx.library;
        let host = &mut self.host;
        if !host.is_file {
            host.package = match &cx.options.package {
                Some(package) => package.clone(),
                None => names::package(&library.prefix),
            };
            host.name.clone_from(&host.package);
            host.source = match &cx.options.guest {
                Some(guest) => view::Source::guest(guest),
                None => view::Source::library(&library.prefix),
            };
            if !names::is_package(&host.package) {
                let text = format!("`{}` is no name for a package in Python", host.package);
                let finding = Diagnostic::new(codes::TARGET_NAME, text);
                cx.report(finding.help(
                    "set `package` in the section `python` of the configuration: small letters, digits and underscores, no word of \
                     Python",
                ));
            }
            let version = match cx.options.guest {
                // A definition has no version, and installers want one.
                Some(_) => "0.0.0",
                None => &library.version,
            };
            match names::version(version) {
                Some(version) => host.version = version,
                None => {
                    let text = format!("`{version}` is no version for a package in Python");
                    let finding = Diagnostic::new(codes::TARGET_VERSION, text);
                    cx.report(finding.help(
                        "change `version` in the crate's Cargo.toml: what follows `1.2.3-` is `alpha`, `beta`, `rc` or `dev`, \
                         and one number",
                    ));
                }
            }
        }
        host.docs = docs::string(
            &docs::paragraphs(&[&host.lead, &prose::library(library, "")]),
            0,
        );
        if host.docs.is_empty() {
            host.docs = docs::string(&format!("The library {}.", host.name), 0);
        }
        self.types.finish(&with);
        for found in std::mem::take(&mut self.types.names.found) {
            cx.report(found);
        }
        host.types = std::mem::take(&mut self.types.view);
        host.complete();
    }
}

impl Backend for Package {
    fn record(&mut self, cx: &mut Context<'_>, ty: &Type, _: &Record) {
        self.add(cx, ty);
    }

    fn enumeration(&mut self, cx: &mut Context<'_>, ty: &Type, _: &Enum) {
        self.add(cx, ty);
    }

    fn variant(&mut self, cx: &mut Context<'_>, ty: &Type, _: &Variant) {
        self.add(cx, ty);
    }

    fn error(&mut self, cx: &mut Context<'_>, ty: &Type, _: &Variant) {
        self.add(cx, ty);
    }

    fn container(&mut self, cx: &mut Context<'_>, ty: &Type) {
        self.add(cx, ty);
    }

    fn constant(&mut self, cx: &mut Context<'_>, constant: &Constant) {
        let with = self.spelling(cx);
        let name = names::item(cx.library, cx.options, &constant.common);
        self.types
            .names
            .claim((Named::Item, &constant.common), "", &name);
        let Some((value, _)) = with.literal(constant.ty, &constant.value) else {
            let path = &constant.common.path;
            let text = format!("the constant `{path}` cannot be written in Python");
            let help = "constants are numbers, `bool`, enum values, text and octets";
            cx.error(codes::NO_LITERAL, &constant.common, text, help);
            return;
        };
        self.host.constants.push(view::Constant {
            docs: types::item_docs(&constant.common, "", 0),
            annotation: with.annotation(constant.ty, &[]),
            name,
            value,
        });
    }

    fn object(&mut self, cx: &mut Context<'_>, object: &Object) {
        let with = self.spelling(cx);
        self.types.bytes.extend(&object.common.item);
        let view = objects::object(&with, &mut self.types.names, object);
        self.host.objects.push(view);
    }

    fn function(&mut self, cx: &mut Context<'_>, owner: Owner<'_>, function: &Function) {
        if cx.refuses_streams("Python", function) {
            return;
        }
        let with = self.spelling(cx);
        self.types.bytes.extend(&function.common.item);
        let names = &mut self.types.names;
        let (Owner::Constructor(object) | Owner::Method(object)) = owner else {
            let view = functions::function(&with, names, owner, function, &[]);
            names.claim((Named::Item, &function.common), "", &view.name);
            return self.host.functions.push(view);
        };
        let view = objects::function(&with, names, owner, object, function);
        if let Some(class) = self.host.objects.last_mut() {
            class.functions.push(view);
        }
    }

    fn host_function(&mut self, cx: &mut Context<'_>, object: &Object, function: &HostFunction) {
        let with = self.spelling(cx);
        self.types.bytes.extend(&function.common.item);
        let [own, of_all] = objects::hooks(&with, &mut self.types.names, object, function);
        if let Some(class) = self.host.objects.last_mut() {
            class.hosts.push(own);
        }
        let mut others = self.host.defaults.iter();
        match others.find(|other| other.wire == of_all.wire) {
            None => {
                let names = &mut self.types.names;
                names.claim((Named::Part, &function.common), "", &of_all.name);
                self.host.defaults.push(of_all);
            }
            Some(other) if other.callable == of_all.callable => {}
            Some(other) => {
                let text = format!(
                    "two host functions with the wire name {} differ: a function for all objects could serve only one",
                    other.wire
                );
                let help = "give one of them another name with `#[gangplank(wire = \"…\")]`";
                cx.error(codes::TARGET_NAME_TWICE, &function.common, text, help);
            }
        }
    }

    fn event(&mut self, cx: &mut Context<'_>, object: &Object, event: &Event) {
        let with = self.spelling(cx);
        self.types.bytes.extend(&event.common.item);
        let view = objects::event(&with, &mut self.types.names, object, event);
        if let Some(class) = self.host.objects.last_mut() {
            class.events.push(view);
        }
    }

    fn finish(mut self, cx: &mut Context<'_>) -> Vec<File> {
        self.complete(cx);
        let file = self.host.file.clone();
        let files = match self.host.is_file {
            true => files::module(&mut self.host, &file),
            false => files::package(&mut self.host, cx.library),
        };
        files.unwrap_or_else(|error| {
            let text = format!("Python template: {error:#}");
            cx.report(Diagnostic::new(codes::TEMPLATE, text));
            Vec::new()
        })
    }
}
