//! Processes that are one test each, guests that are made on the spot, and a little protobuf.

#![allow(dead_code, reason = "each test program uses another part of it")]

pub(crate) mod pythons;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::Duration;

use gangplank_codegen::backends::python::COMPILER as PYTHON;
use gangplank_codegen::compile::Request;
use xllr::{Module, Options};

/// How long is waited for what is bound to happen: a machine may be so busy that nothing does for seconds.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

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
        let files = request.run(PYTHON.to_guest).unwrap();
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
        build(&["xllr-python3", "xllr"]);
        let program = std::env::current_exe().unwrap();
        program.parent().unwrap().to_owned()
    })
}

/// Builds packages as these tests are built.
pub(crate) fn build(packages: &[&str]) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--quiet"])
        .args(packages.iter().flat_map(|package| ["--package", package]))
        .args((!cfg!(debug_assertions)).then_some("--release"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(status.success(), "{packages:?} do not build");
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
    // What went wrong first: the list of suites drops what follows a runner's own `failures:`.
    assert!(status.success(), "{status}\n{err}{out}");
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

/// One message with a value in every field.
pub(crate) fn everything() -> Vec<u8> {
    let inner = b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x12\x02\0\xff".to_vec();
    let message = |number: u32, bytes: &[u8]| {
        [tag(number, 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
    };
    let number = |n: u32, value: u64| [tag(n, 0), varint(value)].concat();
    let entry = |key: Vec<u8>, value: Vec<u8>| [key, value].concat();
    let tree = [
        message(1, "Wurzel\0ß".as_bytes()),
        message(2, &message(1, b"left")),
        message(3, &message(1, b"a")),
        message(3, &message(3, &message(1, b"b"))),
    ]
    .concat();
    let value = [
        number(1, 1),
        number(2, i64::MIN as u64),
        number(3, u64::MAX),
        [tag(4, 5), 0x7f80_0000_u32.to_le_bytes().to_vec()].concat(),
        [tag(5, 1), 1_u64.to_le_bytes().to_vec()].concat(),
        message(6, "grüße\0".as_bytes()),
        message(7, b"\0\xff"),
        message(8, &[varint(1), varint(-1_i64 as u64)].concat()),
        message(9, &f64::NAN.to_le_bytes()),
        message(10, b""),
        message(11, &entry(message(1, b"x"), message(2, &inner))),
        message(12, &entry(number(1, i64::MIN as u64), message(2, b"low"))),
        number(13, 2),
        message(14, &[varint(1), varint(77)].concat()),
        message(17, &inner),
        message(18, &tree),
        message(
            19,
            &[number(1, 1_700_000_000), number(2, 999_999_999)].concat(),
        ),
        message(
            20,
            &[number(1, -1_i64 as u64), number(2, -500_000_000_i64 as u64)].concat(),
        ),
        message(21, b"first"),
    ]
    .concat();
    message(1, &value)
}

/// One `Numbers` of `buffers.proto` and `arrays.proto`.
pub(crate) fn numbers() -> Vec<u8> {
    let part =
        |number, bytes: Vec<u8>| [tag(number, 2), varint(bytes.len() as u64), bytes].concat();
    [
        part(1, [varint(1), varint(-2_i64 as u64)].concat()),
        part(2, [varint(-3_i64 as u64), varint(4)].concat()),
        part(3, [varint(5), varint(u32::MAX.into())].concat()),
        part(4, [varint(6), varint(u64::MAX)].concat()),
        part(
            5,
            [0.5_f32, -1.5]
                .iter()
                .flat_map(|one| one.to_le_bytes())
                .collect(),
        ),
        part(6, 0.25_f64.to_le_bytes().to_vec()),
        part(7, vec![0, 255, 7]),
    ]
    .concat()
}

/// Bytes in memory.
pub(crate) fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = pages.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

/// Does the same up to four times, until it takes no more than `limit` bytes that stay: what leaks grows each time; what only
/// wanders, as heaps do of which several threads have parts, does not.
pub(crate) fn stays_within(limit: usize, mut same: impl FnMut()) {
    let mut seen = vec![resident()];
    for _ in 0..4 {
        let before = resident();
        same();
        let after = resident();
        seen.push(after);
        if after <= before + limit {
            return;
        }
    }
    panic!("{limit} bytes more each time: {seen:?}");
}
