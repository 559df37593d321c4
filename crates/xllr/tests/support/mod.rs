//! What the tests load: libraries of this repository, and C libraries built on the spot.

#![allow(dead_code, reason = "each test program uses another part of it")]

#[cfg(target_os = "linux")]
pub(crate) mod isolated;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// Builds a crate of this repository; its shared library.
pub(crate) fn build(name: &str) -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--quiet", "--package", name])
        .arg("--message-format=json-render-diagnostics")
        // As the test itself was built: a measurement is one of optimized code on both sides.
        .args((!cfg!(debug_assertions)).then_some("--release"))
        .current_dir(root())
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "{name} does not build");
    let text = String::from_utf8(output.stdout).unwrap();
    let messages = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let files: Vec<Value> = messages
        .filter(|message| message["target"]["name"] == name)
        .filter_map(|message| message["filenames"].as_array().cloned())
        .flatten()
        .collect();
    let mut files = files.iter().filter_map(Value::as_str);
    let shared = files.find(|file| file.ends_with(std::env::consts::DLL_SUFFIX));
    PathBuf::from(shared.expect("a shared library"))
        .canonicalize()
        .unwrap()
}

/// Compiles C: a shared library, or with other arguments a program.
pub(crate) fn compile(source: &Path, output: &Path, arguments: &[&str]) {
    let status = Command::new("cc")
        .args([
            "-std=c11",
            "-D_GNU_SOURCE",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-O2",
        ])
        .arg(source)
        .arg("-o")
        .arg(output)
        .args(arguments)
        .status()
        .expect("a C compiler");
    assert!(status.success(), "{} does not compile", source.display());
}

/// Builds the C guest into a folder; it counts there how often it was loaded.
pub(crate) fn guest(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    let counter = format!("-DCOUNTER=\"{}\"", path.display());
    compile(&c_file("guest.c"), &path, &["-shared", "-fPIC", &counter]);
    path.canonicalize().unwrap()
}

/// How often a guest was `loaded` or `unloaded`.
pub(crate) fn count(guest: &Path, what: &str) -> u64 {
    let file = format!("{}.{what}", guest.display());
    std::fs::metadata(file).map_or(0, |file| file.len())
}

/// A file of `tests/c`.
pub(crate) fn c_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/c")
        .join(name)
}

/// A package of `tests/go`.
pub(crate) fn go_package(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/go")
        .join(name)
}

/// Compiles a guest in Go from a folder of `tests/guests`, with `more` files beside it; the library's path.
pub(crate) fn go_guest(folder: &Path, name: &str, idl: &str, more: &[(PathBuf, &str)]) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/guests")
        .join(name);
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
    }
    for (path, to) in more {
        let to = folder.join(to);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(path, to).unwrap();
    }
    let idl = folder.join(idl);
    let request = gangplank_codegen::compile::Request::new(&idl, folder);
    let made = request.run(gangplank_codegen::backends::go::COMPILER.to_guest);
    let made = made.unwrap_or_else(|found| panic!("{found}"));
    let library = made
        .iter()
        .find(|path| path.extension().is_some_and(|found| found == "so"));
    library.expect("a library").canonicalize().unwrap()
}

/// Sets a flag at its end, also where something fails: nobody else ends those who wait for it.
pub(crate) struct SetOnDrop<'a>(pub(crate) &'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// The exit code of a child of `fork`, which `body` gives. One that waits for something is ended, and so is the test.
///
/// # Safety
/// `body` uses nothing that another thread of this process may hold, and does not panic.
#[cfg(unix)]
pub(crate) unsafe fn in_child(body: impl FnOnce() -> i32) -> i32 {
    let mut status = 0;
    // SAFETY: the child does what the caller promises, and ends without running anything of this process.
    unsafe {
        let child = libc::fork();
        if child == 0 {
            libc::signal(libc::SIGALRM, libc::SIG_DFL);
            libc::alarm(60);
            libc::_exit(body());
        }
        assert_eq!(libc::waitpid(child, &raw mut status, 0), child);
    }
    assert!(libc::WIFEXITED(status), "status {status:x}");
    libc::WEXITSTATUS(status)
}

/// Whether Go is there. Without it the tests end early, loudly; in CI it must be there.
pub(crate) fn has_go() -> bool {
    let found = Command::new("go").arg("version").output().is_ok();
    let ci = std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
    assert!(found || !ci, "go is not installed");
    if !found {
        eprintln!("SKIPPED: go is not installed");
    }
    found
}
