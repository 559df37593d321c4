//! Libraries of this repository, built for a test. Nothing to do when they are fresh.

#![allow(dead_code, reason = "each test program uses another part of it")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gangplank_codegen::config::Config;
use serde_json::Value;

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn cargo(arguments: &[&str]) -> Vec<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(arguments)
        .current_dir(root())
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo {arguments:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Builds a crate; its shared library.
pub(crate) fn build(name: &str) -> PathBuf {
    let messages = cargo(&[
        "build",
        "--quiet",
        "--package",
        name,
        "--message-format=json-render-diagnostics",
    ]);
    let files = messages
        .iter()
        .filter(|message| message["target"]["name"] == name)
        .flat_map(|message| message["filenames"].as_array().into_iter().flatten())
        .filter_map(Value::as_str);
    let shared =
        |file: &&str| file.ends_with(".so") || file.ends_with(".dylib") || file.ends_with(".dll");
    let mut shared = files.filter(shared);
    PathBuf::from(shared.next().expect("a shared library"))
}

/// `[package.metadata.gangplank]` of a crate.
pub(crate) fn config(name: &str) -> Config {
    let metadata = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let packages = metadata[0]["packages"].as_array().unwrap();
    let package = packages
        .iter()
        .find(|package| package["name"] == name)
        .unwrap();
    match &package["metadata"]["gangplank"] {
        Value::Null => Config::default(),
        settings => serde_json::from_value(settings.clone()).unwrap(),
    }
}
