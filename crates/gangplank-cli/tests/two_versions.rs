//! Two versions of one library in one process, opened at run time: each keeps its own types, objects, threads and errors,
//! although every symbol of one is also a symbol of the other.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use support::{folder, gangplank, has_go, repository, succeed, write};

/// The library, with what has changed between its versions left out.
const SOURCE: &str = r#"//! Keeps count.
use std::sync::atomic::{AtomicI64, Ordering};

gangplank::library!();

/// A note.
#[gangplank::record]
pub struct Note {
FIELDS
}

/// A counter.
pub struct Counter {
    total: AtomicI64,
}

/// A counter.
#[gangplank::object]
impl Counter {
    /// Opens one.
    #[gangplank(constructor)]
    pub fn open() -> Counter {
        Counter { total: AtomicI64::new(0) }
    }

    /// Adds as often as the version says.
    pub fn add(&self, amount: i64) -> i64 {
        self.total.fetch_add(amount * VERSION, Ordering::SeqCst) + amount * VERSION
    }

    /// The total, from a thread of the library.
    #[gangplank(hop)]
    pub async fn later(&self) -> i64 {
        self.total.load(Ordering::SeqCst)
    }
}

/// What a note says.
#[gangplank::function]
pub fn describe(note: Note) -> String {
    DESCRIBED
}

/// Panics.
#[gangplank::function]
pub fn fail() -> i64 {
    panic!("of version {}", VERSION)
}
"#;

/// Builds both versions and writes their packages, once for all tests of this file. They share a workspace, and so what
/// they depend on.
fn packages() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = folder("two_versions");
        let runtime = repository().join("crates/gangplank");
        let versions = [
            (
                "1",
                "one",
                "pub text: String,",
                r#"format!("text {}", note.text)"#,
            ),
            (
                "2",
                "two",
                "pub stars: i64, pub text: String, pub tags: Vec<String>,",
                r#"format!("stars {} text {} tags {:?}", note.stars, note.text, note.tags)"#,
            ),
        ];
        for (version, name, fields, described) in versions {
            let manifest = format!(
                "[package]\nname = \"keeper-{name}\"\nversion = \"{version}.0.0\"\nedition = \"2024\"\n\n\
                 [lib]\nname = \"keeper\"\n\n\
                 [dependencies]\ngangplank = {{ path = {runtime:?} }}\n\n\
                 [package.metadata.gangplank.go]\nmodule = \"example.com/{name}/keeper\"\n"
            );
            let source = SOURCE
                .replace("VERSION", version)
                .replace("FIELDS", fields)
                .replace("DESCRIBED", described);
            write(&folder.join(name).join("Cargo.toml"), &manifest);
            write(&folder.join(name).join("src/lib.rs"), &source);
        }
        let workspace = "[workspace]\nresolver = \"3\"\nmembers = [\"one\", \"two\"]\n";
        write(&folder.join("Cargo.toml"), workspace);
        let lock = folder.join("Cargo.lock");
        if !lock.exists() {
            std::fs::copy(repository().join("Cargo.lock"), lock).unwrap();
        }
        for name in ["one", "two"] {
            for language in ["c", "go"] {
                succeed(gangplank(&folder).args(["generate", language, name]));
            }
        }
        folder
    })
}

#[test]
fn calls_of_both_are_interleaved_from_c() {
    let folder = packages();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/two_versions");
    let program = folder.join("program");
    let cc = |args: &[&str], source: &str, to: &Path| {
        let mut cc = Command::new("cc");
        cc.args(["-std=gnu11", "-Wall", "-Wextra", "-Werror"])
            .args(args)
            .arg(sources.join(source))
            .arg("-o")
            .arg(to);
        succeed(cc.current_dir(folder));
    };
    let objects = [("1", "one"), ("2", "two")].map(|(version, name)| {
        let object = folder.join(format!("{name}.o"));
        let headers = format!("-I{name}/c");
        cc(
            &["-c", &headers, &format!("-DVERSION={version}")],
            "use.c",
            &object,
        );
        object
    });
    let [one, two] = objects.each_ref().map(|object| object.to_str().unwrap());
    cc(&[one, two, "-ldl", "-pthread"], "main.c", &program);
    let library = |name: &str| {
        let lib = folder.join(name).join("c/internal/lib");
        let platform = std::fs::read_dir(lib).unwrap().next().unwrap().unwrap();
        platform.path().join("libkeeper.so")
    };
    let mut command = Command::new(&program);
    command.args([library("one"), library("two")]);
    assert_eq!(succeed(&mut command), "fine\n");
}

const PROGRAM: &str = r#"package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	one "example.com/one/keeper"
	two "example.com/two/keeper"
)

func check(holds bool, what ...any) {
	if !holds {
		fmt.Println(what...)
		os.Exit(1)
	}
}

func use(first *one.Counter, second *two.Counter) {
	ctx := context.Background()
	for range 100 {
		text, err := one.Describe(one.Note{Text: "x"})
		check(text == "text x" && err == nil, text, err)
		text, err = two.Describe(two.Note{Stars: 3, Text: "x", Tags: []string{"a"}})
		check(text == `stars 3 text x tags ["a"]`, text, err)
		_, err = first.Add(1)
		check(err == nil, err)
		_, err = second.Add(1)
		check(err == nil, err)
		_, err = first.Later(ctx)
		check(err == nil, err)
		_, err = second.Later(ctx)
		check(err == nil, err)
		var panicOne *one.PanicError
		_, err = one.Fail()
		check(errors.As(err, &panicOne), err)
		var panicTwo *two.PanicError
		_, err = two.Fail()
		check(errors.As(err, &panicTwo), err)
	}
}

func main() {
	first, err := one.Open()
	check(err == nil, err)
	second, err := two.Open()
	check(err == nil, err)
	var all sync.WaitGroup
	for range 8 {
		all.Add(1)
		go func() {
			defer all.Done()
			use(first, second)
		}()
	}
	all.Wait()
	a, err := first.Later(context.Background())
	check(a == 800 && err == nil, a, err)
	check(first.Close() == nil, "close")
	b, err := second.Later(context.Background())
	check(b == 1600 && err == nil, b, err)
	check(second.Close() == nil, "close")
	check(one.Stats().Handles == 0 && two.Stats().Handles == 0, one.Stats(), two.Stats())
	fmt.Println("fine")
}
"#;

#[test]
fn calls_of_both_are_interleaved_from_go() {
    if !has_go() {
        return;
    }
    let caller = packages().join("caller");
    let module = "module example.com/caller\n\ngo 1.24\n\n\
                  require (\n\texample.com/one/keeper v0.0.0\n\texample.com/two/keeper v0.0.0\n)\n\n\
                  replace (\n\texample.com/one/keeper => ../one/go\n\texample.com/two/keeper => ../two/go\n)\n";
    write(&caller.join("go.mod"), module);
    write(&caller.join("main.go"), PROGRAM);
    let mut go = Command::new("go");
    go.args(["run", "-tags=gangplank_dynamic", "."])
        .current_dir(caller)
        .env("GOWORK", "off")
        .env("GOTOOLCHAIN", "local");
    assert_eq!(succeed(&mut go), "fine\n");
}
