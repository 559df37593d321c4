//! Two libraries compared: what is printed for people and for programs, and the exit code.

mod support;

use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{crate_in, folder, gangplank, run, succeed, write};

const GREETER: &str = "\
//! Greets.

gangplank::library!();

/// A style.
#[gangplank::record]
pub struct Style {
    pub loud: bool,
FIELD}

/// Greets.
#[gangplank::function]
pub fn greet(style: Style) -> bool {
    style.loud
}
MORE";

/// Builds the library with further text and returns a copy of it.
fn library(folder: &Path, copy: &str, field: &str, more: &str) -> PathBuf {
    let gangplank_crate = support::repository().join("crates/gangplank");
    let manifest = format!(
        "[lib]\ncrate-type = [\"lib\", \"cdylib\", \"staticlib\"]\n\n\
         [dependencies]\ngangplank = {{ path = {gangplank_crate:?} }}\n"
    );
    let source = GREETER.replace("FIELD", field).replace("MORE", more);
    crate_in(folder, "greeter", &manifest, &source);
    let out = folder.join(copy);
    succeed(gangplank(folder).args(["build", "greeter", "-o"]).arg(&out));
    let library = "internal/lib".to_owned() + "/" + &platform();
    let file = |end: &str| out.join(&library).join(format!("libgreeter.{end}"));
    [file("so"), file("dylib")]
        .into_iter()
        .find(|path| path.is_file())
        .expect("a library")
}

/// `linux_amd64`.
fn platform() -> String {
    let os = std::env::consts::OS.replace("macos", "darwin");
    let arch = std::env::consts::ARCH
        .replace("x86_64", "amd64")
        .replace("aarch64", "arm64");
    format!("{os}_{arch}")
}

#[test]
fn same_additive_and_breaking() {
    let folder = folder("diff");
    let first = library(&folder, "first", "", "");
    let second = library(
        &folder,
        "second",
        "",
        "\n/// Adds.\n#[gangplank::function]\npub fn add(a: i64, b: i64) -> i64 {\n    a + b\n}\n",
    );
    let third = library(&folder, "third", "    pub word: String,\n", "");
    let fourth = library(
        &folder,
        "fourth",
        "    #[gangplank(default = \"hi\")]\n    pub word: String,\n",
        "",
    );
    let diff = |old: &Path, new: &Path, more: &[&str]| {
        run(gangplank(&folder).arg("diff").args([old, new]).args(more))
    };

    let (code, stdout, stderr) = diff(&first, &first, &[]);
    assert_eq!(
        (code, stdout.as_str(), stderr.as_str()),
        (0, "same: greeter 0.1.0 -> greeter 0.1.0\n", "")
    );

    let (code, stdout, _) = diff(&first, &second, &[]);
    assert_eq!(code, 4, "{stdout}");
    assert!(
        stdout.starts_with("additive: function greeter::add is new (src/lib.rs:19)\n  + fn "),
        "{stdout}"
    );
    assert!(
        stdout.ends_with(
            "additive: greeter 0.1.0 -> greeter 0.1.0: 1 new; packages of the old library work with the new one\n"
        ),
        "{stdout}"
    );
    assert_eq!(diff(&second, &first, &[]).0, 5, "a removal");

    let (code, stdout, _) = diff(&third, &fourth, &[]);
    assert_eq!(code, 4, "{stdout}");
    assert_eq!(
        stdout,
        "additive: record greeter::Style has another default or deprecation (src/lib.rs:7)\n  \
         - word: no default\n  \
         + word: default \"hi\"\n\
         additive: greeter 0.1.0 -> greeter 0.1.0: 1 with another default or deprecation; \
         packages of the old library work with the new one\n"
    );
    let (code, stdout, _) = diff(&third, &fourth, &["--format", "json"]);
    assert_eq!(code, 4, "{stdout}");
    let json: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(json["judgement"], "additive");
    let change = &json["changes"][0];
    assert_eq!(change["change"], "annotated");
    assert_eq!(change["judgement"], "additive");
    assert_eq!(change["new"]["shape"], "word: default \"hi\"");

    let (code, stdout, _) = diff(&first, &third, &[]);
    assert_eq!(code, 5, "{stdout}");
    assert!(
        stdout.contains(
            "breaking: record greeter::Style has changed (src/lib.rs:7)\n  \
             - record greeter::Style { loud: bool }\n  \
             + record greeter::Style { loud: bool, word: string }\n"
        ),
        "{stdout}"
    );

    let (code, stdout, _) = diff(&first, &third, &["--format", "json"]);
    assert_eq!(code, 5);
    let json: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["judgement"], "breaking");
    let changes = json["changes"].as_array().unwrap();
    let style = changes
        .iter()
        .find(|change| change["path"] == "greeter::Style")
        .unwrap();
    assert_eq!(style["kind"], "record");
    assert_eq!(style["change"], "changed");
    assert_eq!(
        style["old"]["shape"],
        "record greeter::Style { loud: bool }"
    );
}

#[test]
fn what_is_not_a_library_is_exit_code_1() {
    let folder = folder("diff_errors");
    write(&folder.join("text.so"), "not a library");
    let (code, stdout, stderr) = run(gangplank(&folder).args(["diff", "nowhere.so", "text.so"]));
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(
        stderr.starts_with("error: cannot open nowhere.so: "),
        "{stderr}"
    );
    let (code, stdout, stderr) = run(gangplank(&folder).args(["diff", "text.so", "text.so"]));
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(stderr.contains("text.so"), "{stderr}");
}
