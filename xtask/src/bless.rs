//! `cargo xtask bless`: the only way to change goldens.
//!
//! Comes in: the examples and the tests. Goes out: the generated code that is checked in, what `inspect` prints for each of
//! its libraries, and every golden file that a test compares with, written anew. The change is then read in the diff.

use crate::examples::{CRATES, LANGUAGES, generate};
use crate::run::{Failure, Session, output, quiet};
use crate::suites::inspected;
use crate::toolchain::{Tool, require};

/// Writes all goldens.
///
/// # Errors
/// A tool is missing, or something does not build.
pub(crate) fn bless(session: &Session) -> Result<(), Failure> {
    require(session, "bless", &[Tool::Cc, Tool::Binutils])?;
    session.build_gangplank()?;
    for folder in CRATES {
        for language in LANGUAGES {
            generate(session, folder, language)?;
        }
        let (library, golden) = inspected(session, folder);
        let text = output(&mut session.gangplank(&["inspect", &library]))?;
        std::fs::write(&golden, text)
            .map_err(|error| format!("cannot write {}: {error}", golden.display()))?;
    }
    session.say("golden files of the tests");
    let mut tests = session.cargo(&["test", "--quiet", "--workspace", "--no-fail-fast"]);
    tests
        .env("GANGPLANK_BLESS", "1")
        .env("TRYBUILD", "overwrite")
        .env("INSTA_UPDATE", "always");
    quiet(&mut tests)?;
    session.say("done; read the diff before you commit it");
    Ok(())
}
