//! Go: a package that a Go engineer would have written, in front of the C ABI.
//!
//! Comes in: a lowered library. Goes out: the files of one package: the public interface, the crossing through cgo, the
//! runtime, the headers of the C backend. Nothing is decided here about layout, ownership or symbols.
//!
//! `view` holds what the templates print; `types`, `functions`, `crossing` and `objects` fill it in; `convert` says how values cross;
//! `names` makes every identifier; `docs` turns Rust's Markdown into Go's; `files` puts the package together.

mod convert;
mod crossing;
mod docs;
mod files;
mod functions;
pub(crate) mod names;
mod objects;
mod place;
pub mod proto;
mod spell;
mod types;
mod view;

use std::collections::BTreeSet;

use gangplank_model::lowered::{
    Constant, Enum, Event, Function, HostFunction, ItemHash, Object, Record, Shape, Type, Variant,
};

use crate::backend::{Backend, Context, File, Language, Owner, walk};
use crate::compile::{self, Compiler, Guests, Part, Setting};

/// This backend's line in the table.
pub(crate) const LANGUAGE: Language = Language {
    name: "go",
    doc: "A Go package, with the library linked in or opened at run time",
    files: &[
        ("doc.go", "the package's docs"),
        ("<lib>.go", "the public interface"),
        ("<lib>_cgo.go", "the crossing into C"),
        (
            "<lib>_static.go",
            "the library linked in, which is the default",
        ),
        ("<lib>_missing.go", "what says that the package needs cgo"),
        (
            "<lib>_dynamic.go",
            "the library opened at run time, with -tags gangplank_dynamic",
        ),
        (
            "gangplank_*.go",
            "the runtime, the same text for each library",
        ),
        ("<lib>.h, gangplank.h", "the headers of the C backend"),
        ("go.mod, Makefile", "the module, and `make run`"),
        ("example/", "a program to start from; written once"),
    ],
    options: &[
        (
            "module",
            "the module's path; by default example.com/<package>",
        ),
        (
            "package",
            "the package's name; by default the library's without underscores",
        ),
        (
            "renames",
            "new names for items, by their path without the crate",
        ),
    ],
    compiler: Some(COMPILER),
    placing: Some(place::PLACING),
    run: walk::<Go>,
};

/// What it does with `.proto` files.
pub const COMPILER: Compiler = Compiler {
    name: "go",
    also: &[],
    guests: Guests::LIBRARIES,
    check_guest: compile::guest::check,
    to_guest: compile::guest::results,
    from_host: compile::host::results,
    serialization: compile::serialization::results,
    reads: &[
        (Setting::HostPackage, Part::Host),
        (Setting::ProtocGenGo, Part::Serialization),
    ],
};

/// The name that the package of the library `prefix` gets when its author says nothing.
pub fn package_name(prefix: &str) -> String {
    names::package(prefix)
}

/// Whether a package that others import can be called `name`.
pub fn is_package_name(name: &str) -> bool {
    names::is_package(name)
}

/// The package being put together.
#[derive(Default)]
pub(crate) struct Go {
    view: view::Package,
    names: names::Names,
    uses: convert::Uses,
    items: BTreeSet<ItemHash>,
    known: Option<docs::Known>,
}

impl Go {
    /// What docs call the types and fields of the library.
    fn known(&mut self, cx: &Context<'_>) -> &docs::Known {
        self.known.get_or_insert_with(|| {
            let mut known = docs::Known::new();
            for ty in &cx.library.types {
                let (common, fields) = match &ty.shape {
                    Shape::Record(record) => (&record.common, record.fields.as_slice()),
                    Shape::Enum(enumeration) => (&enumeration.common, &[][..]),
                    Shape::Variant(variant) => (&variant.common, &[][..]),
                    _ => continue,
                };
                let name = names::item(cx, common);
                for field in fields {
                    let go = names::field(&field.name, fields.len());
                    known.insert(
                        format!("{}::{}", common.name, field.name),
                        format!("{name}.{go}"),
                    );
                }
                known.insert(common.name.clone(), name);
            }
            known
        })
    }
}

impl Backend for Go {
    fn record(&mut self, cx: &mut Context<'_>, _ty: &Type, record: &Record) {
        types::record(self, cx, record);
    }

    fn enumeration(&mut self, cx: &mut Context<'_>, _ty: &Type, enumeration: &Enum) {
        types::enumeration(self, cx, enumeration);
    }

    fn variant(&mut self, cx: &mut Context<'_>, _ty: &Type, variant: &Variant) {
        types::variant(self, cx, variant);
    }

    fn error(&mut self, cx: &mut Context<'_>, _ty: &Type, error: &Variant) {
        types::error(self, cx, error);
    }

    fn container(&mut self, _cx: &mut Context<'_>, _ty: &Type) {
        // Slices, maps and pointers need no declaration; their conversions follow from the functions that use them.
    }

    fn constant(&mut self, cx: &mut Context<'_>, constant: &Constant) {
        types::constant(self, cx, constant);
    }

    fn object(&mut self, cx: &mut Context<'_>, object: &Object) {
        objects::object(self, cx, object);
    }

    fn function(&mut self, cx: &mut Context<'_>, owner: Owner<'_>, function: &Function) {
        functions::function(self, cx, owner, function);
    }

    fn host_function(&mut self, cx: &mut Context<'_>, object: &Object, function: &HostFunction) {
        objects::host_function(self, cx, object, function);
    }

    fn event(&mut self, cx: &mut Context<'_>, object: &Object, event: &Event) {
        objects::event(self, cx, object, event);
    }

    fn finish(self, cx: &mut Context<'_>) -> Vec<File> {
        files::files(self, cx)
    }
}
