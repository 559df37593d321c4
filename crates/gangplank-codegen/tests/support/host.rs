//! What the tests of hosts in Go share: libraries of this workspace, and modules of Go around a host.

#![allow(dead_code, reason = "each test program uses another part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use gangplank_codegen::backends::go::COMPILER as GO;
use gangplank_codegen::compile::Request;

use crate::go::offline;

/// Builds a library of this workspace; its path.
pub(crate) fn built(manifest: &str, library: &str) -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join(manifest);
    let output = Command::new(env!("CARGO"))
        .args(["build", "-q", "--message-format=json", "--manifest-path"])
        .arg(manifest)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
    let text = String::from_utf8_lossy(&output.stdout);
    let end = text.rfind(&format!("{library}\"")).unwrap() + library.len();
    let start = text[..end].rfind('"').unwrap() + 1;
    text[start..end].into()
}

/// Builds libxllr once; the folder that holds it.
pub(crate) fn xllr() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let library = built("../xllr/Cargo.toml", "libxllr.so");
        library.parent().unwrap().to_owned()
    })
}

pub(crate) fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// The host of a definition as the main package of a module, with this program.
pub(crate) fn module(folder: &Path, idl: &Path, program: &str) {
    go_mod(folder);
    fs::write(folder.join("main.go"), program).unwrap();
    Request::new(idl, folder).run(GO.from_host).unwrap();
}

/// Makes a folder the module `example.com/x`, which has what hosts import.
pub(crate) fn go_mod(folder: &Path) {
    let text = "module example.com/x\n\ngo 1.25\n\nrequire google.golang.org/protobuf v1.36.12\n";
    fs::write(folder.join("go.mod"), text).unwrap();
    let sums = include_str!("../../src/compile/tools/protoc-gen-go.sum");
    fs::write(folder.join("go.sum"), sums).unwrap();
}

/// Whether Go finds nothing to complain about, and would format nothing otherwise.
pub(crate) fn is_clean(folder: &Path, tags: &str) {
    let vet = go(folder).args(["vet", "-tags", tags, "./..."]).output();
    let vet = vet.unwrap();
    assert!(vet.status.success(), "{}", text(&vet));
    let mut format = Command::new("gofmt");
    let format = format.args(["-d", "."]).current_dir(folder).output();
    assert_eq!(text(&format.unwrap()), "");
}

pub(crate) fn go(folder: &Path) -> Command {
    let mut command = Command::new("go");
    offline(&mut command).current_dir(folder);
    command
}

/// Builds a file of `tests/go` as the guest of calc.proto.
pub(crate) fn c_guest(folder: &Path, name: &str) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/go")
        .join(name);
    let output = Command::new("cc")
        .args(["-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-o"])
        .arg(folder.join("calcMetaFFIGuest.so"))
        .arg(source)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
}
