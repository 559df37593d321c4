//! What bad input and bad surroundings get: a clear error, its exit code, nothing on stdout.

mod support;

use std::path::Path;
use std::process::Command;

use support::{crate_in, folder, gangplank, run, write};

/// Runs a command that must fail with `code`; returns its stderr.
fn fail(command: &mut Command, code: i32) -> String {
    let (found, stdout, stderr) = run(command);
    assert_eq!(
        (found, stdout.as_str()),
        (code, ""),
        "{command:?}\n{stderr}"
    );
    stderr
}

/// A crate that builds and exports one function without the toolkit.
const EXPORTS: &str =
    "//! Exports.\n#[unsafe(no_mangle)]\npub extern \"C\" fn plain_answer() -> i32 {\n    42\n}\n";

/// The same under another name: what cargo builds of two crates of one name is in one place.
fn exports(name: &str) -> String {
    EXPORTS.replace("plain", name)
}

#[test]
fn a_crate_that_does_not_build() {
    let folder = folder("does_not_build");
    crate_in(
        &folder,
        "broken",
        "",
        "//! Broken.\npub fn f() -> i32 { \"text\" }\n",
    );
    let text = fail(gangplank(&folder).args(["build", "broken"]), 1);
    assert!(
        text.contains("mismatched types"),
        "cargo's own words: {text}"
    );
    assert!(
        text.ends_with("error: the crate `broken` does not build\n"),
        "{text}"
    );
}

#[test]
fn a_crate_without_exports() {
    let folder = folder("no_exports");
    crate_in(&folder, "empty", "", "//! Empty.\n");
    let text = fail(gangplank(&folder).args(["build", "empty"]), 1);
    assert!(text.contains("error: the crate exports nothing that starts with `empty_`\n  help: call `gangplank::library!();`"), "{text}");
}

#[test]
fn a_crate_without_a_library() {
    let folder = folder("no_library");
    let root = crate_in(&folder, "program", "", "");
    std::fs::remove_file(root.join("src/lib.rs")).unwrap();
    write(&root.join("src/main.rs"), "//! Main.\nfn main() {}\n");
    let text = fail(gangplank(&folder).args(["build", "program"]), 1);
    assert!(
        text.contains("error: the crate `program` has no library\n  --> "),
        "{text}"
    );
}

#[test]
fn folders_that_are_not_a_crate() {
    let folder = folder("not_a_crate");
    let text = fail(gangplank(&folder).args(["build", "nowhere"]), 1);
    assert!(text.starts_with("error: cannot open nowhere: "), "{text}");
    write(&folder.join("bare/file"), "");
    let text = fail(gangplank(&folder).args(["build", "bare"]), 1);
    assert!(
        text.starts_with("error: there is no Cargo.toml in "),
        "{text}"
    );
    write(
        &folder.join("all/Cargo.toml"),
        "[workspace]\nmembers = [\"inner\"]\nresolver = \"3\"\n",
    );
    write(
        &folder.join("all/inner/Cargo.toml"),
        "[package]\nname = \"inner\"\nedition = \"2024\"\n",
    );
    write(&folder.join("all/inner/src/lib.rs"), "//! Inner.\n");
    let text = fail(gangplank(&folder).args(["build", "all"]), 1);
    assert!(
        text.contains(
            "is a workspace, not a crate\n  help: name the folder of one of its crates:\n    "
        ),
        "{text}"
    );
    assert!(text.ends_with("all/inner\n"), "{text}");
}

#[test]
fn wrong_usage() {
    let folder = folder("usage");
    for words in [
        &["generate", "cobol", "."][..],
        &["generate"],
        &["fly"],
        &["build", "--fast"],
        &["inspect"],
    ] {
        let text = fail(gangplank(&folder).args(words), 2);
        assert!(text.starts_with("error: "), "{words:?}: {text}");
    }
    let text = fail(gangplank(&folder).args(["generate", "cobol", "."]), 2);
    assert!(
        text.contains("[possible values: c, go, python, rust-guest, rust-host]"),
        "{text}"
    );
}

#[test]
fn missing_tools_name_their_package() {
    let folder = folder("missing_tools");
    crate_in(&folder, "toolless", "", &exports("toolless"));
    let nowhere = Path::new("/nonexistent/tool");
    let text = fail(
        gangplank(&folder)
            .args(["build", "toolless"])
            .env_remove("CARGO")
            .env("PATH", nowhere),
        3,
    );
    assert_eq!(
        text,
        "error: `cargo` is missing; it builds the crate\n  \
         help: on Debian and Ubuntu it is in the package `cargo` (apt-get install cargo)\n"
    );
    for (variable, package) in [
        ("LD", "binutils"),
        ("OBJCOPY", "binutils"),
        ("AR", "binutils"),
        ("CC", "gcc"),
    ] {
        let mut command = gangplank(&folder);
        let text = fail(
            command.args(["build", "toolless"]).env(variable, nowhere),
            3,
        );
        assert!(
            text.contains("error: `/nonexistent/tool` is missing; it "),
            "{text}"
        );
        assert!(
            text.contains(&format!("in the package `{package}`")),
            "{text}"
        );
    }
}

#[test]
fn a_tool_that_fails_is_quoted() {
    let folder = folder("failing_tool");
    crate_in(&folder, "unlucky", "", &exports("unlucky"));
    let text = fail(
        gangplank(&folder)
            .args(["build", "unlucky"])
            .env("AR", "false"),
        1,
    );
    assert!(
        text.contains("error: `false` failed (exit status: 1)"),
        "{text}"
    );
}

#[test]
fn files_that_are_not_libraries() {
    let folder = folder("not_a_library");
    write(&folder.join("text.so"), "this is not a library\n");
    for words in [
        &["inspect", "text.so"][..],
        &["generate", "go", "text.so"],
        &["inspect", "absent.so"],
        &["generate", "c", "absent.so"],
    ] {
        let text = fail(gangplank(&folder).args(words), 1);
        assert!(
            text.starts_with("error") && text.contains(words[words.len() - 1]),
            "{words:?}: {text}"
        );
    }
}

#[test]
fn settings_with_a_fault_name_file_and_key() {
    let folder = folder("settings");
    crate_in(
        &folder,
        "plain",
        "[package.metadata.gangplank.go]\nmodul = \"x\"\n",
        EXPORTS,
    );
    let text = fail(gangplank(&folder).args(["generate", "go", "plain"]), 1);
    assert!(
        text.contains("plain/Cargo.toml: [package.metadata.gangplank.go]: unknown field `modul`"),
        "{text}"
    );
    write(&folder.join("own.toml"), "[go]\nmodule = \"a\"\n");
    crate_in(
        &folder,
        "twice",
        "[package.metadata.gangplank.go]\nmodule = \"x\"\n",
        EXPORTS,
    );
    let text = fail(
        gangplank(&folder).args(["generate", "go", "twice", "--config", "own.toml"]),
        1,
    );
    assert!(
        text.starts_with("error: the key `go.module` is set twice\n  --> twice/Cargo.toml: "),
        "{text}"
    );
}
