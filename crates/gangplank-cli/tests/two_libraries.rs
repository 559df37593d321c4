//! Two libraries, one of them with fat LTO, in one C program: what the recipe of `gangplank build` is for. The first
//! depends on a third gangplank library, whose exports must not show.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use object::{Object, ObjectSymbol};
use support::{crate_in, folder, gangplank, repository, run, succeed};

/// Builds the crates and writes their C packages, once for all tests of this file.
fn folder_with_libraries() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = folder("two_libraries");
        let gangplank_path = repository().join("crates/gangplank");
        let dependency = format!("[dependencies]\ngangplank = {{ path = {gangplank_path:?} }}\n");
        let base = "//! The base of one.\ngangplank::library!();\n\n/// Three values.\n#[gangplank::function]\n\
                    pub fn value(index: u64) -> i64 {\n    [10, 20, 30][index as usize]\n}\n";
        crate_in(&folder, "one_base", &dependency, base);
        let one = "//! One.\ngangplank::library!();\n\n/// A value.\n#[gangplank::function]\n\
                   pub fn element(index: u64) -> i64 {\n    one_base::value(index) + 1\n}\n";
        crate_in(&folder, "one", &format!("{dependency}one_base = {{ path = \"../one_base\" }}\n"), one);
        let two = "//! Two.\ngangplank::library!();\n\n/// A value.\n#[gangplank::function]\n\
                   pub fn element(index: u64) -> i64 {\n    [100, 200, 300][index as usize]\n}\n";
        crate_in(&folder, "two", &format!("{dependency}\n[profile.release]\nlto = \"fat\"\ncodegen-units = 1\n"), two);
        for name in ["one", "two"] {
            let mut command = gangplank(&folder);
            // As it is shipped: archives are weighed.
            command.env_remove("CARGO_PROFILE_RELEASE_OPT_LEVEL");
            succeed(command.args(["generate", "c", name]));
        }
        folder
    })
}

/// A library in the C package of one of the crates.
fn library(name: &str, end: &str) -> PathBuf {
    let folder = folder_with_libraries().join(name).join("c/internal/lib");
    let platform = std::fs::read_dir(folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    platform.join(format!("lib{name}.{end}"))
}

const PRINTED: &str = "\
panic: index out of bounds: the len is 3 but the index is 9
at one_base-0.1.0/src/lib.rs:7:5
21
panic: index out of bounds: the len is 3 but the index is 9
at src/lib.rs:7:5
200
";

#[test]
fn both_panic_and_survive_in_one_static_program() {
    let folder = folder_with_libraries();
    let main = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/two_libraries/main.c");
    for (libraries, program) in [
        (["one", "two"], "program"),
        (["two", "one"], "program-reversed"),
    ] {
        let program = folder.join(program);
        let mut link = Command::new("cc");
        link.args([
            "-std=c11",
            "-Wall",
            "-Wextra",
            "-Wpedantic",
            "-Werror",
            "-Ione/c",
            "-Itwo/c",
        ])
        .arg(&main);
        link.args(libraries.map(|name| library(name, "a")))
            .args(["-lm", "-ldl", "-lpthread", "-o"])
            .arg(&program);
        succeed(link.current_dir(folder));
        let (code, stdout, stderr) = run(&mut Command::new(&program));
        assert_eq!(
            (code, stdout.as_str()),
            (0, PRINTED.repeat(2).as_str()),
            "{stderr}"
        );
    }
}

#[test]
fn both_panic_and_survive_as_shared_libraries() {
    let folder = folder_with_libraries();
    let main = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/two_libraries/main.c");
    let program = folder.join("program-dynamic");
    let mut link = Command::new("cc");
    link.args(["-std=c11", "-Ione/c", "-Itwo/c"])
        .arg(&main)
        .args([library("one", "so"), library("two", "so")]);
    for name in ["one", "two"] {
        link.arg(format!(
            "-Wl,-rpath,{}",
            library(name, "so").parent().unwrap().display()
        ));
    }
    succeed(link.arg("-o").arg(&program).current_dir(folder));
    assert_eq!(succeed(&mut Command::new(&program)), PRINTED.repeat(2));
}

#[test]
fn only_the_librarys_own_symbols_are_visible() {
    let data = std::fs::read(library("one", "so")).unwrap();
    let shared = object::File::parse(&*data).unwrap();
    let visible = shared
        .dynamic_symbols()
        .filter(|symbol| symbol.is_definition() && symbol.is_global());
    let names: Vec<&str> = visible.map(|symbol| symbol.name().unwrap()).collect();
    let foreign: Vec<&&str> = names
        .iter()
        .filter(|name| !name.starts_with("one_") || name.starts_with("one_base_"))
        .collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    assert!(
        names.contains(&"one_element") && names.contains(&"one_element_entry"),
        "{names:?}"
    );
}

#[test]
fn archives_are_small_and_carry_no_folders_of_this_machine() {
    let home = std::env::home_dir().unwrap().display().to_string();
    let private = [
        folder_with_libraries().display().to_string(),
        repository().display().to_string(),
        home + "/.cargo",
    ];
    for (name, end) in [("one", "a"), ("one", "so"), ("two", "a"), ("two", "so")] {
        let data = std::fs::read(library(name, end)).unwrap();
        assert!(
            data.len() < 3 << 20,
            "{name}.{end} has {} bytes",
            data.len()
        );
        for path in &private {
            let found = data
                .windows(path.len())
                .any(|window| window == path.as_bytes());
            assert!(!found, "{path} is in {name}.{end}");
        }
    }
}

#[test]
fn an_output_that_cannot_be_written_is_named() {
    let folder = folder_with_libraries();
    std::fs::write(folder.join("a-file"), "").unwrap();
    let library = library("one", "so");
    let mut command = gangplank(folder);
    let (code, stdout, stderr) = run(command
        .args(["generate", "c"])
        .arg(&library)
        .args(["-o", "a-file/package"]));
    assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
    assert!(
        stderr.contains("error: cannot") && stderr.contains("a-file"),
        "{stderr}"
    );
}

#[test]
fn check_tells_what_differs_and_writes_nothing() {
    let folder = folder_with_libraries();
    let library = library("one", "so");
    let package = folder.join("checked");
    let generate = |check: &[&str]| {
        run(gangplank(folder)
            .args(["generate", "c"])
            .arg(&library)
            .args(["-o", "checked"])
            .args(check))
    };
    assert_eq!(generate(&[]).0, 0);
    assert_eq!(generate(&["--check"]).0, 0);
    let header = package.join("one.h");
    let text = std::fs::read_to_string(&header)
        .unwrap()
        .replace("A value.", "Another value.");
    std::fs::write(&header, &text).unwrap();
    let (code, stdout, stderr) = generate(&["--check"]);
    assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
    assert!(
        stderr.contains("Another value.") && stderr.contains("help: run `gangplank generate c "),
        "{stderr}"
    );
    assert_eq!(std::fs::read_to_string(&header).unwrap(), text);
    assert_eq!(generate(&[]).0, 0);
}

/// The crate in the README builds, and both languages can express it.
#[test]
fn the_readme_keeps_its_word() {
    let folder = folder_with_libraries();
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let source = readme
        .split("```rust\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let gangplank_path = repository().join("crates/gangplank");
    let dependency = format!("[dependencies]\ngangplank = {{ path = {gangplank_path:?} }}\n");
    crate_in(folder, "greeter", &dependency, source);
    for language in ["c", "go"] {
        succeed(gangplank(folder).args(["generate", language, "greeter"]));
    }
}
