//! What the tests that run Go share.

#![allow(dead_code, reason = "each test program uses another part of it")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// The definition with the five functions that every pair of languages is tested with.
pub(crate) fn calc() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/calc/calc.proto")
}

/// A folder of its own.
pub(crate) fn here() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// The command with no way to the network.
pub(crate) fn offline(command: &mut Command) -> &mut Command {
    command.env("GOPROXY", "off").env("GOFLAGS", "-mod=mod")
}

/// Whether Go is there. A test that needs it ends early without it, loudly; in CI it must be there.
pub(crate) fn has_go() -> bool {
    let there = Command::new("go").arg("version").output().is_ok();
    let ci = std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
    assert!(there || !ci, "in CI there must be a `go`");
    if !there {
        eprintln!("SKIPPED: this test needs `go`");
    }
    there
}
