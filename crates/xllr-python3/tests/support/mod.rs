//! Processes that are one test each, guests that are made on the spot, and a little protobuf.

#![allow(dead_code, reason = "each test program uses another part of it")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use gangplank_codegen::compile::{self, Request};
use xllr::{Module, Options};

/// Set in the processes that a test starts.
const CASE: &str = "XLLR_TEST_CASE";

/// A case, in its own process.
pub(crate) struct Case {
    pub(crate) folder: PathBuf,
    _folder: tempfile::TempDir,
}

impl Case {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            folder: folder.path().canonicalize().unwrap(),
            _folder: folder,
        }
    }

    /// A guest of `tests/guests`, compiled; its path.
    pub(crate) fn guest(&self, name: &str) -> String {
        let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/guests");
        for file in [format!("{name}.proto"), format!("{name}.py")] {
            // One of them has no file beside it: what implements it is installed.
            if source.join(&file).is_file() {
                std::fs::copy(source.join(&file), self.folder.join(&file)).unwrap();
            }
        }
        self.compile(name)
    }

    /// Writes a guest of the definition in the folder; its path.
    pub(crate) fn compile(&self, name: &str) -> String {
        let idl = self.folder.join(format!("{name}.proto"));
        let request = Request::new(&idl, &self.folder);
        let files = request.run(compile::PYTHON.to_guest).unwrap();
        assert_eq!(files.len(), 1);
        let path = self.folder.join(format!("{name}MetaFFIGuest.py"));
        path.to_str().unwrap().to_owned()
    }
}

/// Runs a case, or in the process of the case the body.
pub(crate) fn case(name: &str, body: impl FnOnce(&Case)) {
    if std::env::var_os(CASE).is_none() && has_python() {
        output(name, &[]);
    }
    inner(name, body);
}

/// Whether there is a Python to test with; without one tests say so, and fail where all tools are to be there.
pub(crate) fn has_python() -> bool {
    let found = Command::new("python3").arg("--version").output().is_ok();
    if !found {
        assert!(std::env::var_os("CI").is_none(), "python3 is missing");
        eprintln!("skipped: python3 is missing");
    }
    found
}

/// A case that others start, with variables of their own; by itself it does nothing.
pub(crate) fn inner(name: &str, body: impl FnOnce(&Case)) {
    if std::env::var_os(CASE).is_some_and(|case| case == *name) {
        body(&Case::new());
    }
}

/// A test that runs in a process of its own.
#[macro_export]
macro_rules! case {
    ($name:ident, $body:expr) => {
        #[test]
        fn $name() {
            support::case(stringify!($name), $body);
        }
    };
}

/// Builds the plugin and the helper, which cargo does not build for these tests: nothing can link them. The plugin's folder.
pub(crate) fn plugin() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .args([
                "build",
                "--quiet",
                "--package",
                "xllr-python3",
                "--package",
                "xllr",
            ])
            .args((!cfg!(debug_assertions)).then_some("--release"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .unwrap();
        assert!(status.success(), "xllr-python3 or xllr does not build");
        let program = std::env::current_exe().unwrap();
        program.parent().unwrap().to_owned()
    })
}

/// The program that isolated modules run in.
pub(crate) fn helper() -> PathBuf {
    plugin().with_file_name("xllr-helper")
}

/// What a case prints, run with these variables.
pub(crate) fn output(case: &str, variables: &[(&str, &str)]) -> (String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", case, "--nocapture", "--test-threads=1"])
        .env(CASE, case)
        .env("GANGPLANK_PATH", plugin())
        .env("GANGPLANK_HELPER", helper())
        .env_remove("PYTHONUNBUFFERED")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&stdout), text(&stderr));
    assert!(status.success(), "{status}\n{out}{err}");
    assert!(out.contains("1 passed"), "{out}");
    (out, err)
}

pub(crate) fn open(guest: &str) -> Module {
    Module::open("python3", guest, &Options::default()).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn call(module: &Module, function: &str, request: &[u8]) -> Vec<u8> {
    let function = module.function(function).unwrap();
    function
        .call_bytes(request)
        .unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn failure(module: &Module, function: &str, request: &[u8]) -> String {
    let function = module.function(function).unwrap();
    function.call_bytes(request).unwrap_err().text().to_owned()
}

pub(crate) fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// A field's number and wire type.
pub(crate) fn tag(number: u32, wire: u32) -> Vec<u8> {
    varint(u64::from(number << 3 | wire))
}

/// Bytes in memory.
pub(crate) fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = pages.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}
