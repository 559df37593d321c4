//! `cargo xtask`: everything that is done with this repository.
//!
//! Comes in: a word. Goes out: on stdout only results (the demo's lines, the list of suites), everything
//! else on stderr; exit code 0 done, 1 something failed, 2 wrong usage, 3 a tool is missing. It depends on nothing, so
//! that it compiles in seconds before anything else does.

#![forbid(unsafe_code)]

mod asan;
mod bench;
mod bless;
mod breakages;
mod ci;
mod copy;
mod demo;
mod examples;
mod fetch;
mod go;
mod new_backend;
mod page;
mod pairs;
mod python;
mod run;
mod suites;
mod tally;
mod test;
mod toolchain;

use std::process::ExitCode;

use run::Session;

const HELP: &str = "\
cargo xtask WORD

  demo           build the examples' libraries, write their Go and Python packages, run the programs
  test [SUITE…]  run every suite that the tools of this machine allow, or those that are named
  test --soak    the same with the long counts, and the breakages
  pairs          one .proto file in every language on both sides, alone
  ci             what must hold before a change lands: format, lints, docs, test, demo
  bench          what a call costs, as ratios; --quick: in a minute, --json: one object per row, --only WORD: some rows,
                 --sizes FILE.svg: cost against size instead
  bench --page   three quick runs, and their medians as the tables of docs/performance.md
  bless          write the checked-in generated code and golden files anew
  new-backend NAME  start a language: a backend's folder, its line in the table, its compiler plugin
  breakages      break rules of the runtime one by one, in a copy; each time a named test must fail

Needs Rust, Go, a C compiler and binutils. What is missing is said: with CI=true it is a failure, else `test` skips
what needs it.";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let session = match Session::new(words.contains(&"--soak")) {
        Ok(session) => session,
        Err(text) => return failed(&text),
    };
    let done = match words.as_slice() {
        ["demo"] => demo::demo(&session),
        ["test", suites @ ..] if test::known(suites) => test::test(&session, suites),
        ["pairs"] => pairs::alone(&session),
        ["ci"] => ci::ci(&session),
        ["bench", "--page"] => bench::page(&session),
        ["bench", flags @ ..] => bench::bench(&session, flags),
        ["bless"] => bless::bless(&session),
        ["new-backend", name] => new_backend::new_backend(&session, name),
        ["breakages"] => breakages::breakages(&session),
        ["help" | "--help" | "-h"] => {
            println!("{HELP}\n\n{}", suites());
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{HELP}\n\n{}", suites());
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(run::Failure::Tools(text)) => {
            eprintln!("{text}");
            ExitCode::from(3)
        }
        Err(run::Failure::Other(text)) => failed(&text),
    }
}

/// The names of the suites, as `test` takes them.
fn suites() -> String {
    let names = suites::SUITES.iter().map(|suite| suite.name);
    format!("Suites: {}.", names.collect::<Vec<_>>().join("; "))
}

fn failed(text: &str) -> ExitCode {
    eprintln!("xtask: {text}");
    ExitCode::FAILURE
}
