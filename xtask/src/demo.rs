//! `cargo xtask demo`: from Rust source to running programs in Go and Python.
//!
//! Comes in: the examples. Goes out: on stdout exactly what their `expected.txt` say, in the order of the examples. The programs in
//! Python come last and are compared with the same files; that they say the same is not printed once more.

use std::io::Write as _;

use crate::examples::{EXAMPLES, expect, generate, run_go};
use crate::run::{Failure, Session};
use crate::toolchain::{Tool, require};
use crate::{pairs, python};

/// Builds the libraries, writes the packages, runs the programs.
///
/// # Errors
/// A tool is missing, something does not build, or a program prints something else.
pub(crate) fn demo(session: &Session) -> Result<(), Failure> {
    require(session, "demo", &[Tool::Go, Tool::Cc, Tool::Binutils])?;
    session.build_gangplank()?;
    for example in EXAMPLES {
        generate(session, &format!("examples/{example}"), "go")?;
        session.say(&format!("running examples/{example}/go/example"));
        let printed = run_go(session, example, &[])?;
        show(&printed)?;
        expect(session, example, &printed)?;
    }
    show(&pairs::demo(session)?)?;
    programs_in_python(session)
}

/// Without a Python they are skipped, loudly.
fn programs_in_python(session: &Session) -> Result<(), Failure> {
    if let Some(missing) = Tool::Python.missing(session) {
        let text = format!("xtask: SKIPPED the programs in Python: missing {missing}");
        if session.ci {
            return Err(Failure::Tools(text));
        }
        eprintln!("{text}");
        return Ok(());
    }
    for example in EXAMPLES {
        session.say(&format!("running examples/{example}/python/example"));
        python::example(session, example)?;
    }
    Ok(())
}

/// Results go to stdout.
fn show(printed: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    out.write_all(printed.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| error.to_string())
}
