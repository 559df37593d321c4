//! A generated host in Go calls a guest in Python.

mod support;

use std::process::Command;

use gangplank_codegen::backends::go::COMPILER as GO;
use gangplank_codegen::compile::Request;
use support::Case;

/// Whether the Go command is there; without it the test says so, and fails where all tools are to be there.
fn has_go() -> bool {
    let found = Command::new("go").arg("version").output().is_ok();
    if !found {
        assert!(std::env::var_os("CI").is_none(), "go is missing");
        eprintln!("skipped: go is missing");
    }
    found
}

#[test]
fn a_go_host_calls_a_guest_in_python() {
    if !has_go() || !support::has_python() {
        return;
    }
    let case = Case::new();
    case.guest("calc");
    let folder = &case.folder;
    let module = "module example.com/x\n\ngo 1.25\n\nrequire google.golang.org/protobuf v1.36.12\n";
    std::fs::write(folder.join("go.mod"), module).unwrap();
    let sums = include_str!("../../gangplank-codegen/src/compile/tools/protoc-gen-go.sum");
    std::fs::write(folder.join("go.sum"), sums).unwrap();
    std::fs::write(folder.join("main.go"), include_str!("go/main.go")).unwrap();
    Request::new(&folder.join("calc.proto"), folder)
        .run(GO.from_host)
        .unwrap();
    let run = |command: &mut Command| {
        let output = command.current_dir(folder).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{out}{err}");
        out
    };
    let offline = [
        ("GOPROXY", "off"),
        ("GOWORK", "off"),
        ("GOFLAGS", "-mod=mod"),
    ];
    let program = ["build", "-o", "host", "."];
    run(Command::new("go").args(program).envs(offline));
    let host = folder.join("host");
    let out = run(Command::new(&host)
        .env("GANGPLANK_PATH", support::plugin())
        .env_remove("PYTHONUNBUFFERED"));
    let hello = "Hello World, from Python 3\n";
    assert_eq!(out, format!("{hello}{hello}all well\n"));
}
