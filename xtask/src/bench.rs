//! `cargo xtask bench`: what a call costs, as a ratio to an empty call of the same process.
//!
//! Comes in: the words after `bench`, which are the bench programs' own flags. Goes out: their tables, or one JSON object
//! per row, on stdout. There are two programs: one in Go (`bench/go`), which calls guests in Rust, and one in Rust
//! (`bench/host`), which calls a guest in Go. This builds them and what they call: the library that Gangplank binds, the
//! one bound by hand, and the guests of `bench/proto/jobs.proto`.

use std::path::PathBuf;
use std::process::Command;
use std::time::UNIX_EPOCH;

use crate::examples::generate;
use crate::run::{Failure, Session, lines, quiet};
use crate::tally::Tally;
use crate::toolchain::{Tool, require};

/// The crate that Gangplank binds.
const LIBRARY: &str = "bench/library";

/// The library that is bound by hand.
const BY_HAND: &str = "libbench_hand.a";

/// What is measured of calls by a `.proto` file; its implementation in Go lies beside it.
const JOBS: &str = "bench/proto/jobs.proto";

/// The host in Go of that file, and protobuf's own code.
const JOBS_HOST: &str = "bench/go/jobs";

/// Builds everything and measures; succeeds whatever the ratios are.
///
/// # Errors
/// A tool is missing, something does not build, or the program fails.
pub(crate) fn bench(session: &Session, flags: &[&str]) -> Result<(), Failure> {
    require(session, "bench", &[Tool::Go, Tool::Cc, Tool::Binutils])?;
    session.build_gangplank()?;
    prepare(session)?;
    let folder = made(session, "bench");
    let folder_text = folder.to_string_lossy();
    std::fs::create_dir_all(&folder).map_err(|error| format!("{folder_text}: {error}"))?;
    session.say("building the guest in Go and the host in Rust");
    let guest = ["compile", "--idl", JOBS, "--to-guest"];
    quiet(
        session
            .gangplank(&guest)
            .args(["--skip-compile-serialization", "-o"])
            .arg(&folder),
    )?;
    quiet(&mut session.cargo(&["build", "--quiet", "--release", "--package", "bench_host"]))?;
    let program = folder.join(format!("bench{}", std::env::consts::EXE_SUFFIX));
    quiet(go(session, &["build", "-o"]).arg(&program).arg("."))?;
    session.say("measuring");
    // The programs run in a folder of their own; paths are relative to the repository.
    let words = flags.iter().map(|flag| match flag.rsplit_once('.') {
        Some((_, "svg")) => session.root.join(flag).into_os_string(),
        _ => flag.into(),
    });
    let mut measure = session.command(&program.to_string_lossy(), "bench/go");
    print(with_jobs(session, &mut measure).args(words))?;
    if flags.iter().any(|flag| flag.contains("-sizes")) {
        return Ok(());
    }
    let host = made(
        session,
        &format!("bench_host{}", std::env::consts::EXE_SUFFIX),
    );
    let mut measure = session.command(&host.to_string_lossy(), "bench/host");
    measure.args(flags).arg("--guest");
    measure.arg(folder.join("jobsMetaFFIGuest.so"));
    print(&mut measure)?;
    Ok(())
}

/// Shows what a program prints.
fn print(command: &mut Command) -> Result<(), String> {
    lines(command, |line| println!("{line}"))
}

/// What a call allocates in Go, which is exact and so a test.
pub(crate) fn allocations(session: &Session) -> Tally {
    let mut tally = Tally::default();
    let mut command = go(session, &["test", "-v", "-count=1", "."]);
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
    session.say("building the library that is bound by hand, the guest in Rust and libxllr");
    let packages = ["bench_hand", "bench_guest", "xllr"].map(|name| ["--package", name]);
    quiet(
        session
            .cargo(&["build", "--quiet", "--release"])
            .args(packages.as_flattened()),
    )?;
    jobs(session)?;
    let built = by_hand(session);
    let folder = session.root.join("bench/go/hand/lib");
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::copy(&built, folder.join(BY_HAND)))
        .map_err(|error| format!("cannot copy {}: {error}", built.display()))?;
    Ok(())
}

/// Writes the package by which `bench/go` calls its guest in Rust.
///
/// # Errors
/// The definition has faults.
pub(crate) fn jobs(session: &Session) -> Result<(), String> {
    session.say(&format!("writing {JOBS_HOST}"));
    let folder = session.root.join(JOBS_HOST);
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let words = [
        "compile",
        "--idl",
        JOBS,
        "--from-host",
        "go",
        "-o",
        JOBS_HOST,
    ];
    quiet(&mut session.gangplank(&words))?;
    // What protoc-gen-go writes describes no package.
    let docs = "// Package jobs is what protoc-gen-go makes of jobs.proto.\npackage jobs\n";
    let file = folder.join("jobspb/doc.go");
    std::fs::write(&file, docs).map_err(|error| format!("{}: {error}", file.display()))
}

/// Where cargo puts what is measured.
fn made(session: &Session, name: &str) -> PathBuf {
    session.binaries.with_file_name("release").join(name)
}

/// Where cargo puts the library that is bound by hand.
fn by_hand(session: &Session) -> PathBuf {
    made(session, BY_HAND)
}

/// Tells a host in Go where its guest in Rust and libxllr are.
fn with_jobs<'c>(session: &Session, command: &'c mut Command) -> &'c mut Command {
    let library = |name: &str| {
        let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        made(session, &format!("{prefix}{name}{suffix}"))
    };
    command
        .env("GANGPLANK_XLLR", library("xllr"))
        .env("GANGPLANK_MODULE_JOBS", library("bench_guest"))
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
    with_jobs(session, &mut command)
        .args(words)
        .env("CGO_CFLAGS", format!("-O2 -DBENCH_HAND_BUILT={age}"));
    command
}
