//! What a backend is, and the table of all of them.
//!
//! Comes in: a lowered library and the options of one language. Goes out: files in memory. A backend is pure: it reads
//! no files, runs nothing and writes nothing, so the same input gives the same bytes everywhere. It has one method per
//! kind of item and no default bodies: a new kind of item does not compile until every backend has an answer.

use gangplank_model::diagnostics::codes;
use gangplank_model::lowered::{
    Common, Constant, Enum, Event, Function, HostFunction, Library, Object, Record, Shape, Type,
    Variant,
};
use gangplank_model::{Diagnostic, Diagnostics};

use crate::backends;
use crate::compile::Compiler;
use crate::config::Options;
use crate::placing::Placing;

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Relative to the output folder, with `/`.
    pub path: String,
    /// The whole file.
    pub contents: String,
    /// Whether a file that is already there stays as it is (it belongs to the user from then on).
    pub only_if_absent: bool,
}

impl File {
    /// A file that each run replaces.
    pub fn new(path: impl Into<String>, contents: impl Into<String>) -> File {
        File {
            path: path.into(),
            contents: contents.into(),
            only_if_absent: false,
        }
    }

    /// A file that is written once and then belongs to the user.
    pub fn once(path: impl Into<String>, contents: impl Into<String>) -> File {
        File {
            path: path.into(),
            contents: contents.into(),
            only_if_absent: true,
        }
    }
}

/// What a backend works with, and where it reports what it cannot express.
pub struct Context<'a> {
    /// The library.
    pub library: &'a Library,
    /// The language's section of the configuration.
    pub options: &'a Options,
    diagnostics: Diagnostics,
}

impl<'a> Context<'a> {
    /// A context without diagnostics.
    pub fn new(library: &'a Library, options: &'a Options) -> Context<'a> {
        Context {
            library,
            options,
            diagnostics: Diagnostics::default(),
        }
    }

    /// Reports that `item` cannot be expressed; nothing is written then.
    pub fn error(
        &mut self,
        code: &'static str,
        item: &Common,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.diagnostics.push(
            Diagnostic::new(code, message)
                .label(item, "declared here")
                .help(help),
        );
    }

    /// Reports a function with a stream, for a language that has none; says whether it has one.
    pub fn refuses_streams(&mut self, language: &str, function: &Function) -> bool {
        let who = format!("{language} packages");
        match no_streams(self.library, function, &who) {
            Some(fault) => {
                self.report(fault);
                true
            }
            None => false,
        }
    }

    /// Reports something that belongs to no item, such as an option that makes no sense.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }
}

/// What is said of a function with a stream for those who have none.
pub(crate) fn no_streams(library: &Library, function: &Function, who: &str) -> Option<Diagnostic> {
    let params = function.params.iter().map(|param| param.ty);
    let mut types = params.chain(function.results.iter().copied());
    if !types.any(|ty| library.is_stream(ty)) {
        return None;
    }
    let path = &function.common.path;
    let message = format!("`{path}` is a streaming call, and {who} have none yet");
    let diagnostic = Diagnostic::new(codes::NO_STREAM, message);
    Some(
        diagnostic
            .label(&function.common, "declared here")
            .help("exchange lists instead, or move the call to an interface of its own"),
    )
}

/// Where a function stands.
#[derive(Clone, Copy, Debug)]
pub enum Owner<'a> {
    /// A function without an object.
    Library,
    /// Makes an object; its only result is the handle.
    Constructor(&'a Object),
    /// Has `self`.
    Method(&'a Object),
}

/// One language. [`walk`] calls the methods once per item, in the order they stand here; a type comes after the types
/// it holds by value, an object's own functions, host functions and events directly after the object.
pub trait Backend: Default {
    /// A struct.
    fn record(&mut self, cx: &mut Context<'_>, ty: &Type, record: &Record);
    /// An enum without data.
    fn enumeration(&mut self, cx: &mut Context<'_>, ty: &Type, enumeration: &Enum);
    /// An enum with data.
    fn variant(&mut self, cx: &mut Context<'_>, ty: &Type, variant: &Variant);
    /// A typed error.
    fn error(&mut self, cx: &mut Context<'_>, ty: &Type, error: &Variant);
    /// A list, option or map: a type that has a name only in some languages.
    fn container(&mut self, cx: &mut Context<'_>, ty: &Type);
    /// A constant.
    fn constant(&mut self, cx: &mut Context<'_>, constant: &Constant);
    /// An object; its functions, host functions and events follow.
    fn object(&mut self, cx: &mut Context<'_>, object: &Object);
    /// A function, constructor or method.
    fn function(&mut self, cx: &mut Context<'_>, owner: Owner<'_>, function: &Function);
    /// A function that the host implements for `object`.
    fn host_function(&mut self, cx: &mut Context<'_>, object: &Object, function: &HostFunction);
    /// A message that `object` sends.
    fn event(&mut self, cx: &mut Context<'_>, object: &Object, event: &Event);
    /// Everything has been seen: checks names against each other and renders.
    fn finish(self, cx: &mut Context<'_>) -> Vec<File>;
}

/// Shows a library to a backend, item by item.
///
/// # Errors
/// What the backend cannot express; all of it.
pub fn walk<B: Backend>(library: &Library, options: &Options) -> Result<Vec<File>, Diagnostics> {
    walk_with(B::default(), library, options)
}

/// Shows a library to a backend that knows something already.
///
/// # Errors
/// What the backend cannot express; all of it.
pub fn walk_with<B: Backend>(
    mut backend: B,
    library: &Library,
    options: &Options,
) -> Result<Vec<File>, Diagnostics> {
    let mut cx = Context::new(library, options);
    for ty in &library.types {
        match &ty.shape {
            Shape::Record(record) => backend.record(&mut cx, ty, record),
            Shape::Enum(enumeration) => backend.enumeration(&mut cx, ty, enumeration),
            Shape::Variant(error) if error.is_error => backend.error(&mut cx, ty, error),
            Shape::Variant(variant) => backend.variant(&mut cx, ty, variant),
            Shape::List(_) | Shape::Option(_) | Shape::Map { .. } => backend.container(&mut cx, ty),
            _ => {} // Spelled where it is used: scalars, texts, times, pointers, handles.
        }
    }
    for constant in &library.constants {
        backend.constant(&mut cx, constant);
    }
    for object in &library.objects {
        backend.object(&mut cx, object);
        for function in &object.constructors {
            backend.function(&mut cx, Owner::Constructor(object), function);
        }
        for function in &object.methods {
            backend.function(&mut cx, Owner::Method(object), function);
        }
        for function in &object.host_functions {
            backend.host_function(&mut cx, object, function);
        }
        for event in &object.events {
            backend.event(&mut cx, object, event);
        }
    }
    for function in &library.functions {
        backend.function(&mut cx, Owner::Library, function);
    }
    let files = backend.finish(&mut cx);
    cx.diagnostics.into_result(files)
}

/// One line of the table of languages. CLI help, checks of the configuration, compiler plugins, docs and tests read it.
pub struct Language {
    /// The word after `gangplank generate`, and the key in the configuration.
    pub name: &'static str,
    /// One line for `--help`.
    pub doc: &'static str,
    /// The files it writes, with a line about each; `<lib>` is the library's name.
    pub files: &'static [(&'static str, &'static str)],
    /// The keys it reads from its section of the configuration, with a line about each.
    pub options: &'static [(&'static str, &'static str)],
    /// What it does with `.proto` files and their implementations; `None` of a language that is only generated.
    pub compiler: Option<Compiler>,
    /// Where packages hold the built library; `None` of a language whose files are all there is.
    pub placing: Option<Placing>,
    /// Runs it.
    pub run: fn(&Library, &Options) -> Result<Vec<File>, Diagnostics>,
}

/// Every language, in the order help lists them.
pub const BACKENDS: &[Language] = &[
    backends::c::LANGUAGE,
    backends::go::LANGUAGE,
    backends::python::LANGUAGE,
    backends::rust::GUEST,
    backends::rust::HOST,
];

/// The language called `name`.
pub fn find(name: &str) -> Option<&'static Language> {
    BACKENDS.iter().find(|language| language.name == name)
}
