//! `gangplank compile` with compilers that are libraries of their own: ours, and some in C.

mod support;
#[path = "../../../tests/support/venv.rs"]
mod venv;

use std::collections::BTreeMap;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{gangplank, has_go, installed, repository, run, succeed};

/// The library of one of our compilers, which cargo has built beside this test.
fn ours(language: &str) -> PathBuf {
    let name = format!("{DLL_PREFIX}gangplank_compiler_{language}{DLL_SUFFIX}");
    std::env::current_exe().unwrap().with_file_name(name)
}

/// A plugin whose functions do `body`; `output` is a path that fits and ends.
const C: &str = r#"
#include "compiler_plugin_interface.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const char *text, char **out_err, uint32_t *out_err_len) {
	*out_err_len = (uint32_t)strlen(text);
	*out_err = malloc(*out_err_len + 1);
	if (*out_err) memcpy(*out_err, text, *out_err_len + 1);
}

static void note(const char *name, const char *output, uint32_t length) {
	char path[4096];
	snprintf(path, sizeof path, "%.*s/%s", (int)length, output, name);
	FILE *file = fopen(path, "a");
	if (file) fputs("called\n", file), fclose(file);
}

#define DOOR(name) \
	void name(const char *idl, uint32_t idl_length, const char *output, uint32_t output_length, \
	          char **out_err, uint32_t *out_err_len) { \
		(void)idl, (void)idl_length, (void)output, (void)output_length, (void)out_err, (void)out_err_len; \
		(void)fail, (void)note; \
		BODY(#name); \
	}
DOOR(compile_to_guest)
DOOR(compile_from_host)
DOOR(compile_serialization)
"#;

/// Builds a plugin in C.
fn plugin(path: &Path, body: &str) {
    library(path, &format!("#define BODY(name) {body}\n{C}"));
}

fn library(path: &Path, source: &str) {
    let file = path.with_extension("c");
    fs::write(&file, source).unwrap();
    let mut command = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()));
    command
        .args(["-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-I"])
        .arg(repository().join("crates/gangplank-compiler-plugin/include"))
        .arg(&file)
        .arg("-o")
        .arg(path);
    succeed(&mut command);
    fs::remove_file(file).unwrap();
}

/// `gangplank compile` of calc.proto, into `out`.
fn compile(mut command: Command, words: &[&str]) -> Command {
    let calc = repository().join("tests/fixtures/calc/calc.proto");
    command.args(["compile", "-o", "out", "--idl"]).arg(calc);
    command.args(words);
    command
}

/// Every file below a folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

/// Compiles a folder with these files by the command alone and by the plugin; both give the same files, among them `needed`.
fn both_doors(
    language: &str,
    sources: &[&str],
    words: &[&str],
    variables: &[(&str, &Path)],
    needed: &[&str],
) {
    let folder = tempfile::tempdir().unwrap();
    for file in sources {
        let from = repository().join(file);
        let to = folder.path().join(from.file_name().unwrap());
        fs::copy(from, to).unwrap();
    }
    let (bin, command) = installed();
    let plugin = bin.path().join(ours(language).file_name().unwrap());
    fs::hard_link(ours(language), &plugin).unwrap();
    // Of the toolkit's files that go beside hosts, either door takes the one that lies beside it.
    fs::write(bin.path().join("_gangplank.abi3.so"), "the extension").unwrap();
    let compile = |output: &str, more: &[&OsStr]| {
        let mut command = Command::new(&command);
        command.current_dir(folder.path());
        command.args(["compile", "--idl", "calc.proto", "-o", output]);
        command
            .args(words)
            .args(more)
            .envs(variables.iter().copied());
        succeed(command.env_remove("GOWORK"));
        files(&folder.path().join(output))
    };
    let built_in = compile("built_in", &[]);
    let again = compile("again", &[]);
    let plugin = compile("plugin", &["--plugin".as_ref(), plugin.as_os_str()]);
    let names: Vec<_> = built_in.keys().collect();
    assert_eq!(names, plugin.keys().collect::<Vec<_>>());
    for needed in needed {
        let there = names
            .iter()
            .any(|name| name.to_string_lossy().starts_with(needed));
        assert!(there, "{needed} in {names:?}");
    }
    for (name, bytes) in &built_in {
        assert!(*bytes == plugin[name], "{} differs", name.display());
        assert!(*bytes == again[name], "{} differs", name.display());
    }
}

#[test]
fn both_doors_give_the_same_bytes() {
    if !has_go() {
        return;
    }
    let sources = [
        "tests/fixtures/calc/calc.proto",
        "crates/xllr/tests/guests/calc/calc.go",
    ];
    let needed = [
        "calcMetaFFIGuest",
        "calcMetaFFIHost.go",
        "calcpb/calc.pb.go",
    ];
    both_doors("go", &sources, &["-t", "-f", "go"], &[], &needed);
}

#[test]
fn both_doors_of_python_give_the_same_bytes() {
    let Some(venv) = venv::with(&[venv::GRPC_TOOLS]) else {
        return;
    };
    let sources = [
        "examples/calc_proto/python/calc.proto",
        "examples/calc_proto/python/calc.py",
    ];
    let needed = [
        "_gangplank.abi3.so",
        "calcMetaFFIGuest.py",
        "calcMetaFFIHost.py",
        "calcMetaFFIHost.pyi",
        "calc_pb2.py",
        "calc_pb2.pyi",
    ];
    let python = venv::python(&venv);
    let variables = [("GANGPLANK_PYTHON", python.as_path())];
    let words = ["-t", "-f", "python"];
    both_doors("python", &sources, &words, &variables, &needed);
}

#[test]
fn the_three_functions_are_called_once_each() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("out")).unwrap();
    plugin(
        &folder.path().join("notes.so"),
        "note(name, output, output_length)",
    );
    // A path without a folder is below the working directory.
    let words = ["-t", "--plugin", "notes.so", "-f", "go", "rust", "cobol"];
    let stdout = succeed(&mut compile(gangplank(folder.path()), &words));
    assert_eq!(stdout, "");
    let called = files(&folder.path().join("out"));
    let all = [
        "compile_from_host",
        "compile_serialization",
        "compile_to_guest",
    ];
    assert_eq!(
        called.keys().collect::<Vec<_>>(),
        all.iter().map(Path::new).collect::<Vec<_>>()
    );
    assert!(called.values().all(|text| text == b"called\n"));
}

#[test]
fn an_unknown_languages_plugin_lies_beside_the_command() {
    // A link, and no copy: who copies a program cannot run it while another thread starts one.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let command = folder.path().join("gangplank");
    fs::hard_link(env!("CARGO_BIN_EXE_gangplank"), &command).unwrap();
    let words = ["--skip-compile-serialization", "-f", "cobol"];
    let cobol = folder
        .path()
        .join(format!("{DLL_PREFIX}gangplank_compiler_cobol{DLL_SUFFIX}"));
    let run_there = || {
        let mut there = Command::new(&command);
        there.current_dir(folder.path());
        run(&mut compile(there, &words))
    };
    let (code, _, stderr) = run_there();
    let missing = format!("help: its plugin would be {}\n", cobol.display());
    assert!(code == 2 && stderr.contains(&missing), "{stderr}");
    fs::create_dir(folder.path().join("out")).unwrap();
    plugin(&cobol, "note(name, output, output_length)");
    let (code, _, stderr) = run_there();
    assert_eq!(code, 0, "{stderr}");
    let called = files(&folder.path().join("out"));
    assert_eq!(
        called.keys().collect::<Vec<_>>(),
        [Path::new("compile_from_host")]
    );
    // Options that no plugin takes are not left out silently.
    for words in [
        &["-f", "cobol", "--host-package", "calc"][..],
        &["-f", "cobol", "--python", "/bin/false"],
        &["-f", "cobol", "--protoc-gen-go", "/bin/false"],
    ] {
        let mut there = Command::new(&command);
        there.current_dir(folder.path());
        let (code, _, stderr) = run(&mut compile(there, words));
        assert!(code == 2 && stderr.contains(words[2]), "{stderr}");
    }
    // The same for the language that the definition names.
    let calc = repository().join("tests/fixtures/calc/calc.proto");
    let calc = fs::read_to_string(calc).unwrap();
    let calc = calc.replace("target_language: \"go\"", "target_language: \"cobol\"");
    fs::write(folder.path().join("cobol.proto"), calc).unwrap();
    let mut there = Command::new(&command);
    there.current_dir(folder.path()).args(["compile", "-t"]);
    there.args(["--skip-compile-serialization", "-o", "out"]);
    succeed(there.args(["--idl", "cobol.proto"]));
    assert!(folder.path().join("out/compile_to_guest").exists());
}

/// A plugin writes by itself: it is called when everything else can only take its place.
#[test]
fn what_cannot_be_written_is_found_before_a_plugin_is_called() {
    let bin = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let command = bin.path().join("gangplank");
    fs::hard_link(env!("CARGO_BIN_EXE_gangplank"), &command).unwrap();
    let cobol = format!("{DLL_PREFIX}gangplank_compiler_cobol{DLL_SUFFIX}");
    let cobol = bin.path().join(cobol);
    plugin(&cobol, "note(name, output, output_length)");
    fs::write(bin.path().join("_gangplank.abi3.so"), "the extension").unwrap();
    let compile = |folder: &Path, languages: &str| {
        let mut there = Command::new(&command);
        there.current_dir(folder);
        let words = ["--skip-compile-serialization", "-f", languages];
        run(&mut compile(there, &words))
    };
    for (languages, taken) in [
        ("go,cobol", "calcMetaFFIHost.go"),
        ("python,cobol", "_gangplank.abi3.so"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("out").join(taken)).unwrap();
        let (code, stdout, stderr) = compile(folder.path(), languages);
        assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
        assert!(
            stderr.contains("error[GP0712]: ") && stderr.contains(taken),
            "{stderr}"
        );
        let entries = fs::read_dir(folder.path().join("out")).unwrap().count();
        assert_eq!(entries, 1, "nothing is written");
    }
    // The other way round: what is ours does not stay when a plugin fails.
    plugin(&cobol, "fail(\"no luck\", out_err, out_err_len)");
    let folder = tempfile::tempdir().unwrap();
    let (code, _, stderr) = compile(folder.path(), "go,cobol");
    assert!(code == 1 && stderr.contains("no luck"), "{stderr}");
    assert!(!folder.path().join("out").exists(), "nothing is written");
}

#[test]
fn a_plugins_error_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fails.so");
    let shown = path.display().to_string();
    for (said, heard) in [
        (
            "no luck today\\n",
            format!("error: the compiler plugin {shown}: no luck today\n"),
        ),
        ("error: as ours", "error: as ours\n".to_owned()),
        (
            "",
            format!("error: the compiler plugin {shown}: it failed and does not say why\n"),
        ),
    ] {
        plugin(&path, &format!("fail(\"{said}\", out_err, out_err_len)"));
        let words = ["-t", "--plugin", &shown];
        let (code, stdout, stderr) = run(&mut compile(gangplank(folder.path()), &words));
        assert_eq!((code, stdout.as_str()), (1, ""));
        let calling = format!("     Calling {shown}\n");
        assert_eq!(stderr, calling + &heard);
    }
    // Ours says what is wrong with the definition.
    fs::write(
        folder.path().join("bad.proto"),
        "syntax = \"proto3\";\nmessage M { strin }\n",
    )
    .unwrap();
    let mut command = gangplank(folder.path());
    command.args(["compile", "--idl", "bad.proto", "--plugin"]);
    let (code, _, stderr) = run(command.arg(ours("go")));
    assert!(
        code == 1 && stderr.contains("\nerror[GP0602]: "),
        "{stderr}"
    );
}

#[test]
fn files_that_are_no_plugins() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("text.so"), "no library").unwrap();
    library(&path("other.so"), "int seven(void) { return 7; }");
    library(
        &path("two.so"),
        "void compile_to_guest(void) {}\nvoid compile_from_host(void) {}",
    );
    plugin(&path("whole.so"), "(void)0");
    let whole = fs::read(path("whole.so")).unwrap();
    fs::write(path("cut.so"), &whole[..whole.len() / 2]).unwrap();
    for (name, why) in [
        ("text.so", "is not a shared library"),
        (
            "other.so",
            "is no compiler plugin: it does not export compile_to_guest",
        ),
        (
            "two.so",
            "is no compiler plugin: it does not export compile_serialization",
        ),
        ("cut.so", "is truncated or damaged"),
        ("missing.so", "is not a file"),
        (".", "is not a file"),
    ] {
        let words = ["-t", "--plugin", name];
        let (code, stdout, stderr) = run(&mut compile(gangplank(folder.path()), &words));
        assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
        let start = format!("error: cannot open the compiler plugin {name}: ");
        assert!(
            stderr.starts_with(&start) && stderr.contains(why),
            "{stderr}"
        );
    }
    assert!(!path("out").exists(), "nothing is written");
    // Options that no plugin takes are not left out silently.
    let words = ["--plugin", "whole.so", "--host-package", "calc"];
    let (code, _, stderr) = run(&mut compile(gangplank(folder.path()), &words));
    assert!(code == 2 && stderr.contains("--host-package"), "{stderr}");
}
