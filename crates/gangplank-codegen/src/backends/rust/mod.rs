//! Rust on both sides of a `.proto` file: a trait to implement, or stubs to call.
//!
//! Comes in: the lowered library of a `.proto` file. Goes out: one source file, the contents of a module. Both sides have
//! the same structs, which carry the items of the file, so hashes are those of every other language's hosts and guests.
//! Conversions are the attributes' and the crate `gangplank`'s: nothing here says how a value crosses.

mod names;
mod spell;
mod view;

use gangplank_descriptor::VALUES;
use gangplank_model::Diagnostic;
use gangplank_model::diagnostics::codes;
use gangplank_model::lowered::{
    Constant, Enum, Event, Function, HostFunction, Object, Record, Type, Variant,
};

use crate::backend::{Backend, Context, File, Language, Owner, walk};
use crate::compile::{self, Compiler, Guests};
use crate::render::{Templates, render};
use names::Names;
use view::View;

/// The guest's line in the table.
pub(crate) const GUEST: Language = Language {
    name: "rust-guest",
    doc: "A trait for a guest in Rust, of a .proto file",
    files: &[(
        "<lib>.rs",
        "types, a trait per service, and the macro that exports them",
    )],
    options: &[],
    compiler: None,
    placing: None,
    run: walk::<Rust<false>>,
};

/// The host's line in the table.
pub(crate) const HOST: Language = Language {
    name: "rust-host",
    doc: "Stubs for a host in Rust, of a .proto file",
    files: &[(
        "<lib>_host.rs",
        "types, and a struct per service that calls it",
    )],
    options: &[],
    compiler: Some(COMPILER),
    placing: None,
    run: walk::<Rust<true>>,
};

/// What it does with `.proto` files.
pub const COMPILER: Compiler = Compiler {
    name: "rust",
    also: &[],
    guests: Guests::LIBRARIES,
    check_guest: compile::rust::check_guest,
    to_guest: compile::rust::to_guest,
    from_host: compile::rust::from_host,
    serialization: compile::rust::serialization,
    reads: &[],
};

const TEMPLATES: Templates = &[
    ("types.rs.j2", include_str!("templates/types.rs.j2")),
    ("guest.rs.j2", include_str!("templates/guest.rs.j2")),
    ("host.rs.j2", include_str!("templates/host.rs.j2")),
];

/// The backend of one side.
#[derive(Default)]
struct Rust<const IS_HOST: bool> {
    view: View,
    names: Names,
}

impl<const IS_HOST: bool> Rust<IS_HOST> {
    fn too_many(cx: &mut Context<'_>, function: &Function, count: usize, what: &str) {
        if count > VALUES {
            let message = format!(
                "`{}` has {count} {what}, and Rust packages pass at most {VALUES}",
                function.common.path
            );
            let help = "put the fields into a message, and make that message a field";
            cx.error(codes::RUST_LIMIT, &function.common, message, help);
        }
    }
}

impl<const IS_HOST: bool> Backend for Rust<IS_HOST> {
    fn record(&mut self, cx: &mut Context<'_>, _: &Type, record: &Record) {
        let view = view::record(cx.library, record);
        self.names.claim(cx, &record.common, "", &view.name);
        for field in &view.fields {
            self.names.claim(
                cx,
                &record.common,
                &field_scope(&record.common.path),
                &field.name,
            );
        }
        self.view.records.push(view);
    }

    fn enumeration(&mut self, cx: &mut Context<'_>, _: &Type, enumeration: &Enum) {
        let view = view::enumeration(enumeration);
        self.names.claim(cx, &enumeration.common, "", &view.name);
        self.view.enums.push(view);
    }

    fn variant(&mut self, cx: &mut Context<'_>, _: &Type, variant: &Variant) {
        let view = view::variant(cx.library, variant);
        self.names.claim(cx, &variant.common, "", &view.name);
        for case in &view.cases {
            self.names.claim(
                cx,
                &variant.common,
                &field_scope(&variant.common.path),
                &case.name,
            );
        }
        self.view.variants.push(view);
    }

    fn error(&mut self, cx: &mut Context<'_>, _: &Type, error: &Variant) {
        cx.error(
            codes::RUST_LIMIT,
            &error.common,
            not_proto(&error.common.path),
            HELP,
        );
    }

    fn container(&mut self, _: &mut Context<'_>, _: &Type) {}

    fn constant(&mut self, cx: &mut Context<'_>, constant: &Constant) {
        cx.error(
            codes::RUST_LIMIT,
            &constant.common,
            not_proto(&constant.common.path),
            HELP,
        );
    }

    fn object(&mut self, cx: &mut Context<'_>, object: &Object) {
        cx.error(
            codes::RUST_LIMIT,
            &object.common,
            not_proto(&object.common.path),
            HELP,
        );
    }

    fn function(&mut self, cx: &mut Context<'_>, owner: Owner<'_>, function: &Function) {
        if !matches!(owner, Owner::Library) {
            return;
        }
        if function.proto.is_none() {
            let message = not_proto(&function.common.path);
            cx.error(codes::RUST_LIMIT, &function.common, message, HELP);
            return;
        }
        if cx.refuses_streams("Rust", function) {
            return;
        }
        Self::too_many(cx, function, function.results.len(), "results");
        if IS_HOST {
            Self::too_many(cx, function, function.params.len(), "parameters");
        }
        let service = names::service(&function.common);
        let view = view::function(cx.library, function);
        if IS_HOST {
            for reserved in names::HOST_METHODS {
                self.names.reserve(&service, reserved);
            }
        }
        self.names.claim(cx, &function.common, &service, &view.name);
        for param in &view.params {
            self.names
                .claim(cx, &function.common, &function.common.path, &param.name);
        }
        match self
            .view
            .services
            .iter_mut()
            .find(|known| known.name == service)
        {
            Some(known) => known.functions.push(view),
            None => {
                self.names.claim(cx, &function.common, "", &service);
                let mut service = view::service(cx.library, function);
                service.functions.push(view);
                self.view.services.push(service);
            }
        }
    }

    fn host_function(&mut self, _: &mut Context<'_>, _: &Object, _: &HostFunction) {}

    fn event(&mut self, _: &mut Context<'_>, _: &Object, _: &Event) {}

    fn finish(mut self, cx: &mut Context<'_>) -> Vec<File> {
        let library = cx.library;
        self.view.module = names::module(&library.prefix);
        if let Some(guest) = &cx.options.guest {
            self.view.runtime = spell::text(guest.guests.runtime);
            self.view.opened = spell::text(&guest.name);
        }
        self.view.package = library.package.clone();
        self.view.docs = library.docs.clone();
        let (template, file) = match IS_HOST {
            false => ("guest.rs.j2", format!("{}.rs", library.prefix)),
            true => ("host.rs.j2", format!("{}_host.rs", library.prefix)),
        };
        match render(TEMPLATES, template, &self.view) {
            Ok(text) => vec![File::new(file, text)],
            Err(error) => {
                cx.report(Diagnostic::new(codes::TEMPLATE, error.to_string()));
                Vec::new()
            }
        }
    }
}

const HELP: &str = "a library in Rust is used from Rust as the crate that it is";

fn not_proto(path: &str) -> String {
    format!("`{path}` is not from a .proto file, and Rust packages are made of those alone")
}

fn field_scope(path: &str) -> String {
    format!("{path}.")
}
