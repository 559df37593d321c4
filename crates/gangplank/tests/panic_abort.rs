//! A crate that aborts on panics is refused, unless it says that it means to.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Checks a crate of its own whose profile aborts.
fn check(name: &str, library: &str) -> Output {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let gangplank = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = format!(
        "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         gangplank = {{ path = {gangplank:?} }}\n\n[profile.dev]\npanic = \"abort\"\n"
    );
    std::fs::create_dir_all(root.join("src")).expect("a folder for the crate");
    std::fs::write(root.join("Cargo.toml"), manifest).expect("a manifest");
    std::fs::write(root.join("src/lib.rs"), library).expect("a source");
    std::fs::copy(gangplank.join("../../Cargo.lock"), root.join("Cargo.lock")).expect("the lock");
    Command::new(env!("CARGO"))
        .args(["check", "--offline", "--quiet"])
        .current_dir(&root)
        .env(
            "CARGO_TARGET_DIR",
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("abort-target"),
        )
        .output()
        .expect("cargo runs")
}

#[test]
fn aborting_on_panic_is_refused_with_the_way_out() {
    let output = check("aborting", "gangplank::library!();\n");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{text}");
    assert!(
        text.contains("a panic would kill the host process instead of becoming an error"),
        "{text}"
    );
    assert!(
        text.contains("gangplank::library!(panic = \"abort\")"),
        "{text}"
    );
    assert!(text.contains("src/lib.rs:1:1"), "{text}");
}

#[test]
fn aborting_on_panic_can_be_accepted() {
    let output = check("accepting", "gangplank::library!(panic = \"abort\");\n");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
}
