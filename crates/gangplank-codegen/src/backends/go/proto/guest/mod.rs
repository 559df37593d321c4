//! Guests in Go: the library that lets the user's functions be called, in protobuf bytes and in C structs.
//!
//! Comes in: the interface, and how each of the user's functions is called. Goes out: one Go file that the user gets, and
//! for the build C with the exported functions of `docs/abi.md`. Both forms of a call meet in `calc_invoke_…`: a request
//! struct in, a response struct out.
//!
//! `wanted` says what is looked for, `call` calls it, `scalar` is the form without structs, `glue` is the C side.

mod call;
mod glue;
mod scalar;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};

use gangplank_model::Diagnostics;
use gangplank_model::lowered::{Function, Library};
use serde::Serialize;

use super::native::{self, Native};
use super::{CODEC_IMPORTS, CODEC_MODULES, Direction, Idl, function_docs};
use crate::backend::File;
use crate::backends::go::COMPILER;
use crate::compile::{self, Guest, Implemented};
use crate::render::{Templates, render};
pub(crate) use wanted::modules;

const TEMPLATES: Templates = &[
    (
        "idl_guest.go.j2",
        include_str!("../../templates/idl_guest.go.j2"),
    ),
    (
        "idl_guest_rpc.go.j2",
        include_str!("../../templates/idl_guest_rpc.go.j2"),
    ),
    (
        "idl_guest.c.j2",
        include_str!("../../templates/idl_guest.c.j2"),
    ),
    (
        "idl_guest_exports.c.j2",
        include_str!("../../templates/idl_guest_exports.c.j2"),
    ),
    (
        "idl_guest_function.c.j2",
        include_str!("../../templates/idl_guest_function.c.j2"),
    ),
];

/// What both kinds of calls need, in the order in which it is read. Its identifiers start with `idl_`.
pub(super) const RUNTIME: &[&str] = &[
    include_str!("../../runtime/idl/faults.go"),
    include_str!("../../runtime/idl/memory.go"),
    include_str!("../../runtime/idl/texts.go"),
    include_str!("../../runtime/idl/results.go"),
    include_str!("../../runtime/idl/bytes.go"),
    include_str!("../../runtime/idl/values.go"),
];

/// What functions need that are given a context.
const CONTEXTS: &[&str] = &[include_str!("../../runtime/idl/context.go")];

/// The packages that those need besides.
const CONTEXT_IMPORTS: &[&str] = &["context", "sync/atomic"];

/// What functions in the scalar form need.
const KEPT: &[&str] = &[include_str!("../../runtime/idl/kept.go")];

/// The packages that the runtime needs.
const IMPORTS: &[&str] = &[
    "errors",
    "fmt",
    "runtime",
    "strings",
    "time",
    "unicode/utf8",
    "unsafe",
];

/// The Go file.
#[derive(Serialize)]
struct View {
    docs: String,
    file: String,
    own: String,
    library: String,
    /// `C`, which only a template's own text may name.
    imports: Vec<String>,
    modules: Vec<String>,
    types: String,
    codec: String,
    runtime: String,
    /// Whether a function is given a context.
    contexts: bool,
    /// Whether a function has the scalar form.
    scalars: bool,
    conversions: Vec<String>,
    messages: Vec<String>,
    rpcs: Vec<Rpc>,
    main: bool,
}

/// One rpc.
#[derive(Serialize)]
struct Rpc {
    own: String,
    /// What the function does.
    docs: String,
    /// `Calc.div`
    path: String,
    /// `Calc_div`
    name: String,
    /// `Foreigndiv`
    foreign: String,
    request: String,
    response: String,
    /// Whether the function is given a context.
    context: bool,
    call: Vec<String>,
    /// Statements that count the texts of the request.
    rooms: Vec<String>,
    gets: Vec<String>,
    sizes: Vec<String>,
    puts: Vec<String>,
    arena: bool,
    /// The form without structs, of those that have it.
    scalar: Option<scalar::Scalar>,
}

/// Writes the guest of the definition `stem`; `homes` are the import paths of messages by their full names.
///
/// # Errors
/// What C cannot express.
pub(crate) fn guest(
    idl: &Idl<'_>,
    stem: &str,
    homes: &BTreeMap<String, String>,
    implemented: &[Implemented<'_>],
) -> Result<Guest, Diagnostics> {
    let module = compile::guest_module(stem, COMPILER.name);
    let mut calls = call::Calls::new(idl, homes);
    let mut native = Native::new(idl);
    let mut rpcs = Vec::new();
    let mut functions = Vec::new();
    for module in implemented {
        let import = module.import.as_ref().map(|import| &*import.path);
        for (wanted, call) in module.module.functions.iter().zip(&module.calls) {
            let mut functions_of_idl = idl.library.functions.iter();
            let function = functions_of_idl.find(|function| function.common.path == wanted.path);
            let Some(function) = function else { continue };
            functions.push(function);
            rpcs.push(rpc(
                idl,
                &mut native,
                function,
                Calling {
                    context: call.context,
                    lines: calls.lines(function, call, import),
                },
            ));
        }
    }
    rpcs.sort_by(|a, b| a.name.cmp(&b.name));
    functions.sort_by(|a, b| a.symbol.cmp(&b.symbol));
    let (modules, messages) = calls.needs();
    let (modules, plain): (Vec<_>, Vec<_>) =
        modules.into_iter().partition(|line| line.contains(' '));
    let quote = |path: &&str| format!("\"{path}\"");
    let contexts = rpcs.iter().any(|rpc| rpc.context);
    let scalars = rpcs.iter().any(|rpc| rpc.scalar.is_some());
    let parts = [
        (true, RUNTIME, IMPORTS),
        (contexts, CONTEXTS, CONTEXT_IMPORTS),
        (scalars, KEPT, &[]),
    ];
    let parts = || parts.iter().filter(|part| part.0);
    let imports: BTreeSet<String> = CODEC_IMPORTS
        .iter()
        .chain(parts().flat_map(|part| part.2))
        .map(quote)
        .chain(plain)
        .collect();
    let mut modules: Vec<String> = modules
        .into_iter()
        .chain(CODEC_MODULES.iter().map(quote))
        .collect();
    modules.sort_by(|a, b| a.split('"').nth(1).cmp(&b.split('"').nth(1)));
    let view = View {
        docs: idl.package_docs(&format!(
            "Package main is called for what {stem}.proto declares."
        )),
        file: module.name.clone(),
        own: idl.own(""),
        library: idl.library.prefix.clone(),
        imports: imports.into_iter().collect(),
        modules,
        types: idl.types(),
        codec: idl.codec(Direction::Guest),
        runtime: parts().map(|part| idl.runtime(part.1)).collect(),
        contexts,
        scalars,
        conversions: native.functions(),
        messages,
        rpcs,
        main: !implemented
            .iter()
            .any(|module| module.import.is_none() && module.package.has_main()),
    };
    let text = text("idl_guest.go.j2", &view);
    Ok(Guest {
        files: vec![File::new(format!("{}.go", module.name), text)],
        build_only: glue::files(idl, &module.name, &functions, contexts)?,
        library: module.file(),
    })
}

/// What the library exports for a call in protobuf's bytes: `Foreigndiv`.
fn foreign(idl: &Idl<'_>, function: &Function) -> String {
    match names_twice(idl.library).contains(&function.common.name) {
        true => format!("Foreign{}", idl.rpc(function)),
        false => format!("Foreign{}", function.common.name),
    }
}

/// The names that more than one service uses.
fn names_twice(library: &Library) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let names = library
        .functions
        .iter()
        .map(|function| function.common.name.clone());
    names.filter(|name| !seen.insert(name.clone())).collect()
}

/// The call of a user's function.
struct Calling {
    context: bool,
    lines: Vec<String>,
}

fn rpc(idl: &Idl<'_>, native: &mut Native<'_, '_>, function: &Function, call: Calling) -> Rpc {
    let (request, response) = (idl.request(function), idl.response(function));
    let name = idl.rpc(function);
    let (mut rooms, mut gets) = (Vec::new(), Vec::new());
    for (part, param) in request.parts.iter().zip(&function.params) {
        let at = native::add("p", param.offset);
        rooms.extend(native.room(param.ty, &at));
        gets.push(format!("in.{} = {}", part.go, native.get(param.ty, &at)));
    }
    let mut sizes = Vec::new();
    let mut puts = Vec::new();
    for (at, part) in response.parts.iter().enumerate() {
        let offset = function
            .results_struct
            .as_ref()
            .map_or(0, |found| found.offsets[at]);
        let value = format!("result.{}", part.go);
        sizes.extend(native.size(part.ty, &value));
        puts.push(native.put(part.ty, &native::add("to", offset), &value));
    }
    let arena = puts
        .iter()
        .any(|line| line.starts_with("a.") || line.contains("(a, "));
    let own = idl.own("");
    Rpc {
        docs: function_docs(
            &super::super::names::exported(&function.common.name),
            function,
        ),
        path: function.common.local_path().replace("::", "."),
        foreign: foreign(idl, function),
        request: request.name,
        response: response.name,
        name,
        own,
        context: call.context,
        call: call.lines,
        rooms,
        gets,
        sizes,
        puts,
        arena,
        scalar: scalar::scalar(idl, function),
    }
}

/// Templates are part of this program, so that one that does not render is found by its tests.
fn text(template: &str, view: &impl Serialize) -> String {
    render(TEMPLATES, template, view).unwrap_or_else(|error| format!("{error:#}"))
}
