//! Protobuf's own Go code: what is written, that it compiles, and what bad input gets.

#[path = "support/go.rs"]
mod go;

use std::fs;
use std::path::Path;
use std::process::Command;

use gangplank_codegen::backends::go::COMPILER as GO;
use gangplank_codegen::compile::Request;
use go::{calc, has_go, here, offline};

fn serialization(idl: &Path, output: &Path) -> Result<Vec<String>, String> {
    let written = Request::new(idl, output).run(GO.serialization);
    let written = written.map_err(|found| found.to_string())?;
    let name = |path: &std::path::PathBuf| {
        let path = path.strip_prefix(output).unwrap();
        path.to_str().unwrap().to_owned()
    };
    Ok(written.iter().map(name).collect())
}

/// Whether the Go files in a folder compile together.
fn compiles(folder: &Path) {
    fs::write(
        folder.join("go.mod"),
        "module example.com/x\n\ngo 1.24\n\nrequire google.golang.org/protobuf v1.36.12\n",
    )
    .unwrap();
    let sums = include_str!("../src/compile/tools/protoc-gen-go.sum");
    fs::write(folder.join("go.sum"), sums).unwrap();
    let mut command = Command::new("go");
    let output = offline(&mut command)
        .args(["build", "-C"])
        .arg(folder)
        .arg("./...")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn an_old_file_gets_a_package_that_compiles() {
    if !has_go() {
        return;
    }
    let folder = here();
    let written = serialization(&calc(), folder.path()).unwrap();
    assert_eq!(written, ["calcpb/calc.pb.go"]);
    let file = folder.path().join(&written[0]);
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("\npackage calcpb\n") && text.contains("type GameScore struct"),
        "{text}"
    );
    compiles(folder.path());
    serialization(&calc(), folder.path()).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), text, "twice the same");
}

#[test]
fn imports_without_a_package_come_along() {
    if !has_go() {
        return;
    }
    let folder = here();
    let idl = folder.path().join("my_linux.proto");
    fs::create_dir(folder.path().join("sub")).unwrap();
    fs::write(&idl, "syntax = \"proto3\"; package a; import \"sub/my_linux.proto\"; import \"google/protobuf/timestamp.proto\"; message M { b.N n = 1; google.protobuf.Timestamp t = 2; } service S { rpc f (M) returns (M); }").unwrap();
    fs::write(
        folder.path().join("sub/my_linux.proto"),
        "syntax = \"proto3\"; package b; message N { int32 x = 1; }",
    )
    .unwrap();
    let out = folder.path().join("out");
    let mut written = serialization(&idl, &out).unwrap();
    written.sort();
    assert_eq!(
        written,
        [
            "my_linuxpb/my_linux_idl.pb.go",
            "my_linuxpb/sub_my_linux_idl.pb.go"
        ]
    );
    compiles(&out);
}

#[test]
fn a_real_package_keeps_its_name() {
    if !has_go() {
        return;
    }
    let folder = here();
    let idl = folder.path().join("a.proto");
    fs::write(
        &idl,
        "syntax = \"proto3\"; option go_package = \"example.com/y/z;zed\"; message M {} service S { rpc f (M) returns (M); }",
    )
    .unwrap();
    assert_eq!(serialization(&idl, folder.path()).unwrap(), ["apb/a.pb.go"]);
    let text = fs::read_to_string(folder.path().join("apb/a.pb.go")).unwrap();
    assert!(text.contains("\npackage zed\n"), "{text}");
}

/// An old import beside a definition with a real path is of its package: nobody else could be asked for it.
#[test]
fn imports_without_a_package_join_a_real_one() {
    if !has_go() {
        return;
    }
    let folder = here();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, format!("syntax = \"proto3\"; {text}")).unwrap();
        path
    };
    let idl = write(
        "a.proto",
        "package a; option go_package = \"example.com/x/apb;zed\"; import \"old.proto\"; import \"older.proto\"; message M { b.N n = 1; c.O o = 2; } service S { rpc f (M) returns (M); }",
    );
    write(
        "old.proto",
        "package b; import \"older.proto\"; message N { c.O o = 1; }",
    );
    write(
        "older.proto",
        "package c; option go_package = \"main\"; message O {}",
    );
    let out = folder.path().join("out");
    let mut written = serialization(&idl, &out).unwrap();
    written.sort();
    assert_eq!(written, ["apb/a.pb.go", "apb/old.pb.go", "apb/older.pb.go"]);
    for name in &written {
        let text = fs::read_to_string(out.join(name)).unwrap();
        assert!(text.contains("\npackage zed\n"), "{name}: {text}");
    }
    compiles(&out);
}

#[test]
fn bad_input_is_said_and_nothing_is_written() {
    let folder = here();
    let out = folder.path().join("out");
    let idl = folder.path().join("bad.proto");
    let said = |text: &str| {
        fs::write(&idl, text).unwrap();
        let error = serialization(&idl, &out).unwrap_err();
        assert!(!out.exists());
        error
    };
    let text = said("syntax = \"proto3\";\nmessage {\n}\nmessage M { strin }\n");
    assert!(
        text.contains("error[GP0602]: ") && text.contains("bad.proto:2"),
        "{text}"
    );
    let text = said("syntax = \"proto3\"; import \"nowhere.proto\";");
    assert!(text.contains("nowhere.proto"), "{text}");
    let text = said("syntax = \"proto3\"; import \"bad.proto\";");
    assert!(text.contains("bad.proto"), "{text}");
    let text = serialization(&folder.path().join("absent.proto"), &out).unwrap_err();
    assert!(
        text.contains("error[GP0601]") && text.contains("absent.proto"),
        "{text}"
    );
    let text = serialization(&calc(), &idl).unwrap_err();
    assert!(text.contains("bad.proto: it is a file"), "{text}");
    let text = serialization(Path::new(""), &out).unwrap_err();
    assert!(
        text.contains("the path of the interface definition is empty"),
        "{text}"
    );
}
