//! Plugins as their callers have them: a library file and a header, used by a C program.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The library that cargo has built beside the test.
pub(crate) fn plugin(name: &str) -> PathBuf {
    let name = format!(
        "{}{name}{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    );
    std::env::current_exe().unwrap().with_file_name(name)
}

/// Compiles a language's C program against the header and nothing else.
pub(crate) fn program(folder: &Path, source: &Path) -> PathBuf {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gangplank-compiler-plugin");
    let program = folder.join("plugin");
    let mut command = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    command
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-g", "-pthread"])
        .arg("-I")
        .arg(shared.join("include"))
        .arg("-I")
        .arg(shared.join("tests/support"))
        .arg(source)
        .arg("-o")
        .arg(&program)
        .arg("-ldl");
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    program
}

/// Runs the program on a plugin and calc.proto; `guest` are the files of a guest, which go into a folder of that name.
pub(crate) fn check(name: &str, source: &str, guest: &[&str], variables: &[(&str, &Path)]) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("guest");
    std::fs::create_dir(&to).unwrap();
    for file in guest {
        let from = here.join("../..").join(file);
        std::fs::copy(&from, to.join(from.file_name().unwrap())).unwrap();
    }
    // Alone in a folder: the toolkit's other files, which would lie beside it, are the program's business.
    let built = plugin(name);
    let toolkit = folder.path().join("toolkit");
    std::fs::create_dir(&toolkit).unwrap();
    let plugin = toolkit.join(built.file_name().unwrap());
    std::fs::copy(&built, &plugin).unwrap();
    let output = Command::new(program(folder.path(), &here.join(source)))
        .arg(plugin)
        .arg(folder.path())
        .arg(here.join("../../tests/fixtures/calc/calc.proto"))
        .env_remove("GOWORK")
        // Twenty threads find nothing there at first.
        .env("GANGPLANK_CACHE", folder.path().join("cache"))
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(output.stdout, b"ok\n", "{said}");
}
