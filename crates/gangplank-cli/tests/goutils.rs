//! The example of a Go package that is called from Rust by a definition alone prints what it promises.

mod support;

use std::process::Command;

use support::{gangplank, has_go, repository, succeed};

#[test]
fn a_third_party_package_called_from_rust() {
    if !has_go() {
        return;
    }
    let example = repository().join("examples/goutils");
    let folder = tempfile::tempdir().unwrap();
    let mut compile = gangplank(&example);
    compile
        .args(["compile", "--idl", "goutils.proto", "--to-guest"])
        .args(["--skip-compile-serialization", "-o"])
        .arg(folder.path());
    succeed(&mut compile);
    let mut host = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    host.args(["run", "--quiet", "--package", "goutils_host", "--"])
        .arg(folder.path().join("goutilsMetaFFIGuest.so"))
        .current_dir(repository());
    let expected = std::fs::read_to_string(example.join("expected.txt")).unwrap();
    assert_eq!(succeed(&mut host), expected);
}

#[test]
fn a_folder_with_a_definition_and_its_implementation() {
    if !has_go() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let copy = |from: &str, to: &str| {
        std::fs::copy(repository().join(from), folder.path().join(to)).unwrap();
    };
    copy("tests/fixtures/calc/calc.proto", "calc.proto");
    copy("crates/xllr/tests/guests/calc/calc.go", "calc.go");
    // An older file: its tags have other names.
    let text = std::fs::read_to_string(folder.path().join("calc.proto")).unwrap();
    let older = text.replace("metaffi_target_language", "openffi_target_lang");
    let older = older.replace("metaffi_module", "openffi_module");
    assert_ne!(text, older);
    std::fs::write(folder.path().join("calc.proto"), older).unwrap();
    let mut compile = gangplank(folder.path());
    compile.args(["compile", "--idl", "calc.proto", "--to-guest"]);
    let said = succeed(&mut compile);
    assert!(
        said.contains("calcMetaFFIGuest.go") && said.contains("calcMetaFFIGuest.so"),
        "{said}"
    );
    let gofmt = Command::new("gofmt")
        .arg("-l")
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&gofmt.stdout), "");
}
