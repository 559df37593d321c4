//! The examples: what is generated from them, and what their programs print.
//!
//! Comes in: the table below. Goes out: built libraries, packages, and the comparison of a program's output with
//! `expected.txt`.

use std::fmt::Write as _;
use std::path::Path;

use crate::run::{Session, output, quiet};

/// The examples, in the order of the demo.
pub(crate) const EXAMPLES: &[&str] = &["timer", "host_demo"];

/// A crate whose packages the suites use.
#[derive(Debug)]
pub(crate) struct Crate {
    /// Relative to the repository.
    pub(crate) folder: &'static str,
    /// The languages whose packages are made for the suites: nothing of a fixture's is checked in, and of an example's not
    /// what the toolkit has as a source.
    pub(crate) fresh: &'static [&'static str],
}

/// The examples, the libraries that the suites of all languages call, and the one whose calls are measured: its program
/// is linted.
pub(crate) const CRATES: &[Crate] = &[
    Crate {
        folder: "examples/timer",
        fresh: &["go", "c"],
    },
    Crate {
        folder: "examples/host_demo",
        fresh: &["go", "c"],
    },
    Crate {
        folder: "tests/fixtures/faults",
        fresh: &["go", "c"],
    },
    Crate {
        folder: "tests/fixtures/kitchen_sink",
        fresh: &["go", "c"],
    },
    Crate {
        folder: "bench/library",
        fresh: &["go"],
    },
];

/// Definitions, and the programs in Go whose generated half is made of them; linters look at the whole.
pub(crate) const GO_HOSTS: &[(&str, &str)] = &[
    (
        "examples/calc_proto/go/calc.proto",
        "examples/calc_proto/host-go",
    ),
    ("examples/textstat/textstat.proto", "examples/textstat"),
];

/// Writes the half of a Go program that calls what a definition declares.
///
/// # Errors
/// The definition has faults, or Go cannot express it.
pub(crate) fn go_host(session: &Session, idl: &str, to: &str) -> Result<(), String> {
    let flags = ["--from-host", "go", "--skip-compile-serialization"];
    let mut compile = session.gangplank(&["compile", "--idl", idl, "--output", to]);
    quiet(compile.args(flags))
}

/// Builds a crate's library and puts it into its packages.
///
/// # Errors
/// It does not build.
pub(crate) fn build(session: &Session, folder: &str) -> Result<(), String> {
    session.say(&format!("building the library of {folder}"));
    quiet(&mut session.gangplank(&["build", folder]))
}

/// Writes a crate's package for a language, and puts the library into it.
///
/// # Errors
/// The library does not build, or the language cannot express it.
pub(crate) fn generate(session: &Session, folder: &str, language: &str) -> Result<(), String> {
    session.say(&format!("writing {folder}/{language}"));
    quiet(&mut session.gangplank(&["generate", language, folder]))
}

/// Writes each package that is not all there: for suites that are run without the one that makes them. What goes wrong is
/// said, and the suite fails by itself.
pub(crate) fn complete(session: &Session) {
    for Crate { folder, fresh } in CRATES {
        for language in *fresh {
            let package = session.root.join(folder).join(language);
            let library = package.join("internal/lib");
            if (!package.join("gangplank.h").is_file() || !library.is_dir())
                && let Err(text) = generate(session, folder, language)
            {
                eprintln!("xtask: {text}");
            }
        }
    }
}

/// Runs the example's Go program and returns what it printed.
///
/// # Errors
/// It does not build or does not succeed.
pub(crate) fn run_go(session: &Session, example: &str, flags: &[&str]) -> Result<String, String> {
    let folder = format!("examples/{example}/go/example");
    output(
        session
            .command("go", &folder)
            .arg("run")
            .args(flags)
            .arg("."),
    )
}

/// Runs the example's C program, linked `static` or `dynamic`, and returns what it printed.
///
/// # Errors
/// It does not build or does not succeed.
pub(crate) fn run_c(session: &Session, example: &str, link: &str) -> Result<String, String> {
    let folder = format!("examples/{example}/c/example");
    let variables = [format!("LINK={link}"), format!("BUILD=build/{link}")];
    output(
        session
            .command("make", &folder)
            .args(["--silent", "--no-print-directory", "run"])
            .args(variables),
    )
}

/// Compares what a program printed with the example's `expected.txt`.
///
/// # Errors
/// They differ; the text shows both, line by line.
pub(crate) fn expect(session: &Session, example: &str, printed: &str) -> Result<(), String> {
    let file = session
        .root
        .join("examples")
        .join(example)
        .join("expected.txt");
    compare(&file, printed)
}

/// Compares a text with a file that holds what it should be.
///
/// # Errors
/// The file is missing, or they differ; the text shows both, line by line.
pub(crate) fn compare(file: &Path, text: &str) -> Result<(), String> {
    let expected = std::fs::read_to_string(file)
        .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    if expected == text {
        return Ok(());
    }
    let mut shown = format!("differs from {}:", file.display());
    let (mut expected, mut found) = (expected.lines(), text.lines());
    loop {
        match (expected.next(), found.next()) {
            (None, None) => return Err(shown),
            (expected, found) if expected == found => {}
            (expected, found) => {
                let lines = [("-", expected), ("+", found)];
                for (mark, line) in lines
                    .iter()
                    .filter_map(|(mark, line)| line.map(|line| (mark, line)))
                {
                    let _ = write!(shown, "\n  {mark} {line}"); // Writing to a string cannot fail.
                }
            }
        }
    }
}
