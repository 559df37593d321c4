//! The command `gangplank`.
//!
//! Comes in: a command line. Goes out: results on stdout, progress and errors on stderr, an exit code. Everything that
//! is decided about interfaces and languages is decided in the libraries; this program finds files, runs tools and
//! talks to people.

#![forbid(unsafe_code)]

mod args;
mod beside;
mod build;
mod cargo;
mod compile;
mod config;
mod diff;
mod doctor;
mod failure;
mod generate;
mod inspect;
mod interface;
mod metadata;
mod new;
mod progress;
mod rustflags;
mod tools;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use args::{Args, BuildArgs, Command};
use build::Target;
use failure::{Failure, Outcome, Report};

fn main() -> ExitCode {
    let done = match Args::parse_from(args::as_typed()).command {
        Command::New(args) => new::new(&args).map(Report::done),
        Command::Build(args) => build_command(&args),
        Command::Generate(args) => generate::generate(&args),
        Command::Compile(args) => compile::compile(&args),
        Command::Inspect(args) => inspect::inspect(&args).map(Report::done),
        Command::Diff(args) => diff::diff(&args),
        Command::Doctor(args) => Ok(doctor::doctor(&args)),
    };
    match done.and_then(|report| print(&report.text).map(|()| report.exit_code())) {
        Ok(code) => code,
        Err(failure) => {
            // Whoever closed stderr still gets the exit code.
            let _ = writeln!(std::io::stderr(), "{failure}");
            failure.exit_code()
        }
    }
}

/// Writes a command's result to stdout. A reader that has seen enough (`| head`) is not an error.
fn print(result: &str) -> Outcome<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(result.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::Diagnostics(
            format!("error: cannot write the result: {error}"),
        )),
        _ => Ok(()),
    }
}

/// Builds a crate and puts the library where it is used; the result is the list of files.
fn build_command(args: &BuildArgs) -> Outcome<Report> {
    let source = cargo::describe(&args.source)?;
    let target = match &args.target {
        Some(triple) => Target::named(triple, &source.folder)?,
        None => Target::host(),
    };
    let built = build::build(&source, &target, args.debug_info)?;
    let mut placed = match &args.output {
        Some(package) => build::in_folder(&built, package)?,
        None => build::beside_crate(&built, &source)?,
    };
    if placed.files.is_empty() {
        placed.files = vec![built.archive, built.shared];
    }
    Ok(placed.report(Vec::new()))
}

/// One path per line.
fn lines(paths: &[PathBuf]) -> String {
    paths
        .iter()
        .map(|path| format!("{}\n", path.display()))
        .collect()
}
