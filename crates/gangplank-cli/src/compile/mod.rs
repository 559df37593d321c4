//! `gangplank compile`: a `.proto` file to guests and hosts.
//!
//! Comes in: a definition, and what is wanted of it. Goes out: files, which the library writes; here are only words,
//! languages and exit codes. A language that is not built in is a plugin's business.

mod plugin;

use std::collections::BTreeSet;
use std::path::Path;
use std::rc::Rc;

use gangplank_codegen::compile::{
    self, Compiler, GuestLanguage, Part, Progress, Request, Setting, guest_language,
};
use gangplank_codegen::output;
use gangplank_model::diagnostics::codes;
use gangplank_model::{Diagnostic, Diagnostics};
use xllr::CompilerPlugin;

use crate::args::CompileArgs;
use crate::failure::{Failure, Outcome, Report};
use crate::{beside, lines, progress};

/// Compiles; the result is the list of files.
///
/// Compilers that are built in only say what they have made, and it is put in place at the end: a command that fails has
/// written nothing. A plugin writes by itself, so it is called when everything else lies beside its place; when it fails, none
/// of that is left, but for what another plugin has written before. Where only a tool is missing that nothing else needs, the
/// rest is written, and the exit code is that of a missing tool.
///
/// # Errors
/// The definition or its implementation has faults, a tool is missing, there is no compiler for a language.
pub(crate) fn compile(args: &CompileArgs) -> Outcome<Report> {
    let nothing = !args.to_guest && args.from_host.is_empty() && args.skip_compile_serialization;
    if nothing {
        return Err(Failure::Usage(
            "nothing is asked for: add --to-guest or --from-host".to_owned(),
        ));
    }
    let toolkit = beside::folder();
    let output = output::tidy(&args.output);
    let request = Request {
        toolkit: toolkit.as_deref(),
        ..request(args, &output)
    };
    // Languages are looked up first: an unknown one is said before anything is built.
    let (built_in, calls) = match &args.plugin {
        Some(path) => (Vec::new(), of_plugin(args, &plugin::open(path)?)),
        None => of_languages(args, &request)?,
    };
    let results = request.ask(&built_in);
    let mut results = results.map_err(|found| failure(&found, &request))?;
    if results.is_empty() && calls.is_empty() {
        return Err(Failure::Usage(
            "nothing is made: the language that the tags name needs no code of protobuf's own; add --to-guest or --from-host"
                .to_owned(),
        ));
    }
    let lacking = results.take_lacking();
    let staged = results.stage(&output);
    let staged = staged.map_err(|found| failure(&found, &request))?;
    for (plugin, part) in &calls {
        plugin::call(plugin, *part, &args.idl, &output)?;
    }
    let made = staged.put();
    let mut made = made.map_err(|found| failure(&found, &request))?;
    made.sort();
    let Some(lacking) = lacking else {
        return Ok(Report::done(lines(&made)));
    };
    progress::show(&request.report(&lacking, progress::colour()));
    Ok(Report::incomplete(lines(&made)))
}

fn request<'a>(args: &'a CompileArgs, output: &'a Path) -> Request<'a> {
    Request {
        includes: &args.includes,
        protoc_gen_go: args.protoc_gen_go.as_deref(),
        python: args.python.as_deref(),
        host_package: args.host_package.as_deref(),
        progress: &|happens| match happens {
            Progress::Step { verb, what } => progress::step(verb, what),
            Progress::Note(text) => progress::step("Note", text),
            Progress::Running { elapsed } => progress::running(elapsed),
        },
        ..Request::new(&args.idl, output)
    }
}

/// A plugin, and what is called of it. It does not say which files it has made.
type Call = (Rc<CompilerPlugin>, Part);

/// A plugin has one language, whatever it is called.
fn of_plugin(args: &CompileArgs, plugin: &Rc<CompilerPlugin>) -> Vec<Call> {
    let asked = [
        (args.to_guest, Part::Guest),
        (!args.from_host.is_empty(), Part::Host),
        (!args.skip_compile_serialization, Part::Serialization),
    ];
    let asked = asked.into_iter().filter(|(asked, _)| *asked);
    asked.map(|(_, part)| (Rc::clone(plugin), part)).collect()
}

/// What is asked of a compiler that is built in.
type Asked = (&'static Compiler, Part);

/// The compilers of the languages that are asked for.
fn of_languages(args: &CompileArgs, request: &Request<'_>) -> Outcome<(Vec<Asked>, Vec<Call>)> {
    let guest = guest_language(request).map_err(|found| failure(&found, request))?;
    let mut asked = Vec::new();
    if args.to_guest {
        asked.push((guest.name.as_str(), Part::Guest));
    }
    // A language has one name, however many words mean it.
    let name = |word| compile::find(word).map_or(word, |compiler| compiler.name);
    let words = args.from_host.iter().map(String::as_str);
    let hosts: BTreeSet<&str> = words.map(name).collect();
    asked.extend(hosts.iter().map(|host| (*host, Part::Host)));
    if !args.skip_compile_serialization {
        let mut languages = hosts;
        if args.to_guest || languages.is_empty() {
            languages.insert(&guest.name);
        }
        let each = languages.into_iter();
        asked.extend(each.map(|language| (language, Part::Serialization)));
    }
    let (mut built_in, mut calls) = (Vec::new(), Vec::new());
    for (language, part) in asked {
        match compile::find(language) {
            Some(compiler) => built_in.push((compiler, part)),
            None if !args.includes.is_empty() => {
                let text = format!(
                    "the plugin for `{language}` takes no -I: imports lie beside the definition"
                );
                return Err(Failure::Usage(text));
            }
            None => calls.push((find(language, &guest, request)?, part)),
        }
    }
    unread(request, &built_in)?;
    Ok((built_in, calls))
}

/// The plugin of a language. A language that a tag names is the definition's fault.
fn find(
    language: &str,
    guest: &GuestLanguage,
    request: &Request<'_>,
) -> Outcome<Rc<CompilerPlugin>> {
    let said = guest.said.as_ref().filter(|_| guest.name == language);
    match (plugin::find(language), said) {
        (Err(Failure::NoCompiler { text, help }), Some(tag)) => {
            let fault = Diagnostic::new(codes::PROTO_TAG, text).label(tag, "named here");
            Err(failure(&fault.help(help).into(), request))
        }
        (found, _) => found,
    }
}

/// Refuses an option that nothing of what is asked for reads.
fn unread(request: &Request<'_>, asked: &[(&Compiler, Part)]) -> Outcome<()> {
    for setting in request.settings() {
        let reads =
            |(compiler, part): &(&Compiler, Part)| compiler.reads.contains(&(setting, *part));
        if asked.iter().any(reads) {
            continue;
        }
        let option = match setting {
            Setting::HostPackage => "--host-package",
            Setting::ProtocGenGo => "--protoc-gen-go",
            Setting::Python => "--python",
        };
        let mut readers = Vec::new();
        for compiler in compile::compilers() {
            for (_, part) in compiler.reads.iter().filter(|(known, _)| *known == setting) {
                let what = match part {
                    Part::Guest => "guests",
                    Part::Host => "hosts",
                    Part::Serialization => "protobuf's own code",
                };
                readers.push(format!("{what} in {}", compiler.name));
            }
        }
        return Err(Failure::Usage(format!(
            "{option} is for {}, which are not asked for: leave it out",
            readers.join(" and ")
        )));
    }
    Ok(())
}

/// Findings with the lines they point to. A missing tool has an exit code of its own.
fn failure(found: &Diagnostics, request: &Request<'_>) -> Failure {
    let text = request.report(found, progress::colour());
    let tools = [
        codes::GO_MISSING,
        codes::GO_TOO_OLD,
        codes::CGO_OFF,
        codes::C_COMPILER_MISSING,
        codes::MUSL,
        codes::OTHER_MACHINE,
        codes::GO_CACHES,
        codes::GRPC_TOOLS_MISSING,
    ];
    if found.iter().any(|one| tools.contains(&one.code)) {
        Failure::MissingToolchain(text)
    } else {
        Failure::Diagnostics(text)
    }
}
