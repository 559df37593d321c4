//! `gangplank compile`: a `.proto` file to guests and hosts.
//!
//! Comes in: a definition, and what is wanted of it. Goes out: files, which the library writes; here are only words,
//! languages and exit codes. A language that is not built in is a plugin's business.

mod plugin;

use std::path::PathBuf;
use std::rc::Rc;

use gangplank_codegen::compile::{self, Compiler, Door, Progress, Request, guest_language};
use gangplank_codegen::proto;
use gangplank_model::Diagnostics;
use gangplank_model::diagnostics::{Label, codes, render};
use xllr::CompilerPlugin;

use crate::args::CompileArgs;
use crate::failure::{Failure, Outcome};
use crate::{lines, progress};

/// Compiles; the result is the list of files.
///
/// # Errors
/// The definition or its implementation has faults, a tool is missing, there is no compiler for a language.
pub(crate) fn compile(args: &CompileArgs) -> Outcome<String> {
    let nothing = !args.to_guest && args.from_host.is_empty() && args.skip_compile_serialization;
    if nothing {
        return Err(Failure::Usage(
            "nothing is asked for: add --to-guest or --from-host".to_owned(),
        ));
    }
    let mut made = Vec::new();
    // Languages are looked up first: an unknown one is said before anything is built.
    let mut doors: Vec<Todo> = Vec::new();
    let language = match &args.plugin {
        Some(_) => String::new(),
        None => guest_language(&args.idl).map_err(|found| failure(&found, args))?,
    };
    let opened = args.plugin.as_deref().map(plugin::open).transpose()?;
    let todo = |language: &str, function| todo(opened.as_ref(), language, function);
    if args.to_guest {
        doors.push(todo(&language, plugin::Function::ToGuest)?);
    }
    // A plugin has one language, whatever it is called.
    let hosts = if args.plugin.is_some() { 1 } else { usize::MAX };
    for language in args.from_host.iter().take(hosts) {
        doors.push(todo(language, plugin::Function::FromHost)?);
    }
    if !args.skip_compile_serialization {
        let mut languages: Vec<&String> = args.from_host.iter().collect();
        if args.to_guest || languages.is_empty() {
            languages.push(&language);
        }
        languages.sort();
        languages.dedup();
        for language in languages.into_iter().take(hosts) {
            doors.push(todo(language, plugin::Function::Serialization)?);
        }
    }
    for door in doors {
        match door {
            Todo::BuiltIn(door) => made.extend(built_in(args, door)?),
            // It does not say which files it has made.
            Todo::Plugin(plugin, function) => {
                plugin::call(&plugin, function, &args.idl, &args.output)?;
            }
        }
    }
    made.sort();
    made.dedup();
    Ok(lines(&made))
}

/// What is to be called.
enum Todo {
    BuiltIn(Door),
    Plugin(Rc<CompilerPlugin>, plugin::Function),
}

fn todo(
    opened: Option<&Rc<CompilerPlugin>>,
    language: &str,
    function: plugin::Function,
) -> Outcome<Todo> {
    if let Some(plugin) = opened {
        return Ok(Todo::Plugin(Rc::clone(plugin), function));
    }
    match compile::find(language) {
        Some(compiler) => Ok(Todo::BuiltIn(door(compiler, function))),
        None => Ok(Todo::Plugin(plugin::find(language)?, function)),
    }
}

fn door(compiler: &Compiler, function: plugin::Function) -> Door {
    match function {
        plugin::Function::ToGuest => compiler.to_guest,
        plugin::Function::FromHost => compiler.from_host,
        plugin::Function::Serialization => compiler.serialization,
    }
}

fn built_in(args: &CompileArgs, door: Door) -> Outcome<Vec<PathBuf>> {
    let request = Request {
        protoc_gen_go: args.protoc_gen_go.as_deref(),
        python: args.python.as_deref(),
        host_package: args.host_package.as_deref(),
        progress: &|happens| match happens {
            Progress::Step { verb, what } => progress::step(verb, what),
            Progress::Running { elapsed } => progress::running(elapsed),
        },
        ..Request::new(&args.idl, &args.output)
    };
    door(&request).map_err(|found| failure(&found, args))
}

/// Findings with the lines they point to. A missing tool has an exit code of its own.
fn failure(found: &Diagnostics, args: &CompileArgs) -> Failure {
    let of_idl = proto::sources(&args.idl, &[]);
    // The definition and its imports go by the names that imports have, the implementation by its paths.
    let source = |label: &Label| {
        of_idl(&label.location).or_else(|| std::fs::read_to_string(&label.location.file).ok())
    };
    let text = render(found, &source, progress::colour());
    let tools = [
        codes::GO_MISSING,
        codes::GO_TOO_OLD,
        codes::CGO_OFF,
        codes::C_COMPILER_MISSING,
        codes::MUSL,
    ];
    if found.iter().any(|one| tools.contains(&one.code)) {
        Failure::MissingToolchain(text)
    } else {
        Failure::Diagnostics(text)
    }
}
