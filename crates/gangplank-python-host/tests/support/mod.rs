//! The extension in a folder, libraries with their items beside it, and the Pythons to run.

#![allow(dead_code, reason = "each test program uses another part of it")]

#[path = "../../../xllr-python3/tests/support/pythons.rs"]
mod pythons;

use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gangplank_codegen::backends::python::COMPILER as PYTHON;
use gangplank_codegen::compile::Request;
use gangplank_codegen::config::Config;
use gangplank_codegen::{Input, backend, output};

pub(crate) use pythons::pythons;

/// A suite that takes longer hangs: it takes seconds, on slow machines a minute or two.
const MOST: Duration = Duration::from_secs(900);

/// A folder with the extension and what programs call.
pub(crate) struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    /// With these libraries of the workspace, each with its items: `my_timer.items`.
    pub(crate) fn new(packages: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let _turn = turn();
        let built = build(packages);
        let extension = built.join("lib_gangplank.so");
        std::fs::copy(extension, folder.path().join("_gangplank.abi3.so")).unwrap();
        for package in packages {
            let file = format!("lib{package}.so");
            let library = folder.path().join(&file);
            std::fs::copy(built.join(file), &library).unwrap();
            let items = items(&library);
            std::fs::write(folder.path().join(format!("{package}.items")), items).unwrap();
        }
        Self { folder }
    }

    /// The generated package of a library that is in the folder.
    pub(crate) fn package(&self, name: &str) {
        let library = self.folder.path().join(format!("lib{name}.so"));
        let python = backend::find("python").unwrap();
        let input = Input::LibraryFile(&library);
        let files = gangplank_codegen::generate(input, python, &Config::default()).unwrap();
        output::write(&files, self.folder.path()).unwrap();
        let package = self.folder.path().join(name);
        std::fs::copy(&library, package.join(library.file_name().unwrap())).unwrap();
        let extension = self.folder.path().join("_gangplank.abi3.so");
        std::fs::copy(extension, package.join("_gangplank.abi3.so")).unwrap();
    }

    /// The guest in Python of a definition with its implementation, and the host of it; the runtime that the guest needs.
    pub(crate) fn guest(&self, source: &Path, name: &str) {
        let folder = self.folder.path();
        for file in [format!("{name}.proto"), format!("{name}.py")] {
            std::fs::copy(source.join(&file), folder.join(&file)).unwrap();
        }
        let idl = folder.join(format!("{name}.proto"));
        let request = Request {
            toolkit: Some(folder),
            ..Request::new(&idl, folder)
        };
        request.run(PYTHON.to_guest).unwrap();
        request.run(PYTHON.from_host).unwrap();
        let _turn = turn();
        let runtime = build(&["xllr-python3"]).join("libxllr_python3.so");
        std::fs::copy(runtime, folder.join("libxllr_python3.so")).unwrap();
    }

    /// Where it is.
    pub(crate) fn folder(&self) -> &str {
        self.folder.path().to_str().unwrap()
    }

    /// Runs a suite; it passes, and it has tests.
    pub(crate) fn run(&self, python: &Path, file: &str, variables: &[(&str, &str)]) {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python");
        let mut command = Command::new(python);
        // SAFETY: setting a signal's default is among what a child may do before its program starts.
        unsafe { command.pre_exec(hears_control_c) };
        command
            .arg(source.join(file))
            .current_dir(self.folder.path())
            .env("PYTHONPATH", self.folder.path())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONFAULTHANDLER", "1")
            .envs(variables.iter().copied());
        let output = ended(&mut command);
        let text = String::from_utf8_lossy(&output.stderr);
        let ran = text.contains("\nOK") && !text.contains("Ran 0 tests");
        assert!(
            output.status.success() && ran,
            "{} {file}: {}\n{}{text}",
            python.display(),
            output.status,
            String::from_utf8_lossy(&output.stdout)
        );
    }
}

/// Who builds holds this until the files are copied: another build may put others in their place.
fn turn() -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a program of Python printed and how it ended. One that hangs is ended by a signal at which Python says what all
/// threads do.
fn ended(command: &mut Command) -> Output {
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped());
    let child = command.stderr(Stdio::piped()).spawn().unwrap();
    let process = libc::pid_t::try_from(child.id()).unwrap();
    let (over, hangs) = channel::<()>();
    let watch = std::thread::spawn(move || {
        if hangs.recv_timeout(MOST) == Err(RecvTimeoutError::Timeout) {
            // SAFETY: a signal for a child that nobody has waited for yet.
            unsafe { libc::kill(process, libc::SIGABRT) };
        }
    });
    let output = child.wait_with_output().unwrap();
    drop(over);
    watch.join().unwrap();
    output
}

/// Builds the extension and libraries, which cargo does not build for tests: nothing can link them. Their folder.
fn build(packages: &[&str]) -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--package", "gangplank-python-host"]);
    for package in packages {
        command.args(["--package", package]);
    }
    let status = command
        .args((!cfg!(debug_assertions)).then_some("--release"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(status.success(), "what programs call does not build");
    let program = std::env::current_exe().unwrap();
    program.ancestors().nth(2).unwrap().to_owned()
}

/// The items of a library as one piece.
fn items(library: &Path) -> Vec<u8> {
    let source = gangplank_model::library_file::read(library).unwrap();
    let bodies = source.items.iter().map(|item| item.body.to_vec());
    bodies.flatten().collect()
}

/// Shells let background jobs ignore Ctrl-C, and programs inherit that: the suites need the default.
fn hears_control_c() -> io::Result<()> {
    // SAFETY: it sets no function.
    unsafe { libc::signal(libc::SIGINT, libc::SIG_DFL) };
    Ok(())
}
