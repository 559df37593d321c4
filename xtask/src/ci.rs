//! `cargo xtask ci`: what must hold before a change lands.
//!
//! Comes in: the repository. Goes out: success, or the first of format, lints and docs that does not hold, or the
//! suites' own failure.

use crate::run::{Failure, Session, quiet};
use crate::{demo, fetch, test};

/// What comes from a network; format, lints, docs; then the demo; then the suites.
///
/// # Errors
/// The first that fails.
pub(crate) fn ci(session: &Session) -> Result<(), Failure> {
    fetch::all(session);
    session.say("format");
    quiet(&mut session.cargo(&["fmt", "--all", "--check"]))?;
    session.say("lints");
    quiet(&mut session.cargo(&[
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))?;
    session.say("docs");
    let mut docs = session.cargo(&[
        "doc",
        "--quiet",
        "--workspace",
        "--no-deps",
        "--document-private-items",
    ]);
    quiet(docs.env("RUSTDOCFLAGS", "-D warnings"))?;
    // The demo first: its lines and the list of suites share stdout, and the list ends with the counts.
    demo::demo(session)?;
    test::test(session, &[])
}
