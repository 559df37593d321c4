//! The example of a Python package that is called from Go by a definition alone prints what it promises.

mod support;
#[path = "../../../tests/support/venv.rs"]
mod venv;

use std::process::Command;

use support::{gangplank, has_go, repository, succeed};

#[test]
fn a_third_party_python_package_called_from_go() {
    let example = repository().join("examples/textstat");
    let packages = std::fs::read_to_string(example.join("requirements.txt")).unwrap();
    let packages: Vec<&str> = packages.lines().collect();
    let Some(venv) = venv::with(&packages).filter(|_| has_go()) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for file in ["main.go", "go.mod", "go.sum", "textstat.proto"] {
        std::fs::copy(example.join(file), folder.path().join(file)).unwrap();
    }
    let mut compile = gangplank(folder.path());
    compile.args(["compile", "--idl", "textstat.proto", "--to-guest"]);
    compile.args(["--from-host", "go", "--skip-compile-serialization"]);
    succeed(&mut compile);
    let mut go = Command::new("go");
    go.args(["run", "."])
        .current_dir(folder.path())
        .env("GOWORK", "off")
        .env("GANGPLANK_PATH", support::loader())
        .env("VIRTUAL_ENV", &venv)
        .env_remove("GANGPLANK_PYTHON");
    let expected = std::fs::read_to_string(example.join("expected.txt")).unwrap();
    assert_eq!(succeed(&mut go), expected);
    let readme = std::fs::read_to_string(example.join("README.md")).unwrap();
    assert!(readme.contains(&format!("$ go run .\n{expected}```\n")));
}
