//! C: one header per library, beside `gangplank.h`.
//!
//! Comes in: a lowered library. Goes out: `<lib>.h`, self-contained with `gangplank.h`, for C11 and C++17; the Go
//! package ships the same two files. Nothing is decided here: names, layouts and ownership come from `lower`.

mod docs;
mod literals;
mod names;
mod objects;
mod spell;
mod types;
mod view;

use gangplank_model::diagnostics::codes;
use gangplank_model::lowered::{
    Constant, Enum, Event, Function, HostFunction, Library, Object, Record, Type, Variant,
};
use gangplank_model::{Diagnostic, Diagnostics};

use crate::backend::{Backend, Context, File, Language, Owner, walk};
use crate::config::Options;
use crate::placing::{self, Placing};
use crate::prose;
use crate::render::{Templates, render};
use names::Names;

/// This backend's line in the table.
pub(crate) const LANGUAGE: Language = Language {
    name: "c",
    doc: "A header for C11 and C++17",
    files: &[
        ("<lib>.h", "types, functions and constants of the library"),
        (
            "gangplank.h",
            "what every library shares; the same text for each",
        ),
    ],
    options: &[],
    compiler: None,
    placing: Some(Placing {
        mark: "<lib>.h",
        plan: placing::libraries,
    }),
    run: walk::<C>,
};

const TEMPLATES: Templates = &[
    ("header.h.j2", include_str!("templates/header.h.j2")),
    ("types.h.j2", include_str!("templates/types.h.j2")),
    ("struct.h.j2", include_str!("templates/struct.h.j2")),
    ("exports.h.j2", include_str!("templates/exports.h.j2")),
    ("check.h.j2", include_str!("templates/check.h.j2")),
    ("function.h.j2", include_str!("templates/function.h.j2")),
    ("object.h.j2", include_str!("templates/object.h.j2")),
    ("event.h.j2", include_str!("templates/event.h.j2")),
    (
        "host_function.h.j2",
        include_str!("templates/host_function.h.j2"),
    ),
];

/// `gangplank.h`, written by hand.
const RUNTIME: &str = include_str!("runtime/gangplank.h");

/// `<lib>.h` and `gangplank.h`, for packages of other languages that reach the library through C.
///
/// # Errors
/// What C cannot express.
pub(crate) fn headers(library: &Library) -> Result<Vec<File>, Diagnostics> {
    walk::<C>(library, &Options::default())
}

/// The header being put together.
#[derive(Default)]
pub(crate) struct C {
    header: view::Header,
    /// Structs that hold others by value and are held by none: pairs of maps. They come after all types.
    late: Vec<view::Type>,
    names: Names,
    /// Structs of parameters that are already there: a host trait may serve several objects.
    requests: Vec<String>,
}

impl Backend for C {
    fn record(&mut self, cx: &mut Context<'_>, ty: &Type, record: &Record) {
        types::record(self, cx, ty, record);
    }

    fn enumeration(&mut self, _cx: &mut Context<'_>, ty: &Type, enumeration: &Enum) {
        types::enumeration(self, ty, enumeration);
    }

    fn variant(&mut self, cx: &mut Context<'_>, ty: &Type, variant: &Variant) {
        types::variant(self, cx, ty, variant);
    }

    fn error(&mut self, cx: &mut Context<'_>, ty: &Type, error: &Variant) {
        self.variant(cx, ty, error);
    }

    fn container(&mut self, cx: &mut Context<'_>, ty: &Type) {
        types::container(self, cx, ty);
    }

    fn constant(&mut self, cx: &mut Context<'_>, constant: &Constant) {
        types::constant(self, cx, constant);
    }

    fn object(&mut self, _cx: &mut Context<'_>, object: &Object) {
        objects::object(self, object);
    }

    fn function(&mut self, cx: &mut Context<'_>, owner: Owner<'_>, function: &Function) {
        objects::function(self, cx, owner, function);
    }

    fn host_function(&mut self, cx: &mut Context<'_>, object: &Object, function: &HostFunction) {
        objects::host_function(self, cx, object, function);
    }

    fn event(&mut self, cx: &mut Context<'_>, object: &Object, event: &Event) {
        objects::event(self, cx, object, event);
    }

    fn finish(mut self, cx: &mut Context<'_>) -> Vec<File> {
        let library = cx.library;
        self.header.check = names::check_header(&library.prefix);
        self.names.made(&self.header.check, None);
        std::mem::take(&mut self.names).check(cx);
        self.header.types.append(&mut self.late);
        types::arrange(&mut self.header, library);
        self.header.items.sort();
        self.header.items.dedup();
        self.header.lib.clone_from(&library.prefix);
        self.header.guard = names::guard(&library.prefix);
        self.header.docs = prose::library(library, "");
        self.header.version.clone_from(&library.version);
        self.header.abi = library.abi;
        match render(TEMPLATES, "header.h.j2", &self.header) {
            Ok(text) => vec![
                File::new(format!("{}.h", library.prefix), text),
                File::new("gangplank.h", RUNTIME),
            ],
            Err(error) => {
                cx.report(Diagnostic::new(
                    codes::TEMPLATE,
                    format!("C header: {error:#}"),
                ));
                Vec::new()
            }
        }
    }
}
