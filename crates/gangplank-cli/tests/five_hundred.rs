//! A library of 500 functions, made here: it builds, its Go package compiles, and each function is called.
//!
//! Bulk has no golden; what matters is that nothing is lost, nothing collides, and the time stays bearable.

mod support;

use std::fmt::Write as _;
use std::process::Command;

use support::{crate_in, folder, gangplank, has_go, repository, succeed, write};

const COUNT: usize = 500;

/// A fifth each: registers, text, a record of its own with a list, a typed error, async with a map.
fn source() -> String {
    let mut text = String::from(
        "//! Many functions.\nuse std::collections::BTreeMap;\ngangplank::library!();\n\
         /// Why not.\n#[gangplank::error]\npub enum No {\n    /// no {index}\n    No { index: u32 },\n}\n",
    );
    for i in 0..COUNT {
        let (docs, attribute) = (format!("/// Function {i}."), "#[gangplank::function]");
        let _ = match i % 5 {
            0 => writeln!(
                text,
                "{docs}\n{attribute}\npub fn call_{i}(value: i64) -> i64 {{ value + {i} }}"
            ),
            1 => writeln!(
                text,
                "{docs}\n{attribute}\npub fn call_{i}(text: String) -> String {{ format!(\"{{text}}{i}\") }}"
            ),
            2 => writeln!(
                text,
                "/// Record {i}.\n#[gangplank::record]\npub struct Record{i} {{ pub id: u32, pub tags: Vec<String>, pub note: Option<String> }}\n\
                 {docs}\n{attribute}\npub fn call_{i}(mut record: Record{i}) -> Record{i} {{ record.id += {i}; record }}"
            ),
            3 => writeln!(
                text,
                "{docs}\n{attribute}\npub fn call_{i}(index: u32) -> Result<u32, No> {{ Err(No::No {{ index: index + {i} }}) }}"
            ),
            _ => writeln!(
                text,
                "{docs}\n{attribute}\npub async fn call_{i}(mut map: BTreeMap<String, i64>) -> BTreeMap<String, i64> {{ map.insert(\"i\".into(), {i}); map }}"
            ),
        }; // Writing to a string cannot fail.
    }
    text
}

/// Calls each function and checks its answer.
fn program() -> String {
    let mut text = String::from(
        "package main\n\nimport (\n\t\"context\"\n\t\"errors\"\n\t\"fmt\"\n\t\"os\"\n\n\t\"example.com/many\"\n)\n\n\
         func check(i int, holds bool, err error) {\n\tif !holds || err != nil {\n\t\tfmt.Println(i, err)\n\t\tos.Exit(1)\n\t}\n\
         \tcalled++\n}\n\nvar called int\n\nfunc main() {\n",
    );
    for i in 0..COUNT {
        let body = match i % 5 {
            0 => format!("got, err := many.Call{i}(-1); check({i}, got == {i}-1, err)"),
            1 => format!("got, err := many.Call{i}(\"x\"); check({i}, got == \"x{i}\", err)"),
            2 => format!(
                "got, err := many.Call{i}(many.Record{i}{{ID: 1, Tags: []string{{\"t\"}}}}); check({i}, got.ID == {i}+1 && got.Tags[0] == \"t\" && got.Note == nil, err)"
            ),
            3 => format!(
                "_, err := many.Call{i}(1); var no *many.NoError; check({i}, errors.As(err, &no) && no.Index == {i}+1, nil)"
            ),
            _ => format!(
                "got, err := many.Call{i}(context.Background(), map[string]int64{{\"a\": 1}}); check({i}, len(got) == 2 && got[\"i\"] == {i}, err)"
            ),
        };
        let _ = writeln!(text, "\t{{ {body} }}");
    }
    text + "\tfmt.Println(called)\n}\n"
}

#[test]
fn each_of_five_hundred_functions_is_called_from_go() {
    if !has_go() {
        return;
    }
    let folder = folder("five_hundred");
    let runtime = repository().join("crates/gangplank");
    let manifest = format!(
        "[dependencies]\ngangplank = {{ path = {runtime:?} }}\n\n[lib]\ncrate-type = [\"cdylib\", \"staticlib\"]\n\n\
         [profile.release]\nopt-level = 0\ncodegen-units = 16\n"
    );
    crate_in(&folder, "many", &manifest, &source());
    succeed(gangplank(&folder).args(["generate", "go", "many"]));
    let module = "module example.com/caller\n\ngo 1.24\n\nrequire example.com/many v0.0.0\n\nreplace example.com/many => ../many/go\n";
    write(&folder.join("caller/go.mod"), module);
    write(&folder.join("caller/main.go"), &program());
    let mut go = Command::new("go");
    go.args(["run", "."])
        .current_dir(folder.join("caller"))
        .env("GOWORK", "off")
        .env("GOTOOLCHAIN", "local");
    assert_eq!(succeed(&mut go), format!("{COUNT}\n"));
}
