//! One `.proto` file in every language on both sides: guests × hosts.
//!
//! Comes in: the tables of guests and hosts in `examples/calc_proto`. Goes out: what each host printed for each guest,
//! compared with `expected.txt`. A guest or host is in its table when it exists; every pair of the two tables runs.

use std::path::{Path, PathBuf};

use crate::examples::expect;
use crate::run::{Failure, Session, output, quiet};
use crate::tally::Tally;

const EXAMPLE: &str = "calc_proto";

/// One side in one language.
struct Part {
    /// The language.
    name: &'static str,
    /// Builds it; the library of a guest, the program of a host.
    build: fn(&Session) -> Result<PathBuf, String>,
}

const GUESTS: &[Part] = &[
    Part {
        name: "go",
        build: go_guest,
    },
    Part {
        name: "rust",
        build: rust_guest,
    },
];

const HOSTS: &[Part] = &[
    Part {
        name: "go",
        build: go_host,
    },
    Part {
        name: "rust",
        build: rust_host,
    },
    Part {
        name: "c",
        build: c_host,
    },
];

/// Runs every pair.
pub(crate) fn pairs(session: &Session) -> Tally {
    let mut tally = Tally::default();
    let hosts = built(session, &mut tally, "host", HOSTS);
    for (guest, library) in built(session, &mut tally, "guest", GUESTS) {
        for (host, program) in &hosts {
            let pair = format!("{host} calls {guest}");
            if (*host, guest) == ("go", "go") {
                tally.check(
                    &format!("{pair}, in a helper"),
                    run(session, program, &library, &[]),
                );
                tally.check(
                    &format!("{pair}, refused"),
                    refused(session, program, &library),
                );
                let forced = run(
                    session,
                    program,
                    &library,
                    &[("GANGPLANK_GO_IN_PROCESS", "1")],
                );
                tally.check(&format!("{pair}, in process"), forced);
            } else {
                tally.check(&pair, run(session, program, &library, &[]));
            }
        }
    }
    tally
}

/// The demo's pair: a program in Rust calls a library in Go. Returns what it printed.
///
/// # Errors
/// Something does not build, or it printed something else.
pub(crate) fn demo(session: &Session) -> Result<String, String> {
    let (library, program) = (go_guest(session)?, rust_host(session)?);
    session.say("running the Rust host of calc_proto with the guest in Go");
    let printed = printed(session, &program, &library, &[])?;
    expect(session, EXAMPLE, &printed)?;
    Ok(printed)
}

fn printed(
    session: &Session,
    program: &Path,
    library: &Path,
    variables: &[(&str, &str)],
) -> Result<String, String> {
    let mut command = session.command(&program.to_string_lossy(), ".");
    output(command.arg(library).envs(variables.iter().copied()))
}

fn run(
    session: &Session,
    program: &Path,
    library: &Path,
    variables: &[(&str, &str)],
) -> Result<(), String> {
    let printed = printed(session, program, library, variables)?;
    expect(session, EXAMPLE, &printed)
}

/// Without a helper process, two runtimes of Go are refused, with the reason.
fn refused(session: &Session, program: &Path, library: &Path) -> Result<(), String> {
    let mut command = session.command(&program.to_string_lossy(), ".");
    let ended = command
        .arg(library)
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
    let Tally { passed, failed, .. } = pairs(session);
    println!("{passed} passed, {failed} failed");
    match failed {
        0 => Ok(()),
        _ => Err(Failure::Other("pairs failed".to_owned())),
    }
}

/// Builds one side; what does not build has failed.
fn built(
    session: &Session,
    tally: &mut Tally,
    side: &str,
    parts: &[Part],
) -> Vec<(&'static str, PathBuf)> {
    let mut all = Vec::new();
    for part in parts {
        session.say(&format!(
            "building the {side} of {EXAMPLE} in {}",
            part.name
        ));
        match (part.build)(session) {
            Ok(path) => all.push((part.name, path)),
            Err(text) => tally.check(&format!("{side} in {}", part.name), Err(text)),
        }
    }
    all
}

/// The library that `gangplank compile` makes of `calc.go`.
fn go_guest(session: &Session) -> Result<PathBuf, String> {
    let folder = session.binaries.join("pairs").join("go");
    let idl = "examples/calc_proto/go/calc.proto";
    let to = folder.to_string_lossy();
    quiet(&mut session.gangplank(&["compile", "--idl", idl, "--to-guest", "-o", &to]))?;
    Ok(folder.join("calcMetaFFIGuest.so"))
}

/// A program beside `libxllr`, where its generated half looks first.
fn go_host(session: &Session) -> Result<PathBuf, String> {
    quiet(&mut session.cargo(&["build", "--quiet", "--package", "xllr"]))?;
    let (idl, to) = (
        "examples/calc_proto/go/calc.proto",
        "examples/calc_proto/host-go",
    );
    let flags = [
        "--from-host",
        "go",
        "--skip-compile-serialization",
        "-o",
        to,
    ];
    quiet(session.gangplank(&["compile", "--idl", idl]).args(flags))?;
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

fn rust_host(session: &Session) -> Result<PathBuf, String> {
    quiet(&mut session.cargo(&["build", "--quiet", "--package", "calc-host"]))?;
    let name = format!("calc-host{}", std::env::consts::EXE_SUFFIX);
    Ok(session.binaries.join(name))
}

/// A program that knows `calc.h` and `xllr.h`, linked with `libxllr`.
fn c_host(session: &Session) -> Result<PathBuf, String> {
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
