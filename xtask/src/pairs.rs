//! One `.proto` file in every language on both sides: guests × hosts.
//!
//! Comes in: the tables of guests and hosts in `examples/calc_proto`. Goes out: what each host printed for each guest,
//! compared with `expected.txt`. A guest or host is in its table when it exists; every pair of the two tables runs.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::examples::{self, expect};
use crate::run::{Failure, Session, output, quiet};
use crate::tally::Tally;

const EXAMPLE: &str = "calc_proto";

/// A guest in one language.
struct Guest {
    /// The language, and the folder of its definition and implementation.
    name: &'static str,
    /// The runtime of XLLR that runs it.
    runtime: &'static str,
    /// Whether it brings Go's runtime, of which a process has one.
    has_go: bool,
    /// Builds the module.
    build: fn(&Session) -> Result<PathBuf, String>,
}

/// A host in one language.
struct Host {
    /// The language.
    name: &'static str,
    /// Whether it brings Go's runtime.
    has_go: bool,
    /// Builds the program for a guest, whose definition says which runtime it needs.
    build: fn(&Session, &Guest) -> Result<PathBuf, String>,
}

const GUESTS: &[Guest] = &[
    Guest {
        name: "go",
        runtime: "native",
        has_go: true,
        build: go_guest,
    },
    Guest {
        name: "rust",
        runtime: "native",
        has_go: false,
        build: rust_guest,
    },
    Guest {
        name: "python",
        runtime: "python3",
        has_go: false,
        build: python_guest,
    },
];

const HOSTS: &[Host] = &[
    Host {
        name: "go",
        has_go: true,
        build: go_host,
    },
    Host {
        name: "rust",
        has_go: false,
        build: rust_host,
    },
    Host {
        name: "python",
        has_go: false,
        build: python_host,
    },
    Host {
        name: "c",
        has_go: false,
        build: c_host,
    },
];

/// Runs every pair; the table goes to stderr.
pub(crate) fn pairs(session: &Session) -> Tally {
    let (tally, table) = told(session);
    eprintln!("\n{table}");
    tally
}

/// Runs every pair, and makes the table: `ok` and how many runs there were, if more than one.
fn told(session: &Session) -> (Tally, String) {
    let mut tally = Tally::default();
    let mut table = line("guest", HOSTS.iter().map(|host| host.name.to_owned()));
    for guest in GUESTS {
        session.say(&format!(
            "building the guest of {EXAMPLE} in {}",
            guest.name
        ));
        let module = (guest.build)(session);
        let cells = HOSTS.iter().map(|host| match &module {
            Ok(module) => pair(session, guest, host, module),
            Err(text) => failed(&format!("guest in {}", guest.name), text),
        });
        let cells: Vec<Tally> = cells.collect();
        table += &line(guest.name, cells.iter().map(shown));
        cells.into_iter().for_each(|cell| tally += cell);
    }
    (tally, table)
}

/// A line of the table; the first line names the hosts.
fn line(first: &str, cells: impl Iterator<Item = String>) -> String {
    let cells: String = cells.map(|cell| format!(" {cell:<10}")).collect();
    format!("{first:<8}{}\n", cells.trim_end())
}

fn shown(cell: &Tally) -> String {
    match (cell.failed, cell.passed) {
        (0, 1) => "ok".to_owned(),
        (0, passed) => format!("ok, {passed}"),
        (failed, _) => format!("FAILED {failed}"),
    }
}

fn failed(what: &str, text: &str) -> Tally {
    let mut tally = Tally::default();
    tally.check(what, Err(text.to_owned()));
    tally
}

/// One cell of the table.
fn pair(session: &Session, guest: &Guest, host: &Host, module: &Path) -> Tally {
    let pair = format!("{} calls {}", host.name, guest.name);
    let program = match (host.build)(session, guest) {
        Ok(program) => program,
        Err(text) => return failed(&pair, &text),
    };
    let mut tally = Tally::default();
    let run = |variables: &[(&str, &str)]| {
        let printed = printed(session, &program, guest, module, variables)?;
        expect(session, EXAMPLE, &printed)
    };
    if host.has_go && guest.has_go {
        tally.check(&format!("{pair}, in a helper"), run(&[]));
        let refused = refused(session, &program, guest, module);
        tally.check(&format!("{pair}, refused"), refused);
        let forced = run(&[("GANGPLANK_GO_IN_PROCESS", "1")]);
        tally.check(&format!("{pair}, in process"), forced);
    } else {
        tally.check(&pair, run(&[]));
    }
    tally
}

/// The demo's pair: a program in Rust calls a library in Go. Returns what it printed.
///
/// # Errors
/// Something does not build, or it printed something else.
pub(crate) fn demo(session: &Session) -> Result<String, String> {
    let guest = &GUESTS[0];
    let module = (guest.build)(session)?;
    let program = rust_host(session, guest)?;
    session.say("running the Rust host of calc_proto with the guest in Go");
    let printed = printed(session, &program, guest, &module, &[])?;
    expect(session, EXAMPLE, &printed)?;
    Ok(printed)
}

/// The host with the guest's module and runtime as arguments.
fn command(session: &Session, program: &Path, guest: &Guest, module: &Path) -> Command {
    let mut command = session.command(&program.to_string_lossy(), ".");
    command.arg(module).arg(guest.runtime);
    // Runtimes that are plugins lie among what cargo has built, and not every host does.
    command.env("GANGPLANK_PATH", &session.binaries);
    command
}

fn printed(
    session: &Session,
    program: &Path,
    guest: &Guest,
    module: &Path,
    variables: &[(&str, &str)],
) -> Result<String, String> {
    let mut command = command(session, program, guest, module);
    output(command.envs(variables.iter().copied()))
}

/// Without a helper process, two runtimes of Go are refused, with the reason.
fn refused(session: &Session, program: &Path, guest: &Guest, module: &Path) -> Result<(), String> {
    let ended = command(session, program, guest, module)
        .env_remove("GANGPLANK_GO_IN_PROCESS")
        .env("GANGPLANK_HELPER", "/nonexistent")
        .output()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let text = String::from_utf8_lossy(&ended.stderr);
    let why = "Go does not support two in one process";
    if !ended.status.success() && text.contains(why) {
        Ok(())
    } else {
        Err(format!("{}, without `{why}`: {text}", ended.status))
    }
}

/// The suite by itself.
///
/// # Errors
/// A pair failed.
pub(crate) fn alone(session: &Session) -> Result<(), Failure> {
    session.build_gangplank()?;
    let (Tally { passed, failed, .. }, table) = told(session);
    println!("{table}\n{passed} passed, {failed} failed");
    match failed {
        0 => Ok(()),
        _ => Err(Failure::Other("pairs failed".to_owned())),
    }
}

/// The library that `gangplank compile` makes of `calc.go`.
fn go_guest(session: &Session) -> Result<PathBuf, String> {
    let folder = session.binaries.join("pairs").join("go");
    let idl = "examples/calc_proto/go/calc.proto";
    let to = folder.to_string_lossy();
    quiet(&mut session.gangplank(&["compile", "--idl", idl, "--to-guest", "-o", &to]))?;
    Ok(folder.join("calcMetaFFIGuest.so"))
}

/// A file for the runtime that is a plugin, which is built as well.
fn python_guest(session: &Session) -> Result<PathBuf, String> {
    quiet(&mut session.cargo(&["build", "--quiet", "--package", "xllr-python3"]))?;
    let folder = session.binaries.join("pairs").join("python");
    let (idl, to) = (
        "examples/calc_proto/python/calc.proto",
        folder.to_string_lossy(),
    );
    let flags = ["--to-guest", "--skip-compile-serialization", "-o", &to];
    quiet(session.gangplank(&["compile", "--idl", idl]).args(flags))?;
    Ok(folder.join("calcMetaFFIGuest.py"))
}

/// A program beside `libxllr`, where its generated half looks first.
fn go_host(session: &Session, guest: &Guest) -> Result<PathBuf, String> {
    quiet(&mut session.cargo(&["build", "--quiet", "--package", "xllr"]))?;
    let idl = format!("examples/calc_proto/{}/calc.proto", guest.name);
    let to = "examples/calc_proto/host-go";
    examples::go_host(session, &idl, to)?;
    let program = session.binaries.join("calc-host-go");
    quiet(
        session
            .command("go", to)
            .args(["build", "-o"])
            .arg(&program)
            .arg("."),
    )?;
    Ok(program)
}

fn rust_guest(session: &Session) -> Result<PathBuf, String> {
    quiet(&mut session.cargo(&["build", "--quiet", "--package", "calc"]))?;
    Ok(session.binaries.join(library("calc")))
}

fn rust_host(session: &Session, _guest: &Guest) -> Result<PathBuf, String> {
    quiet(&mut session.cargo(&["build", "--quiet", "--package", "calc-host"]))?;
    let name = format!("calc-host{}", std::env::consts::EXE_SUFFIX);
    Ok(session.binaries.join(name))
}

/// A program beside what is made for it.
fn python_host(session: &Session, guest: &Guest) -> Result<PathBuf, String> {
    let folder = python_files(session, guest.name)?;
    Ok(folder.join("main.py"))
}

/// Makes what the host in Python imports, for the guest in a language; the host's folder.
///
/// # Errors
/// The definition has faults.
pub(crate) fn python_files(session: &Session, guest: &str) -> Result<PathBuf, String> {
    let to = "examples/calc_proto/host-python";
    let idl = format!("examples/calc_proto/{guest}/calc.proto");
    let flags = ["--from-host", "python", "--skip-compile-serialization"];
    let mut compile = session.gangplank(&["compile", "--idl", &idl, "--output", to]);
    quiet(compile.args(flags))?;
    Ok(session.root.join(to))
}

/// A program that knows `calc.h` and `xllr.h`, linked with `libxllr`.
fn c_host(session: &Session, _guest: &Guest) -> Result<PathBuf, String> {
    quiet(&mut session.cargo(&["build", "--quiet", "--package", "xllr"]))?;
    let folder = session.binaries.join("pairs").join("c");
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let header = folder.to_string_lossy();
    let idl = "examples/calc_proto/rust/calc.proto";
    quiet(&mut session.gangplank(&["generate", "c", idl, "--output", &header]))?;
    let program = folder.join("calc-host");
    let libraries = session.binaries.to_string_lossy();
    let mut cc = session.command("cc", "examples/calc_proto/host-c");
    cc.args([
        "-std=c11",
        "-Wall",
        "-Wextra",
        "-Wpedantic",
        "-Werror",
        "main.c",
    ])
    .arg(format!("-I{header}"))
    .arg(format!(
        "-I{}",
        session.root.join("crates/xllr/include").display()
    ))
    .arg("-o")
    .arg(&program)
    .args([
        format!("-L{libraries}"),
        "-lxllr".to_owned(),
        format!("-Wl,-rpath,{libraries}"),
    ]);
    quiet(&mut cc)?;
    Ok(program)
}

/// The file name of a shared library.
fn library(name: &str) -> String {
    format!(
        "{}{name}{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    )
}
