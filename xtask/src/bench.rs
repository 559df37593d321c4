//! `cargo xtask bench`: what a call costs, as a ratio to an empty call of the same process.
//!
//! Comes in: the words after `bench`, which are the bench programs' own flags. Goes out: their tables, or one JSON object
//! per row, on stdout. There are three programs: one in Go (`bench/go`), which calls guests in Rust, Python and Go, one in
//! Rust (`bench/host`), which calls guests in Go and Python, and one in Python (`bench/python`), which calls guests in Rust.
//! This builds them and what they call: the library that Gangplank binds, what is bound by hand, and the guests of the
//! definitions in [`DEFINITIONS`].

use std::path::PathBuf;
use std::process::Command;
use std::time::UNIX_EPOCH;

use crate::examples::generate;
use crate::page;
use crate::run::{Failure, Session, lines, quiet};
use crate::tally::Tally;
use crate::toolchain::{Tool, require};

/// The crate that Gangplank binds.
const LIBRARY: &str = "bench/library";

/// The library that is bound by hand.
const BY_HAND: &str = "libbench_hand.a";

/// A definition whose calls are measured; an implementation lies beside it.
struct Definition {
    /// Its file.
    idl: &'static str,
    /// Where its host in Go goes.
    host: &'static str,
    /// What its host in Go finds its guest by.
    variable: &'static str,
    /// The guest that is made of it.
    guest: &'static str,
    /// Protobuf's own code goes beside the host, for gRPC.
    with_protobuf: bool,
}

/// A guest in Go, which `bench/host` calls; `bench/go` calls one in Rust instead.
const JOBS: Definition = Definition {
    idl: "bench/proto/jobs.proto",
    host: "bench/go/jobs",
    variable: "GANGPLANK_MODULE_JOBS",
    guest: "jobsMetaFFIGuest.so",
    with_protobuf: true,
};

/// A guest in Python.
const WORDS: Definition = Definition {
    idl: "bench/proto/words.proto",
    host: "bench/go/words",
    variable: "GANGPLANK_MODULE_WORDS",
    guest: "wordsMetaFFIGuest.py",
    with_protobuf: false,
};

/// A guest in Go, which a host in Go calls in a helper process.
const FAR: Definition = Definition {
    idl: "bench/far/far.proto",
    host: "bench/go/far",
    variable: "GANGPLANK_MODULE_FAR",
    guest: "farMetaFFIGuest.so",
    with_protobuf: false,
};

const DEFINITIONS: [&Definition; 3] = [&JOBS, &WORDS, &FAR];

/// What hosts in Python call: the guest in Rust of the example.
const CALC: &str = "examples/calc_proto/rust/calc.proto";

/// Builds everything and measures; succeeds whatever the ratios are.
///
/// # Errors
/// A tool is missing, something does not build, or the program fails.
pub(crate) fn bench(session: &Session, flags: &[&str]) -> Result<(), Failure> {
    build(session)?;
    measure(session, flags, |line| println!("{line}"))?;
    Ok(())
}

/// Builds everything, measures three times and prints the tables of `docs/performance.md`.
///
/// # Errors
/// As [`bench()`].
pub(crate) fn page(session: &Session) -> Result<(), Failure> {
    build(session)?;
    let mut runs = Vec::new();
    for _ in 0..3 {
        let mut lines = Vec::new();
        measure(session, &["--quick", "--json"], |line| {
            lines.push(line.to_owned());
        })?;
        runs.push(lines);
    }
    print!("{}", page::tables(&runs));
    Ok(())
}

/// Builds everything that is measured and the programs that do it.
///
/// # Errors
/// A tool is missing, or something does not build.
fn build(session: &Session) -> Result<(), Failure> {
    require(
        session,
        "bench",
        &[Tool::Go, Tool::Cc, Tool::Binutils, Tool::Python],
    )?;
    session.build_gangplank()?;
    prepare(session)?;
    session.say("building the host in Rust");
    quiet(&mut session.cargo(&["build", "--quiet", "--release", "--package", "bench_host"]))?;
    let mut program_in_go = go(session, &["build", "-o"]);
    quiet(program_in_go.arg(program(session)).arg("."))?;
    build_python(session)?;
    Ok(())
}

/// Builds what the host in Python calls, and its packages.
///
/// # Errors
/// Something does not build.
fn build_python(session: &Session) -> Result<(), String> {
    session.say("building what the host in Python calls");
    let packages = [
        "gangplank-python-host",
        "bench_python_hand",
        "calc",
        "gangplank_bench",
    ];
    let packages = packages.map(|name| ["--package", name]);
    let mut build = session.cargo(&["build", "--quiet", "--release"]);
    quiet(build.args(packages.as_flattened()))?;
    let folder = made(session, "bench/python");
    let package = folder.join("gangplank_bench");
    let shown = folder.to_string_lossy();
    std::fs::create_dir_all(&package).map_err(|error| format!("{shown}: {error}"))?;
    let library = |name: &str| {
        let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        format!("{prefix}{name}{suffix}")
    };
    let copies = [
        ("_gangplank", folder.join("_gangplank.abi3.so")),
        ("_gangplank", package.join("_gangplank.abi3.so")),
        (
            "bench_python_hand",
            folder.join("bench_python_hand.abi3.so"),
        ),
        ("calc", folder.join(library("calc"))),
        ("gangplank_bench", package.join(library("gangplank_bench"))),
    ];
    let built = made(session, &library("gangplank_bench"));
    let built = built.to_string_lossy();
    quiet(&mut session.gangplank(&["generate", "python", &built, "-o", &shown]))?;
    let words = [
        "compile",
        "--idl",
        CALC,
        "--from-host",
        "python",
        "-o",
        &shown,
    ];
    quiet(
        session
            .gangplank(&words)
            .arg("--skip-compile-serialization"),
    )?;
    // The command has put the extension beside it into both, which is not an optimized one.
    for (name, to) in &copies {
        let from = made(session, &library(name));
        std::fs::copy(&from, to).map_err(|error| format!("{}: {error}", from.display()))?;
    }
    Ok(())
}

/// The program in Go.
fn program(session: &Session) -> PathBuf {
    made(session, "bench").join(format!("bench{}", std::env::consts::EXE_SUFFIX))
}

/// Measures once, and hands out what the programs print.
///
/// # Errors
/// A program fails.
fn measure(session: &Session, flags: &[&str], mut line: impl FnMut(&str)) -> Result<(), String> {
    session.say("measuring");
    // The programs run in a folder of their own; paths are relative to the repository.
    let words = flags.iter().map(|flag| match flag.rsplit_once('.') {
        Some((_, "svg")) => session.root.join(flag).into_os_string(),
        _ => flag.into(),
    });
    let mut in_go = session.command(&program(session).to_string_lossy(), "bench/go");
    lines(with_guests(session, &mut in_go).args(words), &mut line)?;
    if flags.iter().any(|flag| flag.contains("-sizes")) {
        return Ok(());
    }
    let host = made(
        session,
        &format!("bench_host{}", std::env::consts::EXE_SUFFIX),
    );
    let folder = made(session, "bench");
    let mut in_rust = session.command(&host.to_string_lossy(), "bench/host");
    in_rust.args(flags);
    in_rust.arg("--guest").arg(folder.join(JOBS.guest));
    in_rust.arg("--python").arg(folder.join(WORDS.guest));
    in_rust.arg("--server").arg(program(session));
    lines(&mut in_rust, &mut line)?;
    let folder = made(session, "bench/python");
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let mut in_python = session.command("python3", "bench/python");
    in_python.arg("main.py").args(flags).arg(&folder);
    in_python.env("CALC_LIBRARY", folder.join(format!("{prefix}calc{suffix}")));
    lines(&mut in_python, line)
}

/// What a call allocates in Go, which is exact and so a test.
pub(crate) fn allocations(session: &Session) -> Tally {
    let mut tally = Tally::default();
    let mut command = go(session, &["test", "-v", "-count=1", "-timeout=20m", "."]);
    let ended = prepare(session).and_then(|()| lines(&mut command, |line| tally.go_line(line)));
    tally.end("go test in bench/go", ended);
    tally
}

/// Builds the libraries and puts them where the Go program looks for them.
///
/// # Errors
/// Something does not build.
pub(crate) fn prepare(session: &Session) -> Result<(), String> {
    generate(session, LIBRARY, "go")?;
    session.say("building the library that is bound by hand, the guest in Rust, libxllr and what goes with it");
    let packages = ["bench_hand", "bench_guest", "xllr", "xllr-python3"];
    let packages = packages.map(|name| ["--package", name]);
    quiet(
        session
            .cargo(&["build", "--quiet", "--release"])
            .args(packages.as_flattened()),
    )?;
    hosts(session)?;
    guests(session)?;
    let built = by_hand(session);
    let folder = session.root.join("bench/go/hand/lib");
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::copy(&built, folder.join(BY_HAND)))
        .map_err(|error| format!("cannot copy {}: {error}", built.display()))?;
    Ok(())
}

/// Writes the packages by which `bench/go` calls its guests.
///
/// # Errors
/// A definition has faults.
pub(crate) fn hosts(session: &Session) -> Result<(), String> {
    for Definition {
        idl,
        host,
        with_protobuf,
        ..
    } in DEFINITIONS
    {
        session.say(&format!("writing {host}"));
        let folder = session.root.join(host);
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        let words = ["compile", "--idl", idl, "--from-host", "go", "-o", host];
        let mut compile = session.gangplank(&words);
        if !with_protobuf {
            compile.arg("--skip-compile-serialization");
        }
        quiet(&mut compile)?;
    }
    // What protoc-gen-go writes describes no package.
    let docs = "// Package jobs is what protoc-gen-go makes of jobs.proto.\npackage jobs\n";
    let file = session.root.join(JOBS.host).join("jobspb/doc.go");
    std::fs::write(&file, docs).map_err(|error| format!("{}: {error}", file.display()))
}

/// Builds the guests of the definitions.
fn guests(session: &Session) -> Result<(), String> {
    let folder = made(session, "bench");
    let shown = folder.to_string_lossy();
    std::fs::create_dir_all(&folder).map_err(|error| format!("{shown}: {error}"))?;
    for Definition { idl, guest, .. } in DEFINITIONS {
        session.say(&format!("building {guest}"));
        let words = ["compile", "--idl", idl, "--to-guest", "-o", &shown];
        quiet(
            session
                .gangplank(&words)
                .arg("--skip-compile-serialization"),
        )?;
    }
    Ok(())
}

/// Where cargo puts what is measured.
fn made(session: &Session, name: &str) -> PathBuf {
    session.binaries.with_file_name("release").join(name)
}

/// Where cargo puts the library that is bound by hand.
fn by_hand(session: &Session) -> PathBuf {
    made(session, BY_HAND)
}

/// Tells a host in Go where its guests, libxllr, the runtime of Python and the helper are.
fn with_guests<'c>(session: &Session, command: &'c mut Command) -> &'c mut Command {
    let library = |name: &str| {
        let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        made(session, &format!("{prefix}{name}{suffix}"))
    };
    let folder = made(session, "bench");
    for Definition {
        variable, guest, ..
    } in [&WORDS, &FAR]
    {
        command.env(variable, folder.join(guest));
    }
    command
        .env("GANGPLANK_XLLR", library("xllr"))
        .env("GANGPLANK_PATH", folder.with_file_name(""))
        .env(
            "GANGPLANK_HELPER",
            made(
                session,
                &format!("xllr-helper{}", std::env::consts::EXE_SUFFIX),
            ),
        )
        .env(JOBS.variable, library("bench_guest"))
        .env("BENCH_HAND_LIBRARY", library("bench_hand"))
}

/// The go command in the bench's module. It does not notice that an archive has changed, but that a flag has: the time
/// of the hand-bound library goes into one.
fn go(session: &Session, words: &[&str]) -> Command {
    let built = std::fs::metadata(by_hand(session)).and_then(|data| data.modified());
    let age = built.map_or(0, |time| {
        time.duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_millis())
    });
    let mut command = session.command("go", "bench/go");
    with_guests(session, &mut command)
        .args(words)
        .env("CGO_CFLAGS", format!("-O2 -DBENCH_HAND_BUILT={age}"));
    command
}
