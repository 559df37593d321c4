//! `gangplank compile`, in both spellings, and what it says when it cannot.

#[path = "../../../tests/support/program.rs"]
mod program;
mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{gangplank, gangplank_at, has_go, installed, repository, run, succeed};

fn calc() -> std::path::PathBuf {
    repository().join("tests/fixtures/calc/calc.proto")
}

fn compile(folder: &Path, words: &[&str]) -> Command {
    let mut command = gangplank(folder);
    command.arg("compile").arg("--idl").arg(calc()).args(words);
    command
}

#[test]
fn protobufs_own_code() {
    if !has_go() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let stdout = succeed(&mut compile(folder.path(), &["-o", "out"]));
    assert_eq!(stdout, "out/calcpb/calc.pb.go\n");
    let text = fs::read_to_string(folder.path().join("out/calcpb/calc.pb.go")).unwrap();
    let mut older = gangplank(folder.path());
    let stdout = succeed(older.arg("-c").arg("--idl").arg(calc()));
    assert_eq!(stdout, "./calcpb/calc.pb.go\n");
    assert_eq!(
        fs::read_to_string(folder.path().join("calcpb/calc.pb.go")).unwrap(),
        text
    );
}

#[test]
fn paths_are_shown_without_the_dots_of_their_folders_spelling() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().canonicalize().unwrap();
    let host = |output: &str| {
        let words = ["--skip-compile-serialization", "-f", "go", "-o", output];
        succeed(&mut compile(&here, &words))
    };
    let made = format!("{}/calcMetaFFIHost.go\n", here.display());
    for ending in ["", "/", "/.", "//./"] {
        assert_eq!(host(&format!("{}{ending}", here.display())), made);
    }
    // As it was given, and a path for those who take names as well.
    assert_eq!(host("./."), "./calcMetaFFIHost.go\n");
    assert_eq!(host("out/./deep/"), "out/deep/calcMetaFFIHost.go\n");
    let mut generate = gangplank(&here);
    generate
        .args(["generate", "rust-host", "-o", "./new/."])
        .arg(calc());
    assert_eq!(succeed(&mut generate), "./new/calc_host.rs\n");
    let words = ["-f", "go", "-o", "out/deep/./calcMetaFFIHost.go/."];
    let (code, _, stderr) = run(&mut compile(&here, &words));
    assert_eq!(code, 1);
    let file = "cannot write into out/deep/calcMetaFFIHost.go: it is a file\n";
    assert!(stderr.contains(file), "{stderr}");
}

#[test]
fn what_cannot_be_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (code, stdout, stderr) = run(&mut compile(
        folder.path(),
        &["--skip-compile-serialization"],
    ));
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(
        stderr.starts_with("error: nothing is asked for: add --to-guest or --from-host\n"),
        "{stderr}"
    );
    for words in [
        &["-t", "-f", "go", "cobol"][..],
        &["--from-host", "go,cobol"],
    ] {
        let (code, _, stderr) = run(&mut compile(folder.path(), words));
        assert_eq!(code, 2);
        assert!(
            stderr.starts_with(
                "error: there is no compiler for `cobol`; built in: go, python, rust\n"
            ),
            "{stderr}"
        );
    }
    let (code, _, stderr) = run(&mut compile(folder.path(), &["--plugin", "no/such.so"]));
    assert_eq!(code, 1);
    assert!(
        stderr.starts_with("error: cannot open the compiler plugin no/such.so"),
        "{stderr}"
    );
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing is written"
    );
}

/// An option that nothing of what is asked for reads would be left out silently.
#[test]
fn options_that_nobody_reads_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (words, said) in [
        (
            &["-f", "python", "--host-package", "foo"][..],
            "--host-package is for hosts in go",
        ),
        (
            &[
                "-f",
                "rust",
                "--skip-compile-serialization",
                "--host-package",
                "foo",
            ],
            "--host-package is for hosts in go",
        ),
        (
            &["-f", "python", "--protoc-gen-go", "/bin/false"],
            "--protoc-gen-go is for protobuf's own code in go",
        ),
        (
            &[
                "-f",
                "go",
                "--skip-compile-serialization",
                "--protoc-gen-go",
                "/bin/false",
            ],
            "--protoc-gen-go is for protobuf's own code in go",
        ),
        (
            &["-f", "go", "--python", "/bin/false"],
            "--python is for protobuf's own code in python",
        ),
    ] {
        let (code, stdout, stderr) = run(&mut compile(folder.path(), words));
        assert_eq!((code, stdout.as_str()), (2, ""), "{words:?}");
        assert!(stderr.starts_with(&format!("error: {said}, ")), "{stderr}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    // With somebody who reads it.
    let words = [
        "-f",
        "go,rust",
        "--skip-compile-serialization",
        "--host-package",
        "foo",
    ];
    succeed(&mut compile(folder.path(), &words));
    let host = fs::read_to_string(folder.path().join("calcMetaFFIHost.go")).unwrap();
    assert!(host.contains("\npackage foo\n"), "{host}");
}

/// Rust needs none of protobuf's own code, which is all that a command without more asks for.
#[test]
fn a_command_that_makes_nothing_says_what_to_ask_for() {
    let folder = tempfile::tempdir().unwrap();
    let idl = fs::read_to_string(calc()).unwrap();
    let idl = idl.replace("target_language: \"go\"", "target_language: \"rust\"");
    fs::write(folder.path().join("calc.proto"), idl).unwrap();
    let mut command = gangplank(folder.path());
    let (code, stdout, stderr) = run(command.args(["compile", "--idl", "calc.proto"]));
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(
        stderr.starts_with("error: nothing is made: ")
            && stderr.contains("add --to-guest or --from-host"),
        "{stderr}"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn faults_of_the_definition_are_shown_with_their_line() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("bad.proto"),
        "syntax = \"proto3\";\nmessage M { strin }\n",
    )
    .unwrap();
    let mut command = gangplank(folder.path());
    let (code, stdout, stderr) = run(command.args(["compile", "--idl", "bad.proto"]));
    assert_eq!((code, stdout.as_str()), (1, ""));
    assert!(
        stderr.contains("error[GP0602]: ") && stderr.contains("2 | message M { strin }"),
        "{stderr}"
    );
}

#[test]
fn a_missing_go_is_said_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = compile(folder.path(), &[]);
    // The PATH has no protoc-gen-go either.
    let command = command
        .env("PATH", folder.path())
        .env("GANGPLANK_GO", "no-such-go");
    let (code, stdout, stderr) = run(command.env("GANGPLANK_CACHE", folder.path().join("cache")));
    assert_eq!((code, stdout.as_str()), (3, ""), "{stderr}");
    assert!(
        stderr.starts_with(
            "error[GP0701]: `no-such-go` is missing; it builds what is implemented in Go\n"
        ),
        "{stderr}"
    );
    assert!(
        stderr.contains("help: install Go 1.24 or newer"),
        "{stderr}"
    );
}

#[test]
fn the_tags_say_which_language_implements() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, first: &str, second: &str| {
        let text = format!(
            "syntax = \"proto3\";\npackage p;\nmessage N {{}}\nservice S {{\n  // metaffi_target_language: \"{first}\"\n  rpc a (N) returns (N);\n  // metaffi_target_language: \"{second}\"\n  rpc b (N) returns (N);\n}}\n"
        );
        fs::write(folder.path().join(name), text).unwrap();
    };
    // One language, by two of its names.
    write("one.proto", "python3", "python");
    let compile = |name: &str| {
        let mut command = gangplank(folder.path());
        command.args(["compile", "--to-guest", "--skip-compile-serialization"]);
        command.args(["--idl", name]);
        command
    };
    assert_eq!(succeed(&mut compile("one.proto")), "./oneMetaFFIGuest.py\n");
    write("two.proto", "python3", "go");
    let (code, _, stderr) = run(&mut compile("two.proto"));
    assert_eq!(code, 1, "{stderr}");
    assert!(
        stderr.contains("functions in `python` and in `go`: a guest is of one language"),
        "{stderr}"
    );
}

#[test]
fn without_grpcio_tools_the_rest_is_written() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["calc.proto", "calc.py"] {
        let from = support::repository().join("examples/calc_proto/python");
        fs::copy(from.join(file), folder.path().join(file)).unwrap();
    }
    // An interpreter that has no packages.
    let python = folder.path().join("python");
    program::write(&python, "#!/bin/sh\nexit 0\n");
    let compile = |words: &[&str]| {
        let mut command = gangplank(folder.path());
        command.args(["compile", "--idl", "calc.proto"]).args(words);
        run(command.env("GANGPLANK_PYTHON", &python))
    };
    let missing = format!(
        "error[GP0730]: the Python `{0}` (of GANGPLANK_PYTHON) has no package `grpcio-tools`, which writes protobuf's \
         Python code\n |\n = help: {0} -m pip install grpcio-tools\n",
        python.display()
    );
    let (code, stdout, stderr) = compile(&["--to-guest", "--from-host", "rust", "-o", "out"]);
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains(&missing), "{stderr}");
    let made: Vec<&str> = stdout.lines().collect();
    for file in ["out/calcMetaFFIGuest.py", "out/calc_host.rs"] {
        assert!(made.contains(&file), "{stdout}");
        assert!(folder.path().join(file).is_file(), "{file}");
    }
    // It alone is an error, and writes nothing.
    let (code, stdout, stderr) = compile(&["-o", "none"]);
    assert_eq!((code, stdout.as_str()), (3, ""), "{stderr}");
    assert!(stderr.contains(&missing), "{stderr}");
    assert!(!folder.path().join("none").exists());
    // A fault of the definition is one of all.
    fs::write(
        folder.path().join("calc.proto"),
        "syntax = \"proto3\"; message {",
    )
    .unwrap();
    assert_eq!(compile(&["--to-guest", "-o", "none"]).0, 1);
    assert!(!folder.path().join("none").exists());
}

/// Without the extension beside the command, hosts are written and do not work: what to type is said, and the exit code is
/// that of a missing tool. With it, it goes beside them.
#[test]
fn hosts_in_python_are_a_module_and_its_outline() {
    let folder = tempfile::tempdir().unwrap();
    let (bin, command) = installed();
    let words = [
        "compile",
        "--skip-compile-serialization",
        "-f",
        "python",
        "--idl",
    ];
    let compile = || {
        run(gangplank_at(&command, folder.path())
            .args(words)
            .arg(calc()))
    };
    let (code, stdout, stderr) = compile();
    assert_eq!(code, 3, "{stderr}");
    let made: Vec<&str> = stdout.lines().collect();
    assert_eq!(made, ["./calcMetaFFIHost.py", "./calcMetaFFIHost.pyi"]);
    let to_type = format!(
        "cargo build --release --package gangplank-python-host && cp target/release/lib_gangplank.so {}\n",
        command.with_file_name("_gangplank.abi3.so").display()
    );
    assert!(
        stderr.contains("error[GP0732]: _gangplank.abi3.so is not in ")
            && stderr.contains(&to_type),
        "{stderr}"
    );
    fs::write(bin.path().join("_gangplank.abi3.so"), "the extension").unwrap();
    let (code, stdout, stderr) = compile();
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.contains("_gangplank.abi3.so\n"), "{stdout}");
    let text = fs::read_to_string(folder.path().join("calcMetaFFIHost.pyi")).unwrap();
    assert!(
        text.contains("def div(x: int, y: int) -> float:\n"),
        "{text}"
    );
    let text = fs::read_to_string(folder.path().join("calcMetaFFIHost.py")).unwrap();
    assert!(
        text.contains("runtime=\"native\",\n    module=\"calcMetaFFIGuest\","),
        "{text}"
    );
}

#[test]
fn hosts_in_python_know_that_their_guest_is_in_python() {
    let folder = tempfile::tempdir().unwrap();
    let idl = repository().join("examples/calc_proto/python/calc.proto");
    let mut command = gangplank(folder.path());
    command.args(["compile", "--skip-compile-serialization", "-f", "python"]);
    run(command.arg("--idl").arg(idl));
    let text = fs::read_to_string(folder.path().join("calcMetaFFIHost.py")).unwrap();
    assert!(text.contains("runtime=\"python3\","), "{text}");
}
