//! A library that is no longer the one a Go package was generated from: the package refuses it and names what differs,
//! with the library linked in and with the library opened at run time.

mod support;

use std::path::Path;
use std::process::{Command, Output};

const PALETTE: &str = r#"
/// A color of the palette.
#[gangplank::record]
pub struct Color {
    pub red: u8,
FIELD}
"#;

const PAINTER: &str = r#"
//! Paints with colors of another crate.

gangplank::library!();

/// Says how red a color is.
#[gangplank::function]
pub fn redness(color: palette::Color) -> u8 {
    color.red
}

/// A function without colors.
#[gangplank::function]
pub fn answer() -> i64 {
    42
}
"#;

const PROGRAM: &str = r#"package main

import (
	"errors"
	"fmt"

	"example.com/painter"
)

func main() {
	red, err := painter.Redness(painter.Color{Red: 7})
	fmt.Println(red, errors.Is(err, painter.ErrMismatch), err)
}
"#;

/// Writes both crates, the color with `field` behind its first one.
fn sources(folder: &Path, field: &str) -> std::path::PathBuf {
    let gangplank = support::repository().join("crates/gangplank");
    let dependency = format!("[dependencies]\ngangplank = {{ path = {gangplank:?} }}\n");
    support::crate_in(
        folder,
        "palette",
        &dependency,
        &PALETTE.replace("FIELD", field),
    );
    let manifest = format!(
        "[lib]\ncrate-type = [\"lib\", \"cdylib\", \"staticlib\"]\n\n{dependency}\
         palette = {{ path = \"../palette\" }}\n\n\
         [package.metadata.gangplank.go]\nmodule = \"example.com/painter\"\n"
    );
    support::crate_in(folder, "painter", &manifest, PAINTER.trim_start())
}

fn gangplank(folder: &Path, arguments: &[&str]) {
    let output = support::gangplank(folder)
        .args(arguments)
        .output()
        .expect("gangplank runs");
    assert!(output.status.success(), "{}", text(&output));
}

fn run(example: &Path, tags: &str) -> String {
    let output = Command::new("go")
        .args(["run", "-tags", tags, "."])
        .current_dir(example)
        .output()
        .expect("go runs");
    text(&output)
}

fn text(output: &Output) -> String {
    let parts = [&output.stdout, &output.stderr];
    parts.map(|part| String::from_utf8_lossy(part)).concat()
}

#[test]
fn a_changed_record_of_a_dependency_is_refused_by_name() {
    if !support::has_go() {
        return;
    }
    let folder = support::folder("mismatch");
    let painter = sources(&folder, "");
    let package = painter.join("go");
    let paths = [&painter, &package].map(|path| path.to_str().expect("a UTF-8 path"));
    gangplank(&folder, &["generate", "go", paths[0], "-o", paths[1]]);
    gangplank(&folder, &["build", paths[0]]);
    support::write(&package.join("example/main.go"), PROGRAM);
    for tags in ["", "gangplank_dynamic"] {
        assert_eq!(run(&package.join("example"), tags), "7 false <nil>\n");
    }

    sources(&folder, "    pub green: u8,\n");
    gangplank(&folder, &["build", paths[0]]);
    for tags in ["", "gangplank_dynamic"] {
        let said = run(&package.join("example"), tags);
        assert!(said.starts_with("0 true "), "{tags}: {said}");
        for part in [
            "palette::Color",
            "record palette::Color { red: u8 }",
            "record palette::Color { red: u8, green: u8 }",
        ] {
            assert!(said.contains(part), "{tags}: no `{part}` in: {said}");
        }
    }
}
