//! What suites need of a network, fetched before any of them runs.
//!
//! Comes in: a session. Goes out: modules in Go's cache, the linter of Go and the tools of Python. In CI each is asked for
//! again after a while: a network that is gone for a minute must not fail a run of an hour.

use std::path::Path;
use std::time::Duration;

use crate::run::{Session, quiet};
use crate::{go, python};

/// Seconds before something is asked for again.
const PAUSES: [u64; 4] = [5, 15, 30, 60];

/// The definition whose guest is a Go module that nothing else of the repository names.
const GOUTILS: &str = "examples/goutils/goutils.proto";

/// Fetches everything. What cannot be had is told, and again by the suite that needs it.
pub(crate) fn all(session: &Session) {
    session.say("fetching modules of Go, its linter and tools of Python");
    let told = |result: Result<(), String>| {
        if let Err(text) = result {
            eprintln!("xtask: {text}");
        }
    };
    told(modules(session));
    told(go::linter(session).map(drop));
    told(python::tools(session).map(drop));
}

/// The modules by name: those of the repository that others of it are replaced by may not have been written yet.
fn modules(session: &Session) -> Result<(), String> {
    let read = |file: &Path| {
        std::fs::read_to_string(session.root.join(file))
            .map_err(|error| format!("cannot read {}: {error}", file.display()))
    };
    let mut wanted = named(&read(Path::new(GOUTILS))?);
    for module in go::modules(session) {
        wanted.extend(required(&read(&module.join("go.mod"))?));
    }
    wanted.sort();
    wanted.dedup();
    // In a folder that belongs to no module.
    let folder = std::env::temp_dir();
    patiently(session, || {
        let mut download = session.command("go", &folder);
        quiet(download.args(["mod", "download"]).args(&wanted))
    })
}

/// What a `go.mod` requires of others: `path@version`.
fn required(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| {
            let line = line.trim().trim_start_matches("require ");
            let mut words = line.split_whitespace();
            let (path, version) = (words.next()?, words.next()?);
            let other = version.starts_with('v') && version != "v0.0.0";
            other.then(|| format!("{path}@{version}"))
        })
        .collect()
}

/// What a definition names as `path@version`.
fn named(text: &str) -> Vec<String> {
    let quoted = text.split('"').skip(1).step_by(2);
    quoted
        .filter(|name| name.contains("@v"))
        .map(str::to_owned)
        .collect()
}

/// Tries until it succeeds: once, or in CI several times.
///
/// # Errors
/// That of the last time.
pub(crate) fn patiently<T>(
    session: &Session,
    mut attempt: impl FnMut() -> Result<T, String>,
) -> Result<T, String> {
    for pause in PAUSES.iter().filter(|_| session.ci) {
        match attempt() {
            Ok(value) => return Ok(value),
            Err(text) => eprintln!("xtask: {text}\nxtask: it is tried again in {pause} s"),
        }
        std::thread::sleep(Duration::from_secs(*pause));
    }
    attempt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_of_others_are_fetched() {
        let text = "module example.com/a\n\ngo 1.24\n\nrequire (\n\texample.com/b v0.0.0\n\tc.org/c v1.2.3\n\td.org/d v0.1.0 // indirect\n)\n\nrequire e.org/e v2.0.0\n\nreplace example.com/b => ../b\n";
        assert_eq!(
            required(text),
            ["c.org/c@v1.2.3", "d.org/d@v0.1.0", "e.org/e@v2.0.0"]
        );
        let text = "// target: \"go\"\n// module: \"g.com/G/utils@v1.1.1\"\n";
        assert_eq!(named(text), ["g.com/G/utils@v1.1.1"]);
    }
}
