//! `gangplank doctor`: what this machine can build.
//!
//! Comes in: the machine. Goes out: every tool with its version, what is missing with the package that has it, and the
//! platforms with what building for them would take. The tools are those of `tools.rs`, so nothing can be needed there
//! and be forgotten here.

mod guests;
mod python;
mod xllr;

use std::fmt::Write;
use std::path::Path;

use serde_json::json;

use crate::args::{DoctorArgs, Format};
use crate::build::{self, Target};
use crate::failure::Report;
use crate::tools::{self, Tool};
use guests::GoGuests;
use python::Python;
use xllr::Xllr;

/// The version of `docs/doctor-json.md`. Raised when a program that reads one version would misread the next.
const SCHEMA_VERSION: u32 = 1;

/// A tool, and what it must be.
struct Wanted {
    tool: Tool,
    /// What prints the version.
    ask: &'static str,
    /// Without it something that everybody does is not possible.
    needed: bool,
    /// The oldest version that works.
    minimum: Option<(u32, u32)>,
    /// Where else to get it, when the package of older systems is too old.
    elsewhere: Option<&'static str>,
}

const RUSTUP: Option<&str> = Some("https://rustup.rs");

fn wanted() -> Vec<Wanted> {
    // The minimum that every manifest here states.
    let rust = number(env!("CARGO_PKG_RUST_VERSION"));
    let wanted = |tool, ask, needed, minimum, elsewhere| Wanted {
        tool,
        ask,
        needed,
        minimum,
        elsewhere,
    };
    vec![
        wanted(tools::CARGO, "--version", true, rust, RUSTUP),
        wanted(tools::RUSTC, "--version", true, rust, RUSTUP),
        wanted(tools::CC, "--version", true, None, None),
        wanted(tools::LD, "--version", true, None, None),
        wanted(
            tools::OBJCOPY,
            "--version",
            std::env::consts::OS != "macos",
            None,
            None,
        ),
        wanted(tools::AR, "--version", true, None, None),
        wanted(
            tools::GO,
            "version",
            true,
            Some((1, 24)),
            Some("https://go.dev/dl"),
        ),
        wanted(tools::MAKE, "--version", false, None, None),
    ]
}

/// What was found.
struct Found {
    wanted: Wanted,
    /// The first line that it printed.
    version: Option<String>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Ok,
    TooOld,
    Missing,
}

/// A platform that libraries can be built for.
struct Platform {
    triple: &'static str,
    this_machine: bool,
    tested: bool,
    /// What building for it takes and is not there; empty when all is.
    missing: Vec<String>,
}

/// What languages need for guests and hosts.
struct Languages {
    go: GoGuests,
    python: Python,
    xllr: Xllr,
}

/// The platforms that `build` knows and people have.
const PLATFORMS: [&str; 4] = [
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
];

/// Looks at everything.
pub(crate) fn doctor(args: &DoctorArgs) -> Report {
    let found: Vec<Found> = wanted().into_iter().map(look).collect();
    let platforms = platforms();
    let languages = Languages {
        go: guests::look(),
        python: python::look(),
        xllr: xllr::look(),
    };
    let complete = languages.go.possible()
        && found
            .iter()
            .all(|found| found.state == State::Ok || !found.wanted.needed);
    let text = match args.format {
        Format::Text => text(&found, &platforms, &languages, complete),
        Format::Json => json(&found, &platforms, &languages, complete),
    };
    if complete {
        Report::done(text)
    } else {
        Report::incomplete(text)
    }
}

fn look(wanted: Wanted) -> Found {
    let version = first_line(&wanted.tool, wanted.ask);
    let state = match (&version, wanted.minimum) {
        (None, _) => State::Missing,
        (Some(text), Some(minimum)) if number(text).is_some_and(|number| number < minimum) => {
            State::TooOld
        }
        _ => State::Ok,
    };
    Found {
        wanted,
        version,
        state,
    }
}

/// `None` when the tool cannot be started. One that knows no such argument is there all the same.
fn first_line(tool: &Tool, ask: &str) -> Option<String> {
    let output = tool.command().arg(ask).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    Some(text.lines().next().unwrap_or("").to_owned())
}

/// The first `1.24` in a text.
fn number(text: &str) -> Option<(u32, u32)> {
    text.split(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .find_map(|word| {
            let (major, rest) = word.split_once('.')?;
            let minor = rest.split('.').next()?;
            Some((major.parse().ok()?, minor.parse().ok()?))
        })
}

fn platforms() -> Vec<Platform> {
    let here = Path::new(".");
    let host = build::host_triple(here).ok().flatten();
    let platform = |triple: &'static str| {
        let target = Target::parse(triple);
        let this_machine = host.as_deref() == Some(triple);
        Platform {
            triple,
            this_machine,
            tested: build::platform_of(&target).is_ok_and(|known| known.tested(&target.arch)),
            missing: match this_machine {
                true => Vec::new(),
                false => target.lacks(triple, here),
            },
        }
    };
    PLATFORMS.map(platform).into()
}

/// A line per tool and per platform, then the judgement.
fn text(found: &[Found], platforms: &[Platform], languages: &Languages, complete: bool) -> String {
    let mut text = String::from("Tools\n");
    for found in found {
        tool_lines(&mut text, found);
    }
    text.push_str("\nPlatforms\n");
    for platform in platforms {
        let tested = if platform.tested {
            "tested"
        } else {
            "untested"
        };
        let state = match (platform.this_machine, platform.missing.is_empty()) {
            (true, _) => "this machine",
            (false, true) => "can be built here",
            (false, false) => "cannot be built here; missing:",
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {:<26} {tested:<9} {state}", platform.triple);
        for missing in &platform.missing {
            let _ = writeln!(text, "  {:<36}   {missing}", "");
        }
    }
    languages.go.text(&mut text);
    languages.python.text(&mut text);
    languages.xllr.text(&mut text);
    text.push_str(if complete {
        "\nEverything needed is there.\n"
    } else {
        "\nSomething needed is missing: see above.\n"
    });
    text
}

fn tool_lines(text: &mut String, found: &Found) {
    let tool = &found.wanted.tool;
    let minimum = found
        .wanted
        .minimum
        .map(|(major, minor)| format!("{major}.{minor}"))
        .unwrap_or_default();
    let said = match (found.state, &found.version) {
        (State::Ok, Some(version)) => version.clone(),
        (State::TooOld, Some(version)) => format!("too old, {minimum} is needed: {version}"),
        _ if found.wanted.needed => format!("MISSING; it {}", tool.purpose),
        _ => format!("not there, not needed; it {}", tool.purpose),
    };
    let _ = writeln!(text, "  {:<10} {said}", tool.program());
    if found.state != State::Ok {
        let elsewhere = found
            .wanted
            .elsewhere
            .map(|place| format!(", or from {place}"))
            .unwrap_or_default();
        let _ = writeln!(
            text,
            "  {:<10} help: apt-get install {}{elsewhere}",
            "", tool.package
        );
    }
}

/// By the schema of `docs/doctor-json.md`.
fn json(found: &[Found], platforms: &[Platform], languages: &Languages, complete: bool) -> String {
    let tool = |found: &Found| {
        let version = found.version.as_deref();
        json!({
            "name": found.wanted.tool.name,
            "program": found.wanted.tool.program(),
            "purpose": found.wanted.tool.purpose,
            "package": found.wanted.tool.package,
            "needed": found.wanted.needed,
            "minimum": found.wanted.minimum.map(|(major, minor)| format!("{major}.{minor}")),
            "version": version,
            "state": match found.state {
                State::Ok => "ok",
                State::TooOld => "too_old",
                State::Missing => "missing",
            },
        })
    };
    let platform = |platform: &Platform| {
        json!({
            "triple": platform.triple,
            "this_machine": platform.this_machine,
            "tested": platform.tested,
            "missing": platform.missing,
        })
    };
    let value = json!({
        "schema": SCHEMA_VERSION,
        "complete": complete,
        "tools": found.iter().map(tool).collect::<Vec<_>>(),
        "platforms": platforms.iter().map(platform).collect::<Vec<_>>(),
        "go_guests": languages.go.json(),
        "python": languages.python.json(),
        "xllr": languages.xllr.json(),
    });
    format!("{value:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_tools_say() {
        for (text, version) in [
            ("cargo 1.88.0 (873a06493 2025-05-10)", Some((1, 88))),
            ("go version go1.26.8 linux/amd64", Some((1, 26))),
            ("GNU ld (GNU Binutils for Debian) 2.40", Some((2, 40))),
            ("something else", None),
        ] {
            assert_eq!(number(text), version, "{text}");
        }
    }

    #[test]
    fn old_and_missing_tools_are_told_apart_and_told_where_to_get() {
        let found = |state, version: Option<&str>| Found {
            wanted: wanted().remove(6),
            version: version.map(str::to_owned),
            state,
        };
        let all = [
            found(State::TooOld, Some("go version go1.19 linux/amd64")),
            found(State::Missing, None),
        ];
        let languages = Languages {
            go: guests::look(),
            python: Python::default(),
            xllr: xllr::look(),
        };
        let text = text(&all, &[], &languages, false);
        assert!(
            text.contains("too old, 1.24 is needed: go version go1.19"),
            "{text}"
        );
        assert!(text.contains("MISSING; it builds the programs"), "{text}");
        assert!(
            text.contains("help: apt-get install golang-go, or from https://go.dev/dl"),
            "{text}"
        );
    }
}
