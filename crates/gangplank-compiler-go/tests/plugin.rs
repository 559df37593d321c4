//! The plugin as its callers have it: a library file and a header, used by a C program.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The library that cargo has built beside this test.
fn plugin() -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.join(format!(
        "{}gangplank_compiler_go{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    ))
}

/// Compiles the C program against the header and nothing else.
fn program(folder: &Path) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = folder.join("plugin");
    let mut command = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    command
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-g", "-pthread"])
        .arg("-I")
        .arg(here.join("include"))
        .arg(here.join("tests/plugin.c"))
        .arg("-o")
        .arg(&program)
        .arg("-ldl");
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    program
}

#[test]
fn a_c_program_that_knows_only_the_header() {
    let folder = tempfile::tempdir().unwrap();
    let calc = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/calc/calc.proto");
    let guest = folder.path().join("guest");
    std::fs::create_dir(&guest).unwrap();
    std::fs::copy(&calc, guest.join("calc.proto")).unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../xllr/tests/guests/calc/calc.go");
    std::fs::copy(source, guest.join("calc.go")).unwrap();
    let output = Command::new(program(folder.path()))
        .arg(plugin())
        .arg(folder.path())
        .arg(calc)
        .env_remove("GOWORK")
        // Twenty threads find nothing there at first.
        .env("GANGPLANK_CACHE", folder.path().join("cache"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(output.stdout, b"ok\n", "{said}");
}

#[test]
fn the_header_is_c_and_cpp() {
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("include");
    for (compiler, language, standard) in [("cc", "c", "-std=c11"), ("c++", "c++", "-std=c++17")] {
        let mut command = Command::new(compiler);
        command.args([
            "-fsyntax-only",
            "-Wall",
            "-Wextra",
            "-Wpedantic",
            "-Werror",
            standard,
            "-x",
            language,
        ]);
        let output = command
            .arg(include.join("compiler_plugin_interface.h"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
    }
}
