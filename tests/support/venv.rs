//! Virtual environments for tests, with pinned packages from PyPI.
//!
//! Comes in: packages. Goes out: the folder of an environment that has them, kept in the target folder from run to run. The
//! first test that wants one makes it. Without `python3`, its `venv` or an index that pip reaches, tests say so and end; in
//! CI that is a failure.

#![allow(dead_code, reason = "each test program uses another part of it")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// Writes protobuf's Python code.
pub(crate) const GRPC_TOOLS: &str = "grpcio-tools==1.85.1";

/// The folder of an environment with these packages.
pub(crate) fn with(packages: &[&str]) -> Option<PathBuf> {
    match made(packages) {
        Ok(folder) => Some(folder),
        Err(text) => {
            let ci = std::env::var("CI");
            let ci = ci.is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
            assert!(!ci, "in CI there must be Python, venv and pip: {text}");
            eprintln!("SKIPPED: {text}");
            None
        }
    }
}

/// Its interpreter.
pub(crate) fn python(environment: &Path) -> PathBuf {
    environment.join("bin/python")
}

/// The `python3` of PATH, which environments are made of.
pub(crate) fn base() -> Result<PathBuf, String> {
    let question = "import sys; print(sys.executable)";
    let text = succeed(Command::new("python3").args(["-c", question]))?;
    Ok(PathBuf::from(text.trim()))
}

fn made(packages: &[&str]) -> Result<PathBuf, String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let base = base()?;
    let version = "import sys; print('python-%d.%d.%d' % sys.version_info[:3])";
    let version = succeed(Command::new(&base).args(["-c", version]))?;
    let name = [&[version.trim()], packages].concat().join("+");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("venvs");
    let place = folder.join(name.replace("==", "-"));
    if place.is_dir() {
        return Ok(place);
    }
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    // Several tests may want it at once: each makes its own, and the first that is complete gets the name.
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let scratch = folder.join(format!(".new-{}-{number}", std::process::id()));
    let done = make(&base, &scratch, packages);
    let done = done.map(|()| std::fs::rename(&scratch, &place).is_ok() || place.is_dir());
    // Gone when it has its name.
    let _ = std::fs::remove_dir_all(&scratch);
    match done? {
        true => Ok(place),
        false => Err(format!("cannot make {}", place.display())),
    }
}

fn make(base: &Path, folder: &Path, packages: &[&str]) -> Result<(), String> {
    let mut venv = Command::new(base);
    venv.args(["-m", "venv"]);
    venv.args(packages.is_empty().then_some("--without-pip"));
    succeed(venv.arg(folder))?;
    if packages.is_empty() {
        return Ok(());
    }
    let mut pip = Command::new(python(folder));
    pip.args(["-m", "pip", "install", "--quiet"]);
    pip.arg("--disable-pip-version-check");
    succeed(pip.args(packages)).map(drop)
}

fn succeed(command: &mut Command) -> Result<String, String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?}: {said}"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
