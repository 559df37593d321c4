//! Guests in Python and protobuf's own Python code: names, comments, several definitions in one program, bad input.

#[path = "../../../tests/support/program.rs"]
mod program;
#[path = "../../../tests/support/venv.rs"]
mod venv;

use std::fs;
use std::path::Path;
use std::process::Command;

use gangplank_codegen::backends::go::COMPILER as GO;
use gangplank_codegen::backends::python::COMPILER as PYTHON;
use gangplank_codegen::backends::rust::COMPILER as RUST;
use gangplank_codegen::compile::{Compiler, Door, Request};
use tempfile::TempDir;

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// Compiles a guest into `out`; its text.
fn guest(folder: &Path, name: &str) -> Result<String, String> {
    let (idl, out) = (folder.join(format!("{name}.proto")), folder.join("out"));
    let made = Request::new(&idl, &out).run(PYTHON.to_guest);
    let made = made.map_err(|found| found.to_string())?;
    let module = name.replace(['-', '.'], "_");
    assert_eq!(made, [out.join(format!("{module}MetaFFIGuest.py"))]);
    Ok(fs::read_to_string(&made[0]).unwrap())
}

/// Runs a program where the results are; what it prints.
fn python(python: &Path, folder: &Path, program: &str) -> String {
    let output = Command::new(python)
        .args(["-W", "error", "-c", program])
        .current_dir(folder.join("out"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

/// The interpreter that tests run files in; without one they end.
fn interpreter() -> Option<std::path::PathBuf> {
    venv::with(&[]).map(|folder| venv::python(&folder))
}

const WORDS: &str = r#"syntax = "proto3";
package words;
// metaffi_target_language: "python3"

// Words of Python everywhere.
service lambda {
  // Does `def`.
  rpc def (Both) returns (Both);
  rpc yield (Both) returns (None);
}
message Both { import global = 1; None del = 2; }

// What is imported.
message import {
  // Who it is from.
  string from = 1;
  class class = 2;
  repeated int32 is = 3;
  map<string, None> not = 4;
  oneof with {
    string as = 5;
    int32 self = 6;
  }
  bytes int = 7;
  float float = 8;
  int32 str = 9;
}
message None { int32 True = 1; }
// Which class.
enum class {
  pass = 0;
  name = 1;
  mro = 2;
  False = 3;
}
"#;

#[test]
fn words_of_python_are_names_that_python_takes() {
    let Some(interpreter) = interpreter() else {
        return;
    };
    let folder = folder(&[("words.proto", WORDS)]);
    let text = guest(folder.path(), "words").unwrap();
    let program = r#"
import wordsMetaFFIGuest as g
one = getattr(g, "import_")("me")
print(one.from_, one.class_ == getattr(g, "class_").pass_, one.is_, one.not_, one.int, one.float, one.str)
print(sorted(g.FUNCTIONS))
print(g.None_(7).True_, [member.value for member in g.class_])
"#;
    assert_eq!(
        python(&interpreter, folder.path(), program),
        "me True [] {} b'' 0.0 0\n['lambda.def', 'lambda.yield']\n7 [0, 1, 2, 3]\n"
    );
    assert_eq!(
        guest(folder.path(), "words").unwrap(),
        text,
        "twice the same"
    );
    for comment in ["What is imported.", "Who it is from.", "Which class."] {
        assert!(text.contains(comment), "{comment} is not in\n{text}");
    }
}

/// Messages that are called like what the file imports and like Python's own, each with a field called like its type.
#[test]
fn what_the_file_needs_itself_is_no_message() {
    let Some(interpreter) = interpreter() else {
        return;
    };
    let words = "base64 builtins datetime dataclass field typing T lib int classmethod Exception super annotations";
    let message = |name: &str| format!("message {name} {{ {name} {name} = 1; }}\n");
    let field = |(index, name): (usize, &str)| format!("{name} f{index} = {}; ", index + 2);
    let text = format!(
        "syntax = \"proto3\";\n// metaffi_target_language: \"python3\"\n\nimport \"google/protobuf/timestamp.proto\";\nservice S {{ rpc f (In) returns (In); }}\nmessage In {{ All all = 1; }}\n{}\
         message All {{ google.protobuf.Timestamp at = 1; {} }}\n",
        words.split(' ').map(message).collect::<String>(),
        words.split(' ').enumerate().map(field).collect::<String>(),
    );
    let folder = folder(&[("own.proto", &text)]);
    guest(folder.path(), "own").unwrap();
    let program = format!(
        r#"
import typing, ownMetaFFIGuest as g
at = g.Timestamp(0).to_datetime()
print(g.Timestamp.from_datetime(at), len(g.INTERFACE) > 100)
hints = typing.get_type_hints(g.All)
for index, name in enumerate("{words}".split()):
    message = getattr(g, name)
    assert hints[f"f{{index}}"] == typing.Optional[message], hints
    [of_field] = typing.get_type_hints(message).values()
    assert of_field == typing.Optional[message] and message(None) == message(), of_field
"#
    );
    assert_eq!(
        python(&interpreter, folder.path(), &program),
        "Timestamp(seconds=0, nanos=0) True\n"
    );
}

#[test]
fn names_that_meet_are_reported() {
    let define = |body: &str| {
        let text = format!(
            "syntax = \"proto3\";\npackage p;\n// metaffi_target_language: \"python3\"\n\nservice S {{ rpc f (M) returns (M); }}\n{body}\n"
        );
        let folder = folder(&[("p.proto", &text)]);
        let said = guest(folder.path(), "p").unwrap_err();
        assert!(!folder.path().join("out").exists(), "nothing is written");
        said
    };
    // A message inside another, and one with the name that this gets.
    let said =
        define("message M { A.B b = 1; A_B c = 2; }\nmessage A { message B {} }\nmessage A_B {}");
    assert!(said.contains("GP0609") && said.contains("`A_B`"), "{said}");
    // A keyword, which gets a line behind it, and a value that has one.
    let said =
        define("message M { N n = 1; }\nmessage N { E e = 1; }\nenum E { pass = 0; pass_ = 1; }");
    assert!(
        said.contains("GP0303") && said.contains("`pass_`"),
        "{said}"
    );
    // A table of the generated file.
    let said = define("message M { TYPES t = 1; }\nmessage TYPES {}");
    assert!(
        said.contains("GP0403") && said.contains("`TYPES`"),
        "{said}"
    );
}

/// Two definitions with the same messages, rpcs and comments of their own.
#[test]
fn two_definitions_in_one_program() {
    let Some(interpreter) = interpreter() else {
        return;
    };
    let text = "syntax = \"proto3\";\npackage p;\n// metaffi_target_language: \"python3\"\n\nservice S { rpc f (N) returns (N); }\nmessage N { M m = 1; }\nmessage M { int32 x = 1; }\n";
    let folder = folder(&[("one.proto", text), ("two.proto", text)]);
    for name in ["one", "two"] {
        guest(folder.path(), name).unwrap();
    }
    let program = "
import oneMetaFFIGuest as one, twoMetaFFIGuest as two
print(one.M is two.M, one.M(1), two.M(2), one.FUNCTIONS, two.FUNCTIONS)";
    let said = python(&interpreter, folder.path(), program);
    assert!(said.starts_with("False M(x=1) M(x=2) "), "{said}");
    assert!(
        said.contains("../one.py") && said.contains("../two.py"),
        "{said}"
    );
}

const SHOP: &str = r#"syntax = "proto3";
package shop;
import "gangplank/options.proto";
import "google/protobuf/timestamp.proto";
import "sub/money-kinds.proto";
option (gangplank.file).target_language = "python3";
message Order { money.Amount price = 1; google.protobuf.Timestamp at = 2; }
service Shop { rpc buy (Order) returns (Order); }
"#;
const MONEY: &str = "syntax = \"proto3\";\npackage money;\nmessage Amount { int64 cents = 1; }\n";

#[test]
fn protobufs_own_code_comes_with_what_it_imports() {
    let Some(venv) = venv::with(&[venv::GRPC_TOOLS]) else {
        return;
    };
    let folder = folder(&[("shop.proto", SHOP), ("sub/money-kinds.proto", MONEY)]);
    let (idl, out) = (folder.path().join("shop.proto"), folder.path().join("out"));
    let with = venv::python(&venv);
    let request = Request {
        python: Some(&with),
        ..Request::new(&idl, &out)
    };
    let made = request
        .run(PYTHON.serialization)
        .unwrap_or_else(|found| panic!("{found}"));
    let names: Vec<_> = made
        .iter()
        .map(|path| path.strip_prefix(&out).unwrap().to_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "gangplank/options_pb2.py",
            "gangplank/options_pb2.pyi",
            "shop_pb2.py",
            "shop_pb2.pyi",
            "sub/money_kinds_pb2.py",
            "sub/money_kinds_pb2.pyi",
        ]
    );
    let program = "
import shop_pb2
order = shop_pb2.Order(price={'cents': 250})
order.at.FromSeconds(5)
print(shop_pb2.Order.FromString(order.SerializeToString()) == order, order.SerializeToString().hex())";
    let said = python(&with, folder.path(), program);
    assert_eq!(said, "True 0a0308fa0112020805\n");
    let first: Vec<_> = made.iter().map(|path| fs::read(path).unwrap()).collect();
    request.run(PYTHON.serialization).unwrap();
    let second: Vec<_> = made.iter().map(|path| fs::read(path).unwrap()).collect();
    assert!(first == second, "twice the same");
}

#[test]
fn what_cannot_be_written_is_said_and_leaves_nothing() {
    let folder = folder(&[
        ("words.proto", WORDS),
        ("none.proto", "syntax = \"proto3\";\n"),
        ("bad.proto", "syntax = \"proto3\";\nmessage {"),
        ("a.proto", "syntax = \"proto3\";\nimport \"b.proto\";"),
        ("b.proto", "syntax = \"proto3\";\nimport \"a.proto\";"),
        ("plain", ""),
    ]);
    let out = folder.path().join("out");
    let plain = folder.path().join("plain");
    for (name, out, says) in [
        ("absent", &out, "absent.proto"),
        ("bad", &out, "bad.proto"),
        ("none", &out, "no service"),
        ("a", &out, "import each other in a circle"),
        ("words", &plain, "cannot write into"),
        (
            "words",
            &Path::new("/proc/gangplank/no").to_owned(),
            "/proc/gangplank",
        ),
    ] {
        let idl = folder.path().join(format!("{name}.proto"));
        for door in [PYTHON.to_guest, PYTHON.from_host, PYTHON.serialization] {
            let said = Request::new(&idl, out).run(door).unwrap_err().to_string();
            assert!(said.contains(says), "{name}: {said}\n  not: {says}");
        }
    }
    assert!(!out.exists(), "nothing is written");
    let words = folder.path().join("words.proto");
    // An interpreter that cannot be run is one without the package.
    let request = Request {
        python: Some(Path::new("/no/such/python")),
        ..Request::new(&words, &out)
    };
    let said = request.run(PYTHON.serialization).unwrap_err().to_string();
    assert!(
        said.contains("GP0730")
            && said.contains("/no/such/python")
            && said.contains("cannot be run"),
        "{said}"
    );
    assert!(!out.exists(), "nothing is written");
}

/// A program that says it is an interpreter with `grpcio-tools`, and does this with what they are asked.
fn pretend(folder: &Path, tools: &str) -> std::path::PathBuf {
    let path = folder.join("pretend");
    let text = format!("#!/bin/sh\n[ \"$1\" = -c ] && echo 1.40.0 && exit\n{tools}\n");
    program::write(&path, &text);
    path
}

#[test]
fn tools_that_write_no_outline_and_tools_that_refuse() {
    let folder = folder(&[("words.proto", WORDS)]);
    let (idl, out) = (folder.path().join("words.proto"), folder.path().join("out"));
    // What old ones know, by the last of their options.
    let old = "for word; do case $word in --python_out=*) echo made > \"${word#*=}/words_pb2.py\"; exit;; esac; done\n\
               echo '--pyi_out: program not found' >&2; exit 1";
    let python = pretend(folder.path(), old);
    let request = Request {
        python: Some(&python),
        ..Request::new(&idl, &out)
    };
    assert_eq!(
        request.run(PYTHON.serialization).unwrap(),
        [out.join("words_pb2.py")]
    );
    fs::remove_dir_all(&out).unwrap();
    let python = pretend(folder.path(), "echo 'words.proto: no' >&2; exit 1");
    let request = Request {
        python: Some(&python),
        ..request
    };
    let said = request.run(PYTHON.serialization).unwrap_err().to_string();
    assert!(
        said.contains("GP0731") && said.contains("refuses") && said.contains("words.proto: no"),
        "{said}"
    );
    assert!(!out.exists(), "nothing is written");
}

#[test]
fn guests_of_another_language_are_refused_by_every_door() {
    let define = |tags: [&str; 2]| {
        let [one, two] = tags;
        format!(
            "syntax = \"proto3\";\nmessage M {{ string s = 1; }}\nservice S {{\n{one}\n  rpc get (M) returns (M);\n\n{two}\n  rpc put (M) returns (M);\n}}\n"
        )
    };
    let (go, python) = (
        "  // metaffi_target_language: \"go\"",
        "  // metaffi_target_language: \"python\"",
    );
    let said = |text: &str, door: Door| {
        let folder = folder(&[("two.proto", text)]);
        let (idl, out) = (folder.path().join("two.proto"), folder.path().join("out"));
        let said = Request::new(&idl, &out).run(door).unwrap_err().to_string();
        assert!(!out.exists(), "nothing is written");
        said
    };
    // One of each, in both orders.
    for text in [
        define([go, python]),
        define([python, go]),
        define(["", python]),
    ] {
        for compiler in [GO, PYTHON, RUST] {
            for door in [compiler.to_guest, compiler.from_host] {
                let said = said(&text, door);
                assert!(
                    said.contains("GP0610") && said.contains("a guest is of one language"),
                    "{}: {said}",
                    compiler.name
                );
            }
        }
    }
    // All of them in the other language.
    let said_of = |text: &str, compiler: Compiler| said(text, compiler.to_guest);
    for (text, compiler, words) in [
        (
            define([go, go]),
            PYTHON,
            "is in `go`, and this compiler makes guests in `python`",
        ),
        (
            define(["", ""]),
            PYTHON,
            "help: say so: `// metaffi_target_language: \"python3\"`",
        ),
        (
            define([python, python]),
            GO,
            "is in `python`, and this compiler makes guests in `go`",
        ),
        (define([python, python]), RUST, "two.proto:4: says `python`"),
    ] {
        let said = said_of(&text, compiler);
        assert!(said.contains("GP0707") && said.contains(words), "{said}");
    }
}

#[test]
fn the_tag_names_a_file_or_a_package() {
    let text = |module: &str| {
        format!(
            "syntax = \"proto3\";\n// metaffi_target_language: \"python3\"\n// metaffi_module: \"{module}\"\n\nmessage M {{}}\nservice S {{ rpc f (M) returns (M); rpc g (M) returns (M); }}\n"
        )
    };
    let guest_of = |module: &str| {
        let folder = folder(&[("p.proto", &text(module)), ("package/__init__.py", "")]);
        guest(folder.path(), "p")
    };
    for (module, file) in [
        ("./impl", "../impl.py"),
        ("./impl.py", "../impl.py"),
        ("./impl.v1", "../impl.v1.py"),
        ("sub/impl.v1.py", "../sub/impl.v1.py"),
        ("./package", "../package/__init__.py"),
        ("./package/", "../package/__init__.py"),
        ("impl.v1", "impl.v1"),
    ] {
        let made = guest_of(module).unwrap();
        let line = format!("\"S.f\": (\"{file}\", \"f\"),");
        assert!(made.contains(&line), "{module}: {made}");
    }
    for module in [".", "..", "./", "../..", "sub/"] {
        let said = guest_of(module).unwrap_err();
        let words = format!(
            "error[GP0707]: `{module}` is a folder, and no module of Python\n--> p.proto:3: said here"
        );
        assert!(said.contains(&words), "{said}");
        assert_eq!(said.matches("error[").count(), 1, "{said}");
    }
}

/// Whatever the definition is called, its types can be imported, and its hosts open the file that is there.
#[test]
fn guests_have_names_that_can_be_imported() {
    let Some(interpreter) = interpreter() else {
        return;
    };
    let text = "syntax = \"proto3\";\n// metaffi_target_language: \"python3\"\n\nmessage Pair { int32 x = 1; Pair of = 2; }\nmessage In { Pair p = 1; }\nservice S { rpc f (In) returns (In); }\n";
    let folder = folder(&[
        ("my-calc.proto", text),
        ("calc.v1.proto", text),
        ("_gangplank.abi3.so", "the extension of hosts"),
    ]);
    let out = folder.path().join("out");
    for (name, module) in [("my-calc", "my_calc"), ("calc.v1", "calc_v1")] {
        guest(folder.path(), name).unwrap();
        let program = format!("from {module}MetaFFIGuest import Pair; print(Pair(7))");
        let said = python(&interpreter, folder.path(), &program);
        assert_eq!(said, "Pair(x=7, of=None)\n");
        let idl = folder.path().join(format!("{name}.proto"));
        for compiler in [PYTHON, RUST, GO] {
            let request = Request {
                toolkit: Some(folder.path()),
                ..Request::new(&idl, &out)
            };
            let made = request.run(compiler.from_host).unwrap();
            let text = |path: &std::path::PathBuf| fs::read_to_string(path).unwrap();
            let host: String = made.iter().map(text).collect();
            let opened = format!("\"{module}MetaFFIGuest");
            assert!(host.contains(&opened), "{}: {host}", compiler.name);
        }
    }
}
