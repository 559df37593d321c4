//! `.proto` files on the command line: what `inspect` and `diff` say of them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const OLD: &str = "syntax = \"proto3\";
package shop;
import \"money.proto\";
service Shop { rpc buy(Order) returns (Order); }
message Order { string name = 1; Money price = 2; }
";
const MONEY: &str = "syntax = \"proto3\"; package shop; message Money { sint64 cents = 1; }";

fn gangplank(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gangplank"))
        .current_dir(folder)
        .args(args)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("protos")).unwrap();
    fs::write(folder.path().join("protos/money.proto"), MONEY).unwrap();
    fs::write(folder.path().join("shop.proto"), OLD).unwrap();
    folder
}

#[test]
fn inspect_prints_the_interface() {
    let folder = folder();
    let output = gangplank(folder.path(), &["inspect", "shop.proto", "-I", "protos"]);
    assert_eq!(
        text(&output.stdout),
        "library shop (ABI 1)\n\n\
         fn Shop::buy(name: string #1, price: option<Money> #2 explicit) -> result<(name: string #1, price: option<Money> #2 explicit)>\n\n\
         record Money {\n    cents: i64 #1 zigzag\n}\n",
        "{}",
        text(&output.stderr)
    );
    let output = gangplank(
        folder.path(),
        &["inspect", "shop.proto", "-Iprotos", "--format=json"],
    );
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["functions"][0]["proto_name"], "shop.Shop.buy");
}

#[test]
fn findings_show_their_lines() {
    let folder = folder();
    let output = gangplank(folder.path(), &["inspect", "shop.proto"]);
    assert_eq!(output.status.code(), Some(1));
    let stderr = text(&output.stderr);
    assert!(stderr.contains("3 | import \"money.proto\";"), "{stderr}");
    assert!(stderr.contains("imported here"), "{stderr}");
}

#[test]
fn diff_compares_files() {
    let folder = folder();
    let new = OLD.replace("name = 1", "name = 3");
    fs::write(folder.path().join("new.proto"), new).unwrap();
    let args = ["diff", "shop.proto", "shop.proto", "-I", "protos"];
    assert_eq!(gangplank(folder.path(), &args).status.code(), Some(0));
    let args = ["diff", "shop.proto", "new.proto", "-I", "protos"];
    let output = gangplank(folder.path(), &args);
    assert_eq!(output.status.code(), Some(5));
    let stdout = text(&output.stdout);
    assert!(
        stdout.contains("+ fn shop::Shop::buy(name: string #3"),
        "{stdout}"
    );
    assert!(
        stdout.ends_with("shop -> new: 1 breaking, 0 additive; packages must be generated again\n"),
        "{stdout}"
    );
}

#[test]
fn folders_of_imports_are_refused_where_nothing_has_imports() {
    let folder = folder();
    fs::write(folder.path().join("lib.so"), "no library").unwrap();
    for words in [
        &["generate", "python", "lib.so", "-I", "protos"][..],
        &["generate", "python", ".", "-I", "protos"],
        &["inspect", "lib.so", "-I", "protos"],
        &["diff", "lib.so", "lib.so", "-I", "protos"],
    ] {
        let output = gangplank(folder.path(), words);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(
            stderr.starts_with("error: -I is for the imports of .proto files, and "),
            "{stderr}"
        );
    }
    let words = [
        "generate",
        "python",
        "shop.proto",
        "-I",
        "protos",
        "--debug-info",
    ];
    let output = gangplank(folder.path(), &words);
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.starts_with("error: --debug-info is for a crate"),
        "{stderr}"
    );
}

/// The command that `check` ends with writes what was compared.
#[test]
fn check_repeats_the_options() {
    let folder = folder();
    fs::write(folder.path().join("my.toml"), "").unwrap();
    let words = [
        "generate",
        "rust-host",
        "shop.proto",
        "-o",
        "to there",
        "-I",
        "protos",
        "--config",
        "my.toml",
    ];
    let output = gangplank(folder.path(), &[&words[..], &["--check"]].concat());
    assert_eq!(output.status.code(), Some(1));
    let stderr = text(&output.stderr);
    let help = "help: run `gangplank generate rust-host shop.proto -o 'to there' -I protos --config my.toml`\n";
    assert!(stderr.ends_with(help), "{stderr}");
    let output = gangplank(folder.path(), &words);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let output = gangplank(folder.path(), &[&words[..], &["--check"]].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
}
