//! `gangplank generate`: the package of a language.
//!
//! Comes in: a library file, or a crate, which is built first. Goes out: the package's files, or with `--check` the
//! differences to those that are there. What the files are is decided by `gangplank_codegen::generate`; here are only
//! folders, settings and words.

use std::path::{Path, PathBuf};

use gangplank_codegen::backend::{self, File, Language};
use gangplank_codegen::{Input, output};
use gangplank_model::Diagnostics;
use gangplank_model::diagnostics::{Label, render};

use crate::args::GenerateArgs;
use crate::build::{self, Built, Given, Placed, Target};
use crate::cargo::{self, Crate};
use crate::failure::{Failure, Outcome, Report};
use crate::interface::{check_includes, is_definition};
use crate::new::quoted;
use crate::{config, interface, progress};

/// What the input turned out to be.
struct Subject {
    library: PathBuf,
    /// Of a `.proto` file: where its imports are.
    includes: Vec<PathBuf>,
    /// Where the package goes when nobody says otherwise.
    package: PathBuf,
    /// Of a crate: itself, and what was built.
    built: Option<(Crate, Built)>,
}

/// Writes or checks a package; the result is the list of files that were written.
///
/// # Errors
/// The input is not there or has no interface, the settings have a fault, the language cannot express something, a file
/// cannot be written; with `--check`, the package is not what would be written.
pub(crate) fn generate(args: &GenerateArgs) -> Outcome<Report> {
    let language = backend::find(&args.language)
        .ok_or_else(|| Failure::Usage(format!("there is no language `{}`", args.language)))?;
    check_includes(&[&args.input], &args.includes)?;
    if args.debug_info && !args.input.is_dir() {
        let text = "--debug-info is for a crate, which is built: leave it out";
        return Err(Failure::Usage(text.to_owned()));
    }
    let beside = if args.input.is_dir() {
        Some(args.input.as_path())
    } else {
        args.input.parent()
    };
    let config = config::read(beside.unwrap_or(Path::new(".")), args.config.as_deref())?;
    let subject = subject(args, language)?;
    let files = gangplank_codegen::generate(subject.input(), language, &config)
        .map_err(|found| diagnostics(&found, subject.built.as_ref().map(|(source, _)| source)))?;
    let package = args.output.clone();
    let package = output::tidy(&package.unwrap_or_else(|| subject.package.clone()));
    if args.check {
        return check(&files, &package, args).map(Report::done);
    }
    let outcomes = output::write(&files, &package)
        .map_err(|error| Failure::Diagnostics(format!("error: {error}")))?;
    let written = outcomes
        .into_iter()
        .filter(|(_, outcome)| *outcome == output::Outcome::Written);
    let written: Vec<PathBuf> = written.map(|(path, _)| path).collect();
    let placed = match (&subject.built, &language.placing) {
        (_, None) => Placed::default(),
        (Some((_, built)), Some(placing)) => build::in_package(built, placing, &package)?,
        (None, Some(placing)) => build::given(&subject.given()?, placing, &package)?,
    };
    progress::step(
        "Wrote",
        &format!("the {} package in {}", language.name, package.display()),
    );
    Ok(placed.report(written))
}

impl Subject {
    /// What there is without a crate: a library that somebody else has built, or a definition.
    fn given(&self) -> Outcome<Given> {
        match self.input() {
            Input::ProtoFile { .. } => Ok(Given::Definition),
            Input::LibraryFile(path) => Ok(Given::Library {
                name: interface::read(path, &[])?.library.name,
                path: path.to_owned(),
            }),
        }
    }

    fn input(&self) -> Input<'_> {
        if is_definition(&self.library) {
            return Input::ProtoFile {
                path: &self.library,
                includes: &self.includes,
            };
        }
        Input::LibraryFile(&self.library)
    }
}

fn subject(args: &GenerateArgs, language: &Language) -> Outcome<Subject> {
    if !args.input.is_dir() {
        // Asked here, because "no such file" in the words of a library reader helps nobody who mistyped a folder.
        std::fs::metadata(&args.input)
            .map_err(|error| Failure::file("open", &args.input, &error))?;
        return Ok(Subject {
            library: args.input.clone(),
            includes: args.includes.clone(),
            package: PathBuf::from(language.name),
            built: None,
        });
    }
    let source = cargo::describe(&args.input)?;
    let built = build::build(&source, &Target::host(), args.debug_info)?;
    Ok(Subject {
        library: built.shared.clone(),
        includes: Vec::new(),
        package: args.input.join(language.name),
        built: Some((source, built)),
    })
}

/// Compares the files with those that are there.
fn check(files: &[File], package: &Path, args: &GenerateArgs) -> Outcome<String> {
    let outcomes = output::compare(files, package)
        .map_err(|error| Failure::Diagnostics(format!("error: {error}")))?;
    let mut text = String::new();
    for (file, (path, outcome)) in files.iter().zip(outcomes) {
        if outcome == output::Outcome::Written {
            text.push_str(&difference(&path, &file.contents));
        }
    }
    if text.is_empty() {
        return Ok(String::new());
    }
    Err(Failure::Diagnostics(format!(
        "{text}error: the package in {} is not up to date\n  help: run `{}`",
        package.display(),
        command(args)
    )))
}

/// The command that writes what `--check` has compared.
fn command(args: &GenerateArgs) -> String {
    let mut words = format!(
        "gangplank generate {} {}",
        args.language,
        quoted(&args.input)
    );
    let mut add = |option: &str, path: &Path| words += &format!(" {option} {}", quoted(path));
    args.output.iter().for_each(|path| add("-o", path));
    args.includes.iter().for_each(|path| add("-I", path));
    args.config.iter().for_each(|path| add("--config", path));
    if args.debug_info {
        words += " --debug-info";
    }
    words
}

/// What would change in a file, as a diff.
fn difference(path: &Path, contents: &str) -> String {
    let Ok(old) = std::fs::read_to_string(path) else {
        return format!("{}: missing\n", path.display());
    };
    let name = path.display().to_string();
    similar::TextDiff::from_lines(old.as_str(), contents)
        .unified_diff()
        .header(&name, &format!("{name} (as it would be written)"))
        .to_string()
}

/// Findings as text, with lines of source where the crate is at hand.
pub(crate) fn diagnostics(found: &Diagnostics, source: Option<&Crate>) -> Failure {
    let text = |label: &Label| {
        let (_, folder) = source?
            .folders
            .iter()
            .find(|(name, _)| name == label.crate_name())?;
        std::fs::read_to_string(folder.join(&label.location.file)).ok()
    };
    Failure::Diagnostics(render(found, &text, progress::colour()))
}
