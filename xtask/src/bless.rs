//! `cargo xtask bless`: the only way to change goldens.
//!
//! Comes in: the tests that compare with files. Goes out: these files written anew by the same tests: the generated
//! packages that are checked in, what `inspect` prints of the examples, the compiler's words about wrong attributes. The
//! change is then read in the diff.

use crate::run::{Failure, Session, quiet};

/// The crates whose tests compare with files; those of the others take long.
const WITH_GOLDENS: [&str; 2] = ["gangplank-codegen", "gangplank"];

/// Writes all goldens.
///
/// # Errors
/// Something does not build, or a test fails that has nothing to do with goldens.
pub(crate) fn bless(session: &Session) -> Result<(), Failure> {
    session.say("writing the goldens");
    let mut tests = session.cargo(&["test", "--quiet", "--no-fail-fast"]);
    tests.args(WITH_GOLDENS.map(|name| ["--package", name]).as_flattened());
    tests
        .env("GANGPLANK_BLESS", "1")
        .env("TRYBUILD", "overwrite")
        .env("INSTA_UPDATE", "always");
    quiet(&mut tests)?;
    session.say("done; read the diff before you commit it");
    Ok(())
}
