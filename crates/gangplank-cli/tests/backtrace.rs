//! Panics of a library that was built with `--debug-info`: the host sees the stack. Without the flag there is none.

mod support;

use std::path::Path;
use std::process::Command;

use support::{
    crate_in, extension, folder, gangplank_at, has_go, installed, repository, succeed, write,
};

const SOURCE: &str = r#"//! Breaks.
gangplank::library!();

/// A lever.
pub struct Lever;

#[gangplank::object]
impl Lever {
    /// Makes a lever.
    #[gangplank(constructor)]
    pub fn create() -> Lever {
        Lever
    }

    /// Breaks later.
    #[gangplank(hop)]
    pub async fn pull(&self, force: String) -> String {
        snap(&force)
    }
}

/// Breaks at once.
#[gangplank::function]
pub fn press(force: i64) -> i64 {
    i64::from(snap(&force.to_string()).is_empty())
}

#[inline(never)]
fn snap(force: &str) -> String {
    panic!("too much: {force}")
}
"#;

/// Where `panic!` stands in [`SOURCE`].
const PLACE: &str = "src/lib.rs:30";

/// Prints the backtraces of a function in the scalar form and of an async method, each behind its message.
const GO: &str = r#"package main

import (
	"context"
	"errors"
	"fmt"

	"example.com/breaking"
)

func show(err error) {
	var panicked *breaking.PanicError
	fmt.Println(errors.As(err, &panicked), panicked.Message)
	fmt.Println(panicked.Backtrace)
}

func main() {
	_, err := breaking.Press(7)
	show(err)
	lever, err := breaking.Create()
	if err != nil {
		panic(err)
	}
	_, err = lever.Pull(context.Background(), "9")
	show(err)
}
"#;

const C: &str = r#"#include <stdio.h>
#include "breaking.h"

int main(void)
{
    gp_call call = GP_CALL_INIT;
    gp_return_i64 pressed = breaking_press(7);
    breaking_take_error(pressed.error, &call);
    printf("%.*s\n%.*s\n", GP_ARG(call.message), GP_ARG(gp_backtrace(&call)));
    gp_call_reset(&call);
    return gp_backtrace(&call).len != 0;
}
"#;

/// The same as in Go.
const PYTHON: &str = r#"import asyncio

import breaking


def show(call):
    try:
        call()
    except breaking.PanicError as error:
        print(error.message)
        print(error.backtrace or "")


async def pull():
    await breaking.Lever.create().pull("9")


show(lambda: breaking.press(7))
show(lambda: asyncio.run(pull()))
"#;

/// Writes the packages with the library in them.
fn packages(folder: &Path, flags: &[&str]) {
    let (bin, beside) = installed();
    std::fs::copy(extension(), bin.path().join("_gangplank.abi3.so")).unwrap();
    let gangplank_crate = repository().join("crates/gangplank");
    let manifest = format!("[dependencies]\ngangplank = {{ path = {gangplank_crate:?} }}\n");
    let breaking = crate_in(folder, "breaking", &manifest, SOURCE);
    for language in ["c", "go", "python"] {
        let mut command = gangplank_at(&beside, folder);
        command.args(["generate", language]).arg(&breaking);
        succeed(command.args(flags));
    }
}

fn go(folder: &Path) -> String {
    let example = folder.join("breaking/go/example");
    write(&example.join("main.go"), GO);
    let program = folder.join("program");
    // `go run` would strip the program.
    let mut build = Command::new("go");
    build.args(["build", "-o"]).arg(&program).arg(".");
    succeed(build.current_dir(&example).env("GOTOOLCHAIN", "local"));
    succeed(&mut Command::new(program))
}

fn c(folder: &Path) -> String {
    let package = folder.join("breaking/c");
    write(&folder.join("main.c"), C);
    let mut cc = Command::new("cc");
    cc.args([
        "-std=c11",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-rdynamic",
        "-o",
        "program",
        "main.c",
    ]);
    let platform = std::fs::read_dir(package.join("internal/lib"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    cc.arg("-I")
        .arg(&package)
        .arg(platform.path().join("libbreaking.a"));
    cc.args(["-lm", "-ldl", "-lpthread"]).current_dir(folder);
    succeed(&mut cc);
    succeed(&mut Command::new(folder.join("program")))
}

fn python(folder: &Path) -> String {
    let mut python = Command::new("python3");
    python.args(["-c", PYTHON]).current_dir(folder);
    python.env("PYTHONPATH", folder.join("breaking/python"));
    succeed(python.env("PYTHONDONTWRITEBYTECODE", "1"))
}

#[test]
fn a_panic_has_its_backtrace_when_the_library_keeps_it() {
    let folder = folder("backtrace");
    packages(&folder, &["--debug-info"]);
    let shown = |printed: &str, count: usize| {
        for part in ["too much: 7\n", "breaking::snap", PLACE] {
            assert!(printed.contains(part), "no `{part}` in:\n{printed}");
        }
        assert_eq!(printed.matches(PLACE).count(), count, "{printed}");
    };
    shown(&c(&folder), 1);
    let printed = python(&folder);
    shown(&printed, 2);
    assert!(printed.contains("\ntoo much: 9\n"), "{printed}");
    if has_go() {
        let printed = go(&folder);
        shown(&printed, 2);
        assert!(printed.contains("true too much: 9\n"), "{printed}");
    }

    packages(&folder, &[]);
    assert_eq!(c(&folder), "too much: 7\n\n");
    assert_eq!(python(&folder), "too much: 7\n\ntoo much: 9\n\n");
    if has_go() {
        assert_eq!(go(&folder), "true too much: 7\n\ntrue too much: 9\n\n");
    }
}
