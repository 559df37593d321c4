//! A runtime as a library of its own. Each case runs in a process of its own, with its own environment.

mod support;

use std::path::Path;
use std::process::{Command, Output};
use std::ptr;

use xllr::abi::RawCall;
use xllr::{Expected, Kind, Module, Options, Runtime};

/// Set in the processes that the test starts.
const CASE: &str = "XLLR_TEST_CASE";

/// Runs one of the other tests of this program, which do nothing by themselves.
fn run(case: &str, plugins: &Path, variable: Option<(&str, &str)>) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", case, "--nocapture"])
        .env("GANGPLANK_PATH", plugins)
        .env(CASE, case)
        .envs(variable);
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{err}");
    assert!(text.contains("1 passed"), "{text}");
    output
}

#[test]
fn a_language_is_a_library_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().canonicalize().unwrap();
    let include = format!("-I{}/include", env!("CARGO_MANIFEST_DIR"));
    let arguments = ["-shared", "-fPIC", &include];
    support::compile(
        &support::c_file("plugin.c"),
        &folder.join("libxllr_stub.so"),
        &arguments,
    );
    let empty = folder.join("empty.c");
    std::fs::write(&empty, "extern int nothing;\nint nothing;\n").unwrap();
    support::compile(&empty, &folder.join("libxllr_empty.so"), &arguments);
    let output = run("plugin_calls", &folder, None);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("unloaded with 0 open"), "{text}");
    run("plugin_is_broken", &folder, Some(("XLLR_STUB_BROKEN", "1")));
}

#[test]
fn plugin_calls() {
    if std::env::var_os(CASE).is_none() {
        return;
    }
    let open = |name: &str| Module::open("stub", name, &Options::default());
    let first = open("first").unwrap();
    let second = open("second").unwrap();
    assert_eq!(first.functions(), ["name"]);
    let call = |module: &Module, bytes: &[u8]| module.function("name")?.call_bytes(bytes);
    assert_eq!(call(&first, b"!").unwrap(), b"first!");
    assert_eq!(call(&second, b"").unwrap(), b"second");
    assert_eq!(call(&first, &[b'x'; 200]).unwrap_err().kind(), Kind::Failed);
    assert_eq!(
        open("none").unwrap_err().text(),
        "no such module in the stub"
    );
    assert_eq!(
        open(&"x".repeat(61)).unwrap_err().text(),
        "too long for the stub"
    );
    let error = first.function("other").unwrap_err();
    assert_eq!(
        (error.kind(), error.text()),
        (Kind::NotFound, "the stub has only `name`")
    );

    let prepared = second.function("name").unwrap().prepare(None).unwrap();
    let (mut length, mut gp) = (0_u32, RawCall::new());
    let out = (&raw mut length).cast();
    // SAFETY: the function takes nothing and leaves a u32.
    let status = unsafe {
        prepared.call(
            prepared.this(),
            ptr::null(),
            out,
            &mut gp,
            None,
            ptr::null_mut(),
        )
    };
    assert_eq!((status, length), (0, 6));
    let error = prepared.function().check(&Expected::default()).unwrap_err();
    assert!(
        error
            .text()
            .starts_with("`second` says nothing of the interface of `name`"),
        "{error}"
    );

    // Freed, and used until its last module is gone.
    Runtime::free("stub").unwrap();
    drop((first, second));
    assert_eq!(call_name(&prepared), b"second");
}

fn call_name(prepared: &xllr::Prepared) -> Vec<u8> {
    prepared.function().call_bytes(b"").unwrap()
}

#[test]
fn plugin_is_broken() {
    if std::env::var_os(CASE).is_none() {
        return;
    }
    let error = Runtime::load("stub").unwrap_err();
    assert!(
        error
            .text()
            .ends_with("libxllr_stub.so` cannot be started: it was told to"),
        "{error}"
    );
    let error = Runtime::load("empty").unwrap_err();
    assert!(
        error
            .text()
            .ends_with("libxllr_empty.so` is no runtime: it does not export xllr_runtime"),
        "{error}"
    );
    assert_eq!(error.kind(), Kind::BadModule);
}
