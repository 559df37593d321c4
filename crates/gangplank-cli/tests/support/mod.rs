//! What the tests of the command share: temporary crates, and running `gangplank` in them.

#![allow(dead_code, reason = "each test program uses another part of it")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// A folder of its own that survives the run, so that the next one finds what cargo has built.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Writes a file and its folders; leaves it alone when it has these contents, so that cargo sees nothing new.
pub(crate) fn write(path: &Path, contents: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    if std::fs::read_to_string(path).is_ok_and(|old| old == contents) {
        return;
    }
    std::fs::write(path, contents).unwrap();
}

/// A crate outside every workspace, with the versions of dependencies that the repository has.
pub(crate) fn crate_in(folder: &Path, name: &str, manifest: &str, source: &str) -> PathBuf {
    let root = folder.join(name);
    let head = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n"
    );
    write(&root.join("Cargo.toml"), &(head + manifest));
    write(&root.join("src/lib.rs"), source);
    if !root.join("Cargo.lock").exists() {
        std::fs::copy(repository().join("Cargo.lock"), root.join("Cargo.lock")).unwrap();
    }
    root
}

/// The target folder of all crates that tests make: what they depend on is built once.
pub(crate) fn target() -> PathBuf {
    folder("target")
}

/// `gangplank` in `folder`, whose cargo builds alike whatever the environment of the test says. Nothing is measured here, and
/// without optimization it is done sooner.
pub(crate) fn gangplank(folder: &Path) -> Command {
    gangplank_at(Path::new(env!("CARGO_BIN_EXE_gangplank")), folder)
}

/// The command alone in a folder, as after `cargo install`; the toolkit's other files can be put beside it.
pub(crate) fn installed() -> (tempfile::TempDir, PathBuf) {
    // A link, and no copy: who copies a program cannot run it while another thread starts one.
    let bin = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let command = bin.path().canonicalize().unwrap().join("gangplank");
    std::fs::hard_link(env!("CARGO_BIN_EXE_gangplank"), &command).unwrap();
    (bin, command)
}

/// The same by a link to it.
pub(crate) fn gangplank_at(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env("CARGO_TARGET_DIR", target())
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .current_dir(folder);
    for variable in [
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_BUILD_RUSTFLAGS",
    ] {
        command.env_remove(variable);
    }
    command
}

/// Runs a command and returns its exit code, stdout and stderr.
pub(crate) fn run(command: &mut Command) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

/// Runs a command that must succeed; returns its stdout.
pub(crate) fn succeed(command: &mut Command) -> String {
    let (code, stdout, stderr) = run(command);
    assert_eq!(code, 0, "{command:?}\n{stdout}\n{stderr}");
    stdout
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

/// The folder of `libxllr` and its runtime for Python.
pub(crate) fn loader() -> PathBuf {
    built(&["xllr", "xllr-python3"])
}

/// The extension of hosts in Python.
pub(crate) fn extension() -> PathBuf {
    built(&["gangplank-python-host"]).join("lib_gangplank.so")
}

/// Builds what cargo does not build for tests, since nothing can link it; the folder.
fn built(packages: &[&str]) -> PathBuf {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet"]);
    for package in packages {
        cargo.args(["--package", package]);
    }
    cargo.args((!cfg!(debug_assertions)).then_some("--release"));
    succeed(cargo.current_dir(repository()));
    let gangplank = Path::new(env!("CARGO_BIN_EXE_gangplank"));
    gangplank.parent().unwrap().to_owned()
}
