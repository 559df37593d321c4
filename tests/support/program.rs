//! Programs that tests write and run.
//!
//! Comes in: a path and a script. Goes out: a program there. Another process writes it: a thread that starts a program
//! meanwhile would pass on what this one has open for writing, and what is open for writing cannot be run.

use std::path::Path;
use std::process::Command;

/// Writes a program.
pub(crate) fn write(path: &Path, script: &str) {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "printf %s \"$2\" > \"$1\" && chmod 755 \"$1\"", "sh"]);
    let status = shell.arg(path).arg(script).status().expect("a shell");
    assert!(status.success(), "{} is not written", path.display());
}
