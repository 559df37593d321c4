//! Definitions that make it hard for Go: words of the language for every name, names that meet, one name for two files.
//! And what every definition may expect: the same bytes every time.

#[path = "support/go.rs"]
mod go;
#[path = "support/host.rs"]
mod host_support;

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use gangplank_codegen::backends::go::COMPILER as GO;
use gangplank_codegen::compile::{self, Part, Request, compilers};
use go::{calc, has_go, here};
use host_support::{c_guest, go, go_mod, is_clean, text, xllr};

/// What Go has for itself or declares before everybody else, and what generated code calls its own things.
const WORDS: [&str; 74] = [
    "break",
    "case",
    "chan",
    "const",
    "continue",
    "default",
    "defer",
    "else",
    "fallthrough",
    "for",
    "func",
    "go",
    "goto",
    "if",
    "import",
    "interface",
    "map",
    "package",
    "range",
    "return",
    "select",
    "struct",
    "switch",
    "type",
    "var",
    "any",
    "bool",
    "byte",
    "error",
    "false",
    "float32",
    "float64",
    "int",
    "int32",
    "iota",
    "len",
    "max",
    "min",
    "new",
    "nil",
    "panic",
    "recover",
    "rune",
    "string",
    "true",
    "uintptr",
    "append",
    "cap",
    "clear",
    "close",
    "copy",
    "delete",
    "make",
    "print",
    "init",
    "main",
    "ctx",
    "err",
    "in",
    "out",
    "ready",
    "ret",
    "errors",
    "fmt",
    "math",
    "strings",
    "sync",
    "time",
    "unsafe",
    "protowire",
    "runtime",
    "os",
    "filepath",
    "c",
];

/// A definition in which every name is such a word, and its implementation.
fn words() -> (String, String) {
    let mut idl = String::from(
        "syntax = \"proto3\";\npackage type;\nimport \"google/protobuf/timestamp.proto\";\nenum nil { false = 0; true = 1; }\nmessage func { string string = 1; oneof range { int32 map = 2; func interface = 3; } nil nil = 4; }\nmessage Words {\n",
    );
    let mut params = Vec::new();
    let kinds = [
        ("int32", "int32"),
        ("bool", "bool"),
        ("string", "string"),
        ("float", "float32"),
    ];
    for (at, word) in WORDS.iter().enumerate() {
        let (proto, go) = kinds[at % kinds.len()];
        writeln!(idl, "  {proto} {word} = {};", at + 1).unwrap();
        params.push(format!("a{at} {go}"));
    }
    let all: Vec<String> = (0..WORDS.len()).map(|at| format!("a{at}")).collect();
    let types: Vec<&str> = (0..WORDS.len())
        .map(|at| kinds[at % kinds.len()].1)
        .collect();
    writeln!(idl, "}}\nmessage error {{ func struct = 1; google.protobuf.Timestamp time = 2; nil select = 3; bool c = 4; }}\nmessage None {{}}").unwrap();
    let mut source = String::from("//go:build guest\n\npackage main\n\nimport \"time\"\n\n");
    // A scalar call takes another way through the host than the rest.
    idl.push_str("message Flags { bool false = 1; int32 int32 = 2; float float32 = 3; }\nmessage Flag { bool true = 1; }\n");
    idl.push_str("service go {\n  rpc switch (Words) returns (Words);\n  rpc default (error) returns (error);\n  rpc init (Flags) returns (Flag);\n  rpc main (None) returns (None);\n}\n");
    // Two services with one rpc.
    idl.push_str("service import {\n  // metaffi_function_path: \"function=Other\"\n  rpc switch (None) returns (None);\n}\n");
    writeln!(
        source,
        "func Switch({}) ({}) {{\n\treturn {}\n}}\n",
        params.join(", "),
        types.join(", "),
        all.join(", ")
    )
    .unwrap();
    source.push_str("func Default(a *Func, t *time.Time, n Nil, c bool) (*Func, *time.Time, Nil, bool) { return a, t, n, c }\n\nfunc Init(a bool, b int32, c float32) bool { return a && float32(b) == c }\n\nfunc Main() {}\n\nfunc Other() {}\n");
    (idl, source)
}

#[test]
fn words_of_go_for_every_name() {
    if !has_go() {
        return;
    }
    let folder = here();
    let (idl, source) = words();
    let path = folder.path().join("x_windows.proto");
    fs::write(&path, idl).unwrap();
    fs::write(folder.path().join("code.go"), source).unwrap();
    let request = Request::new(&path, folder.path());
    request
        .run(GO.to_guest)
        .unwrap_or_else(|found| panic!("{found}"));
    request
        .run(GO.from_host)
        .unwrap_or_else(|found| panic!("{found}"));
    let library = fs::read(folder.path().join("x_windowsMetaFFIGuest.so")).unwrap();
    for symbol in [
        "Foreigngo_switch",
        "Foreignimport_switch",
        "Foreigndefault",
        "Foreignmain",
    ] {
        let symbol = format!("{symbol}\0");
        let found = library
            .windows(symbol.len())
            .any(|bytes| bytes == symbol.as_bytes());
        assert!(found, "{symbol}");
    }
    go_mod(folder.path());
    let program = "//go:build !guest\n\npackage main\n\nimport \"fmt\"\n\nfunc main() {\n\tok, err := Init(true, 3, 3)\n\tfmt.Println(ok, err)\n\tfmt.Println(Init(true, 3, 4))\n\tfmt.Println(Main(), ImportSwitch())\n\tat := time.Unix(1, 2)\n\ta, _, n, c, err := Default(&Func{String_: \"s\", Range: &Func_Map{Map: 7}}, &at, Nil_true, true)\n\tfmt.Println(a.String_, a.GetMap(), n, c, err)\n}\n";
    let program = program.replace("import \"fmt\"", "import (\n\t\"fmt\"\n\t\"time\"\n)");
    fs::write(folder.path().join("main.go"), program).unwrap();
    // In one folder with the implementation, which says that it is the guest's.
    is_clean(folder.path(), "");
    is_clean(folder.path(), "guest");
    let run = go(folder.path())
        .args(["run", "."])
        .env("GANGPLANK_PATH", xllr())
        .env("GANGPLANK_GO_IN_PROCESS", "1")
        .output()
        .unwrap();
    assert_eq!(
        text(&run),
        "true <nil>\nfalse <nil>\n<nil> <nil>\ns 7 true true <nil>\n"
    );
}

#[test]
fn names_that_meet_are_said() {
    let said = |idl: &str, door: compile::Door| {
        let folder = here();
        let path = folder.path().join("a.proto");
        fs::write(&path, format!("syntax = \"proto3\";\n{idl}\n")).unwrap();
        Request::new(&path, folder.path())
            .run(door)
            .unwrap_err()
            .to_string()
    };
    for (idl, words) in [
        (
            "message a_b {}\nmessage AB { a_b x = 1; }\nmessage W { AB x = 1; }\nservice S { rpc f (W) returns (W); }",
            "`AB` would be two things in Go: `a::a_b` and `a::AB`",
        ),
        (
            "message Get { Get get = 1; }\nservice S { rpc get (Get) returns (Get); }",
            "`Get` would be two things in Go: the type `Get` and the function `a::S::get`",
        ),
        (
            "message M {}\nservice S { rpc get_it (M) returns (M); rpc getIt (M) returns (M); }",
            "`SGetIt` would be two things in Go",
        ),
        (
            "message M {}\nservice S { rpc load_a (M) returns (M); }",
            "`LoadA` would be two things in Go: a function that every host has",
        ),
        // The tables that every enum has.
        (
            "enum E { name = 0; other = 1; }\nmessage M { E e = 1; }\nservice S { rpc f (M) returns (M); }",
            "`E_name` would be two things in Go: a table of `a::E` and the value `name` of `a::E`",
        ),
        (
            "enum E { other = 0; value = 1; }\nmessage M { E e = 1; }\nservice S { rpc f (M) returns (M); }",
            "`E_value` would be two things in Go: a table of `a::E` and the value `value` of `a::E`",
        ),
    ] {
        let text = said(idl, GO.from_host);
        assert!(
            text.contains("error[GP0403]: ") && text.contains(words),
            "{text}"
        );
        assert!(text.contains("a.proto:"), "{text}");
    }
}

#[test]
fn two_files_of_one_name_in_one_program() {
    if !has_go() {
        return;
    }
    let folder = here();
    go_mod(folder.path());
    c_guest(folder.path(), "calc_guest.c");
    let idl = fs::read_to_string(calc()).unwrap();
    for package in ["one", "two"] {
        let at = folder.path().join(package);
        fs::create_dir(&at).unwrap();
        fs::write(at.join("calc.proto"), &idl).unwrap();
        let path = at.join("calc.proto");
        let request = Request {
            host_package: Some(package),
            ..Request::new(&path, &at)
        };
        request.run(GO.from_host).unwrap();
        // Protobuf's own code of both would end the program before `main`; hosts do without it.
        let pb = request.run(GO.serialization).unwrap();
        assert!(pb[0].ends_with("calcpb/calc.pb.go"));
    }
    let program = "package main\n\nimport (\n\t\"fmt\"\n\n\t\"example.com/x/one\"\n\t\"example.com/x/two\"\n)\n\nfunc main() {\n\tfmt.Println(one.Div(10, 2))\n\tfmt.Println(two.Div(1, 0))\n\tscore, err := two.CalculateScore(&two.GameData{Player: \"Gordon Freeman\", PawnWins: 5, BossWins: 1})\n\tfmt.Println(score.GetScore(), err)\n\tfmt.Println(one.ConcatStrings([]string{\"A\", \"B\", \"C\"}))\n}\n";
    fs::write(folder.path().join("main.go"), program).unwrap();
    is_clean(folder.path(), "");
    let mut path = std::ffi::OsString::from(xllr());
    path.push(":");
    path.push(folder.path());
    let run = go(folder.path())
        .args(["run", "."])
        .env("GANGPLANK_PATH", path)
        .output()
        .unwrap();
    assert_eq!(
        text(&run),
        "5 <nil>\n0 divided by zero\n10 <nil>\nA, B, C <nil>\n"
    );
}

/// Two services with the same rpc, on one line.
#[test]
fn one_line_is_enough_for_two_services() {
    if !has_go() {
        return;
    }
    let folder = here();
    let idl = folder.path().join("two.proto");
    let text = "syntax = \"proto3\"; message M { int32 x = 1; } service A { rpc f(M) returns (M); } service B { rpc f(M) returns (M); }";
    fs::write(&idl, text).unwrap();
    let code = "package main\n\nfunc F(x int32) int32 { return x }\n";
    fs::write(folder.path().join("two.go"), code).unwrap();
    let made = Request::new(&idl, folder.path()).run(GO.to_guest);
    let made = made.unwrap_or_else(|found| panic!("{found}"));
    let guest = fs::read_to_string(&made[0]).unwrap();
    for name in ["ForeignA_f", "ForeignB_f"] {
        assert_eq!(guest.matches(&format!("exports as {name}.\n")).count(), 1);
    }
}

#[test]
fn the_same_bytes_twice_and_from_another_folder() {
    if !has_go() {
        return;
    }
    let code = Path::new(env!("CARGO_MANIFEST_DIR")).join("../xllr/tests/guests/calc/calc.go");
    let made = |name: &str| {
        let folder = here();
        let at = folder.path().join(name);
        fs::create_dir(&at).unwrap();
        let idl = at.join("calc.proto");
        fs::copy(calc(), &idl).unwrap();
        fs::copy(&code, at.join("calc.go")).unwrap();
        let request = Request::new(&idl, &at);
        let mut all = Vec::new();
        for compiler in compilers().filter(|one| one.name != "python") {
            let doors = [
                compiler.to_guest,
                compiler.from_host,
                compiler.serialization,
            ];
            // A guest in Rust is a crate, which cargo builds.
            let doors = &doors[usize::from(compiler.name == "rust")..];
            for door in doors {
                let paths = request.run(*door).unwrap_or_else(|found| panic!("{found}"));
                all.extend(paths.into_iter().map(|path| {
                    let name = path.strip_prefix(&at).unwrap().to_owned();
                    (name, fs::read(path).unwrap())
                }));
            }
        }
        assert_eq!(all.len(), 5);
        all
    };
    let (one, two) = (made("one"), made("another-folder"));
    for ((name, bytes), (other, others)) in one.iter().zip(&two) {
        assert_eq!(name, other);
        assert!(bytes == others, "{} differs", name.display());
    }
    // Nor does it carry the path that it was made in.
    let marks = [b"another-folder".as_slice()];
    for (name, bytes) in &two {
        let found = marks
            .iter()
            .any(|mark| bytes.windows(mark.len()).any(|part| part == *mark));
        assert!(!found, "{} names its folder", name.display());
    }
}

#[test]
fn the_definition_and_its_results_in_one_folder_are_a_go_package() {
    if !has_go() {
        return;
    }
    let folder = here();
    fs::copy(calc(), folder.path().join("calc.proto")).unwrap();
    let code = Path::new(env!("CARGO_MANIFEST_DIR")).join("../xllr/tests/guests/calc/calc.go");
    let code = fs::read_to_string(code).unwrap();
    let idl = folder.path().join("calc.proto");
    let notes = std::cell::RefCell::new(Vec::new());
    let note = |happens: compile::Progress<'_>| {
        if let compile::Progress::Note(text) = happens {
            notes.borrow_mut().push(text.to_owned());
        }
    };
    let request = Request {
        progress: &note,
        ..Request::new(&idl, folder.path())
    };
    fs::write(folder.path().join("calc.go"), &code).unwrap();
    request
        .ask(&[
            (&GO, Part::Guest),
            (&GO, Part::Host),
            (&GO, Part::Serialization),
        ])
        .unwrap()
        .write(folder.path())
        .unwrap();
    let said = notes.borrow().join("\n");
    assert!(
        said.contains("begin calc.go with the line `//go:build guest`"),
        "{said}"
    );
    go_mod(folder.path());
    let build = |tags: &str| {
        let mut command = Command::new("go");
        let command = go::offline(&mut command).args(["vet", "-tags", tags, "./..."]);
        command.current_dir(folder.path()).output().unwrap()
    };
    assert!(
        text(&build("")).contains("redeclared in this block"),
        "{}",
        text(&build(""))
    );
    // What the note says helps, and the guest is built as before.
    notes.borrow_mut().clear();
    fs::write(
        folder.path().join("calc.go"),
        format!("//go:build guest\n\n{code}"),
    )
    .unwrap();
    request
        .ask(&[(&GO, Part::Guest), (&GO, Part::Host)])
        .unwrap()
        .write(folder.path())
        .unwrap();
    assert!(notes.borrow().is_empty());
    is_clean(folder.path(), "");
    is_clean(folder.path(), "guest");
}
