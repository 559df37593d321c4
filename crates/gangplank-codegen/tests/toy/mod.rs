//! Toy: an outline of a library for people to read, in words.
//!
//! Comes in: the lowered library. Goes out: one text. It is the smallest backend with an answer for every kind of item, and
//! what `cargo xtask new-backend NAME` copies: replace the outline's words by your language's, one method at a time
//! (`docs/adding-a-language.md`).

mod names;
mod spell;
mod view;

use gangplank_codegen::backend::{Backend, Context, File, Language, Owner, walk};
use gangplank_codegen::compile::{self, Compiler, Guests, Request, Results};
use gangplank_codegen::render::{Templates, render};
use gangplank_model::diagnostics::codes;
use gangplank_model::lowered::{
    Constant, Enum, Event, Function, HostFunction, Object, Record, Type, Variant,
};
use gangplank_model::{Diagnostic, Diagnostics};

use names::Names;
use view::View;

/// This backend's line in the table.
pub(crate) const LANGUAGE: Language = Language {
    name: "toy",
    doc: "An outline in words",
    files: &[("<lib>.txt", "types, functions and objects, one per line")],
    options: &[],
    compiler: Some(COMPILER),
    placing: None,
    run: walk::<Toy>,
};

/// What it does with `.proto` files; a plugin of its own has the same doors.
pub(crate) const COMPILER: Compiler = Compiler {
    name: "toy",
    also: &[],
    guests: Guests::LIBRARIES,
    check_guest: |request| to_guest(request).map(|_| ()),
    to_guest,
    from_host,
    serialization,
    reads: &[],
};

/// Nothing can be called in an outline.
fn to_guest(request: &Request<'_>) -> Result<Results, Diagnostics> {
    compile::package(request, &LANGUAGE)?;
    let text = "nobody implements functions in Toy";
    Err(Diagnostic::new(codes::NO_TEMPLATES, text)
        .help("name another language: `metaffi_target_language`")
        .into())
}

/// The outline of the services.
fn from_host(request: &Request<'_>) -> Result<Results, Diagnostics> {
    compile::package(request, &LANGUAGE)
}

/// Readers need no code of protobuf's.
fn serialization(_: &Request<'_>) -> Result<Results, Diagnostics> {
    Ok(Results::default())
}

const TEMPLATES: Templates = &[("outline.txt.j2", include_str!("templates/outline.txt.j2"))];

/// The backend.
#[derive(Default)]
pub(crate) struct Toy {
    view: View,
    names: Names,
}

impl Backend for Toy {
    fn record(&mut self, cx: &mut Context<'_>, _: &Type, record: &Record) {
        let view = view::record(cx.library, record);
        self.names.claim(cx, &record.common, &view.name);
        self.view.types.push(view);
    }

    fn enumeration(&mut self, cx: &mut Context<'_>, _: &Type, enumeration: &Enum) {
        let view = view::enumeration(enumeration);
        self.names.claim(cx, &enumeration.common, &view.name);
        self.view.types.push(view);
    }

    fn variant(&mut self, cx: &mut Context<'_>, _: &Type, variant: &Variant) {
        let view = view::variant(cx.library, variant, "variant");
        self.names.claim(cx, &variant.common, &view.name);
        self.view.types.push(view);
    }

    fn error(&mut self, cx: &mut Context<'_>, _: &Type, error: &Variant) {
        let view = view::variant(cx.library, error, "error");
        self.names.claim(cx, &error.common, &view.name);
        self.view.types.push(view);
    }

    /// Spelled where it is used.
    fn container(&mut self, _: &mut Context<'_>, _: &Type) {}

    fn constant(&mut self, cx: &mut Context<'_>, constant: &Constant) {
        let view = view::constant(cx.library, constant);
        self.names.claim(cx, &constant.common, &view.name);
        self.view.constants.push(view);
    }

    fn object(&mut self, cx: &mut Context<'_>, object: &Object) {
        let view = view::object(object);
        self.names.claim(cx, &object.common, &view.name);
        self.view.objects.push(view);
    }

    fn function(&mut self, cx: &mut Context<'_>, owner: Owner<'_>, function: &Function) {
        if cx.refuses_streams("Toy", function) {
            return;
        }
        let view = view::function(cx.library, owner, function);
        match (owner, self.view.objects.last_mut()) {
            // Its object came before.
            (Owner::Constructor(_) | Owner::Method(_), Some(object)) => object.members.push(view),
            _ => {
                self.names.claim(cx, &function.common, &view.name);
                self.view.functions.push(view);
            }
        }
    }

    fn host_function(&mut self, cx: &mut Context<'_>, _: &Object, function: &HostFunction) {
        let view = view::host_function(cx.library, function);
        let object = self.view.objects.last_mut();
        object
            .into_iter()
            .for_each(|object| object.members.push(view.clone()));
    }

    fn event(&mut self, cx: &mut Context<'_>, _: &Object, event: &Event) {
        let view = view::event(cx.library, event);
        let object = self.view.objects.last_mut();
        object
            .into_iter()
            .for_each(|object| object.members.push(view.clone()));
    }

    fn finish(mut self, cx: &mut Context<'_>) -> Vec<File> {
        let library = cx.library;
        self.view.library = library.prefix.clone();
        self.view.docs = library.docs.clone();
        match render(TEMPLATES, "outline.txt.j2", &self.view) {
            Ok(text) => vec![File::new(format!("{}.txt", library.prefix), text)],
            Err(error) => {
                cx.report(Diagnostic::new(codes::TEMPLATE, error.to_string()));
                Vec::new()
            }
        }
    }
}
