//! What `gangplank compile` says of machines, folders and definitions that are not as it needs them, and that nothing is
//! written then.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{gangplank, has_go, repository, run, succeed};

/// A folder with the definition of the five functions, changed by `edit`, and their implementation.
fn calc(edit: impl Fn(String) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let idl = fs::read_to_string(repository().join("tests/fixtures/calc/calc.proto")).unwrap();
    fs::write(folder.path().join("calc.proto"), edit(idl)).unwrap();
    let code = repository().join("crates/xllr/tests/guests/calc/calc.go");
    fs::copy(code, folder.path().join("calc.go")).unwrap();
    folder
}

fn compile(folder: &Path, words: &[&str]) -> Command {
    let mut command = gangplank(folder);
    command.args(["compile", "--idl", "calc.proto", "-t"]);
    command.args(words);
    command
}

/// What is said to a command that must fail and write nothing.
fn refused(folder: &Path, expected: i32, command: &mut Command) -> String {
    let names = || {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = names();
    let (code, stdout, stderr) = run(command);
    assert_eq!((code, stdout.as_str()), (expected, ""), "{stderr}");
    assert_eq!(before, names(), "nothing is written\n{stderr}");
    stderr
}

fn module(name: &str) -> tempfile::TempDir {
    calc(|idl| {
        idl.replace(
            "metaffi_module: \"\"",
            &format!("metaffi_module: \"{name}\""),
        )
    })
}

#[test]
fn a_command_that_fails_late_puts_nothing_in_place() {
    if !has_go() {
        return;
    }
    let folder = calc(|idl| idl);
    fs::write(folder.path().join("calcMetaFFIGuest.so"), "older").unwrap();
    // The guest builds and the host is written, then protobuf's own code cannot be had.
    let words = ["-f", "go", "--protoc-gen-go", "/bin/false"];
    let said = refused(folder.path(), 1, &mut compile(folder.path(), &words));
    assert!(
        said.contains("    Building calcMetaFFIGuest.so\n"),
        "{said}"
    );
    assert!(
        said.contains("error[GP0711]: `/bin/false` does not say its version"),
        "{said}"
    );
    let older = fs::read_to_string(folder.path().join("calcMetaFFIGuest.so")).unwrap();
    assert_eq!(older, "older");
    // The same the other way around.
    fs::write(folder.path().join("calc.go"), "package main\n").unwrap();
    let mut command = compile(folder.path(), &["-f", "go,rust", "-o", "out"]);
    refused(folder.path(), 1, &mut command);
}

/// The guest would build: what no host can be made of is known before.
#[test]
fn every_language_has_its_say_before_anything_is_built() {
    let fields: String = (1..=33).map(|at| format!("int32 f{at} = {at}; ")).collect();
    let wide = format!("message Wide {{ {fields}}}\nmessage Narrow {{}}\n");
    let with = |rpc: &str| calc(|idl| format!("{idl}\nservice More {{ {rpc} }}\n{wide}"));
    let said = |folder: &Path| {
        let hosts = ["-f", "go,rust,python"];
        refused(folder, 1, &mut compile(folder, &hosts))
    };
    let folder = with("rpc widen (Wide) returns (Narrow);");
    let text = said(folder.path());
    assert!(
        text.contains("`calc::More::widen` has 33 parameters, and Rust packages pass at most 32"),
        "{text}"
    );
    assert!(!text.contains("Building"), "{text}");
    let folder = with("rpc flow (stream Narrow) returns (Narrow);");
    let text = said(folder.path());
    for language in ["guests in Go", "Go hosts", "Rust", "Python"] {
        let line = |line: &str| line.contains("error[GP0404]") && line.contains(language);
        assert!(text.lines().any(line), "{language}: {text}");
    }
    // What is wrong with the definition itself is said once.
    let folder = with("rpc lost (Nowhere) returns (Narrow);");
    let text = said(folder.path());
    assert_eq!(text.matches("error[").count(), 1, "{text}");
}

#[test]
fn results_that_cannot_be_written_are_said_before_anything_is_built() {
    let folder = calc(|idl| idl);
    fs::write(folder.path().join("file"), "").unwrap();
    for (output, words) in [
        ("file", "cannot write into file: it is a file\n"),
        (
            "file/below",
            "cannot write into file/below: file is a file\n",
        ),
        (
            "/proc/gangplank/no",
            "cannot write into /proc/gangplank/no: /proc: no file can be made there",
        ),
    ] {
        let mut command = compile(folder.path(), &["-o", output]);
        let said = refused(folder.path(), 1, &mut command);
        assert!(
            said.starts_with(&format!("error[GP0712]: {words}")),
            "{said}"
        );
    }
}

#[test]
fn a_place_that_is_none_is_shown_at_its_tag() {
    if !has_go() {
        return;
    }
    for (name, code, words) in [
        ("./impl", "GP0707", "cannot open the module "),
        (
            "my impl",
            "GP0707",
            "`my impl` is no place for an implementation: it has a letter",
        ),
        (
            "-modfile=x",
            "GP0707",
            "it has a letter that no path of Go has",
        ),
        (
            "nolib",
            "GP0707",
            "`nolib` is no package of Go's own library",
        ),
        (
            "example.com/never/there",
            "GP0706",
            "no version of the Go module",
        ),
        (
            "example.com/a@latest",
            "GP0706",
            "`latest` is no version of the Go module",
        ),
        ("/proc", "GP0707", "there is no go.mod in /proc or above it"),
    ] {
        let folder = module(name);
        let said = refused(folder.path(), 1, &mut compile(folder.path(), &[]));
        let place = format!("\n6 | service Calc {{ // metaffi_module: \"{name}\"\n  | ^^^");
        assert!(
            said.starts_with(&format!("error[{code}]: ")),
            "{name}: {said}"
        );
        for words in [words, " --> calc.proto:6:1\n", &place, "= help: "] {
            assert!(said.contains(words), "{name}: {said}");
        }
    }
    // Without a tag the first rpc shows whose implementation is missing.
    let folder = calc(|idl| idl.replace(" // metaffi_module: \"\"", ""));
    fs::remove_file(folder.path().join("calc.go")).unwrap();
    let said = refused(folder.path(), 1, &mut compile(folder.path(), &[]));
    assert!(
        said.contains("there are no Go files of `package main` in"),
        "{said}"
    );
    assert!(said.contains(" --> calc.proto:14:3\n"), "{said}");
}

#[test]
fn functions_of_gos_own_library_can_be_called() {
    if !has_go() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("words.proto"),
        "syntax = \"proto3\";\nmessage T { string s = 1; }\n// metaffi_module: \"strings\"\nservice S { rpc to_upper (T) returns (T); }\n",
    )
    .unwrap();
    let mut command = gangplank(folder.path());
    command.args([
        "compile",
        "--idl",
        "words.proto",
        "-t",
        "--skip-compile-serialization",
    ]);
    assert_eq!(
        succeed(&mut command),
        "./wordsMetaFFIGuest.go\n./wordsMetaFFIGuest.so\n"
    );
}

#[test]
fn a_language_that_nothing_compiles_is_shown_at_its_tag() {
    let language = |name: &str| calc(|idl| idl.replace("\"go\"", &format!("\"{name}\"")));
    for (name, help) in [
        ("cobol", "its plugin would be "),
        ("Go", "its plugin would be "),
        ("../x", "a language is a word of letters, digits and `_`"),
    ] {
        let folder = language(name);
        let said = refused(folder.path(), 1, &mut compile(folder.path(), &[]));
        let start = format!("error[GP0610]: there is no compiler for `{name}`; built in: go, ");
        assert!(said.starts_with(&start), "{said}");
        let place = format!("\n3 | // metaffi_target_language: \"{name}\"\n  | ^^^");
        assert!(said.contains(&place) && said.contains(help), "{said}");
    }
    // What is asked for on the command line is wrong usage.
    let folder = language("go");
    let mut command = compile(folder.path(), &["-f", "cobol"]);
    let said = refused(folder.path(), 2, &mut command);
    assert!(
        said.starts_with("error: there is no compiler for `cobol`"),
        "{said}"
    );
}

#[test]
fn functions_without_a_tag_are_in_the_language_that_is_said_nowhere() {
    let folder = calc(|idl| {
        let idl = idl.replace("// metaffi_target_language: \"go\"", "");
        idl.replace(
            "  rpc div",
            "  // metaffi_target_language: \"python3\"\n  rpc div",
        )
    });
    let said = refused(folder.path(), 1, &mut compile(folder.path(), &[]));
    for words in [
        "functions in `go` and in `python`",
        "says `python`",
        "a guest is of one language",
    ] {
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn machines_that_cannot_build_guests() {
    if !has_go() {
        return;
    }
    let folder = calc(|idl| idl);
    let said = |variables: &[(&str, Option<&str>)]| {
        let mut command = compile(folder.path(), &[]);
        for (name, value) in variables {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        refused(folder.path(), 3, &mut command)
    };
    let cross = said(&[("GOARCH", Some("s390x"))]);
    assert!(
        cross.starts_with("error[GP0721]: Go is set to build for linux/s390x (GOOS, GOARCH), and this machine is linux/"),
        "{cross}"
    );
    let off = said(&[("CGO_ENABLED", Some("0"))]);
    assert!(
        off.starts_with("error[GP0703]: Go builds without C here"),
        "{off}"
    );
    let no_c = said(&[("CC", Some("no-such-cc"))]);
    assert!(
        no_c.starts_with("error[GP0704]: the C compiler `no-such-cc` is missing"),
        "{no_c}"
    );
    for home in [None, Some("")] {
        let variables = ["HOME", "XDG_CACHE_HOME", "GOCACHE", "GOMODCACHE", "GOPATH"];
        let mut variables = variables.map(|name| (name, None));
        variables[0].1 = home;
        let text = said(&variables);
        assert!(
            text.starts_with("error[GP0722]: Go has no folders for what it builds"),
            "{text}"
        );
        assert!(
            text.contains("= help: set HOME, or GOCACHE and GOMODCACHE"),
            "{text}"
        );
    }
    let text = said(&[("GOCACHE", Some("/proc/no"))]);
    assert!(
        text.starts_with("error[GP0722]: Go cannot use the folder"),
        "{text}"
    );
}

#[test]
fn imports_are_looked_up_in_the_folders_that_are_named() {
    if !has_go() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "protos/shop/money.proto",
        "syntax = \"proto3\";\npackage shop;\nmessage Money { int64 cents = 1; }\n",
    );
    write(
        "protos/shop/pay.proto",
        "syntax = \"proto3\";\npackage shop;\nimport \"shop/money.proto\";\nmessage Pay { Money sum = 1; }\nmessage None {}\nservice Till { rpc pay (Pay) returns (None); }\n",
    );
    write(
        "protos/shop/pay.go",
        "package main\n\nfunc Pay_(sum *Money) {}\n\nfunc pay(sum *Money) {}\n",
    );
    let said = |words: &[&str]| run(gangplank(folder.path()).args(words));
    let idl = "protos/shop/pay.proto";
    for words in [
        &["compile", "-t", "--idl", idl][..],
        &["generate", "rust-host", idl],
        &["inspect", idl],
    ] {
        let (code, _, stderr) = said(words);
        assert!(
            code == 1 && stderr.contains("error[GP0604]") && stderr.contains("with `-I`"),
            "{stderr}"
        );
    }
    // The message is called as the function would be, so the tag names another one.
    let source = fs::read_to_string(folder.path().join(idl)).unwrap();
    write(
        idl,
        &source.replace(
            "service",
            "// metaffi_function_path: \"function=Pay_\"\nservice",
        ),
    );
    for words in [
        &[
            "compile", "-t", "-f", "rust", "--idl", idl, "-o", "out", "-I", "protos",
        ][..],
        &["generate", "rust-host", idl, "-I", "protos"],
        &["inspect", idl, "-I", "protos"],
    ] {
        let (code, _, stderr) = said(words);
        assert_eq!(code, 0, "{stderr}");
    }
    for made in [
        "payMetaFFIGuest.so",
        "pay_host.rs",
        "paypb/pay.pb.go",
        "paypb/money.pb.go",
    ] {
        assert!(folder.path().join("out").join(made).is_file(), "{made}");
    }
    let (code, _, stderr) = said(&["compile", "-I", "protos", "--idl", idl, "--plugin", "x.so"]);
    assert!(code == 2 && stderr.contains("--include"), "{stderr}");
}
