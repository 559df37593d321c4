//! `cargo xtask bench`: what a call costs, as a ratio to an empty call of the same process.
//!
//! Comes in: the words after `bench`, which are the bench program's own flags. Goes out: its table, or one JSON object
//! per row, on stdout. The program is Go (`bench/go`); this builds the two libraries that it calls, the one that
//! Gangplank binds and the one bound by hand.

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

/// Builds everything and measures; succeeds whatever the ratios are.
///
/// # Errors
/// A tool is missing, something does not build, or the program fails.
pub(crate) fn bench(session: &Session, flags: &[&str]) -> Result<(), Failure> {
    require(session, "bench", &[Tool::Go, Tool::Cc, Tool::Binutils])?;
    session.build_gangplank()?;
    prepare(session)?;
    session.say("measuring");
    // The program runs in its own folder; paths are relative to the repository.
    let flags = flags.iter().map(|flag| match flag.rsplit_once('.') {
        Some((_, "svg")) => session.root.join(flag).into_os_string(),
        _ => flag.into(),
    });
    lines(go(session, &["run", "."]).args(flags), |line| {
        println!("{line}");
    })?;
    Ok(())
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
    session.say("building the library that is bound by hand");
    quiet(&mut session.cargo(&["build", "--quiet", "--release", "--package", "bench_hand"]))?;
    let built = by_hand(session);
    let folder = session.root.join("bench/go/hand/lib");
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::copy(&built, folder.join(BY_HAND)))
        .map_err(|error| format!("cannot copy {}: {error}", built.display()))?;
    Ok(())
}

/// Where cargo puts the library that is bound by hand.
fn by_hand(session: &Session) -> PathBuf {
    session.binaries.with_file_name("release").join(BY_HAND)
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
    command
        .args(words)
        .env("CGO_CFLAGS", format!("-O2 -DBENCH_HAND_BUILT={age}"));
    command
}
