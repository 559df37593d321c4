//! Messages in Go: declarations against protoc-gen-go's, bytes against protobuf itself.

#[path = "support/go.rs"]
mod go;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gangplank_codegen::backends::go::COMPILER as GO;
use gangplank_codegen::backends::go::proto::messages;
use gangplank_codegen::compile::Request;
use gangplank_codegen::proto;
use gangplank_model::{assemble, check, lower, lowered};
use go::{has_go, here, offline};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/proto/corpus")
}

fn lowered(path: &Path) -> lowered::Library {
    let source = proto::interface(path, &[]).unwrap();
    lower(&check(assemble(source).unwrap()).unwrap())
}

/// A Go module with both forms of some definitions.
fn module(folder: &Path, idls: &[PathBuf]) {
    fs::write(
        folder.join("go.mod"),
        "module example.com/x\n\ngo 1.24\n\nrequire google.golang.org/protobuf v1.36.12\n",
    )
    .unwrap();
    let sums = include_str!("../src/compile/tools/protoc-gen-go.sum");
    fs::write(folder.join("go.sum"), sums).unwrap();
    for idl in idls {
        let stem = idl.file_stem().unwrap().to_str().unwrap();
        let text = messages(&lowered(idl), "idl").unwrap();
        fs::write(folder.join(format!("{stem}.go")), text).unwrap();
        Request::new(idl, folder).run(GO.serialization).unwrap();
    }
}

fn go(folder: &Path, args: &[&str]) {
    let output = offline(&mut Command::new("go"))
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "go {args:?}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn bytes_are_those_of_protobuf() {
    if !has_go() {
        return;
    }
    let scratch = here();
    // Without a package of its own, protobuf's code of the file and of what it imports is one package.
    let shop = fs::read_to_string(folder().join("shop.proto")).unwrap();
    let (before, after) = shop.split_once("option go_package").unwrap();
    let after = after.split_once('\n').unwrap().1;
    fs::create_dir_all(scratch.path().join("idl/common")).unwrap();
    fs::copy(
        folder().join("common/money.proto"),
        scratch.path().join("idl/common/money.proto"),
    )
    .unwrap();
    let shop = scratch.path().join("idl/shop.proto");
    fs::write(&shop, format!("{before}{after}")).unwrap();
    module(scratch.path(), &[folder().join("kinds.proto"), shop]);
    let test = include_str!("go/codec_test.go");
    fs::write(scratch.path().join("codec_test.go"), test).unwrap();
    go(scratch.path(), &["vet", "."]);
    go(scratch.path(), &["test", "."]);
    let output = Command::new("gofmt")
        .args(["-d", "kinds.go", "shop.go"])
        .current_dir(scratch.path())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
}

#[test]
fn two_definitions_with_the_same_messages_are_two_files() {
    let scratch = here();
    let text = "syntax = \"proto3\"; service S { rpc f(M) returns (M); } message M { M m = 1; }";
    let of = |name: &str| {
        let path = scratch.path().join(name);
        fs::write(&path, text).unwrap();
        messages(&lowered(&path), "x").unwrap()
    };
    let own = |text: &str| {
        let lines = text.lines().filter_map(|line| line.strip_prefix("func "));
        let names = lines.filter(|line| !line.starts_with('('));
        names
            .map(|line| line.split(['(', '[']).next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let (one, two) = (own(&of("one.proto")), own(&of("two.proto")));
    assert!(
        one.len() > 5 && one.iter().all(|name| !two.contains(name)),
        "{one:?} {two:?}"
    );
}

#[test]
fn calc_is_written_out() {
    let text = messages(&lowered(&folder().join("calc.proto")), "calc").unwrap();
    insta::assert_snapshot!("calc_messages", text);
}
