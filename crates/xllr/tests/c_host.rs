//! A C program that knows only the header, in a process of its own; and the headers for C++.

mod support;

use std::path::Path;
use std::process::Command;

#[test]
fn a_host_in_c() {
    let folder = tempfile::tempdir().unwrap();
    let guests = folder.path().join("guests");
    std::fs::create_dir(&guests).unwrap();
    let guest = support::guest(&guests, "libguest.so");
    let program = folder.path().join("host");
    let include = format!("-I{}/include", env!("CARGO_MANIFEST_DIR"));
    support::compile(&support::c_file("main.c"), &program, &[&include, "-ldl"]);
    let output = Command::new(program)
        .args([support::build("xllr"), guest, support::build("my_timer")])
        .env("GANGPLANK_PATH", guests.canonicalize().unwrap())
        .env("GANGPLANK_HELPER", "/nonexistent/xllr-helper")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.is_empty(),
        "{}: {text}",
        output.status
    );
}

#[test]
fn the_headers_are_cpp_as_well() {
    let header = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/xllr_runtime.h");
    let status = Command::new("c++")
        .args([
            "-std=c++17",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-pedantic",
            "-fsyntax-only",
            "-x",
            "c++",
        ])
        .arg(header)
        .status()
        .expect("a C++ compiler");
    assert!(status.success());
}
