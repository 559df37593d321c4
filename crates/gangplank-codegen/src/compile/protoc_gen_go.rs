//! `protoc-gen-go`: the program that writes protobuf's Go code.
//!
//! Comes in: a path that the user names, or nothing. Goes out: a program that is not older than the pin. What is on the
//! PATH is taken when it is new enough; otherwise the pinned version is built into the user's cache.

use std::path::{Path, PathBuf};
use std::process::Command;

use gangplank_model::diagnostics::codes;
use gangplank_model::{Diagnostic, Diagnostics};

use super::go_tool::Tool;
use super::run::Listener;
use super::toolchain::Go;

const MODULE: &str = include_str!("tools/protoc-gen-go.mod");

const SUMS: &str = include_str!("tools/protoc-gen-go.sum");

const TOOL: Tool = Tool {
    name: "protoc-gen-go",
    files: &[("go.mod", MODULE), ("go.sum", SUMS)],
    package: "google.golang.org/protobuf/cmd/protoc-gen-go",
    code: codes::PROTOC_GEN_GO,
};

/// The program to run.
///
/// # Errors
/// The one that the user names is too old or does not start; or it is to be built and cannot be.
pub(super) fn find(named: Option<&Path>, progress: Listener<'_>) -> Result<PathBuf, Diagnostics> {
    let pin = pin();
    if let Some(program) = named {
        return match version(program) {
            Some(version) if version >= pin => Ok(program.to_owned()),
            found => Err(refused(program, found, pin)),
        };
    }
    let on_path = Path::new(TOOL.name);
    if version(on_path).is_some_and(|version| version >= pin) {
        return Ok(on_path.to_owned());
    }
    TOOL.program(&Go::find()?, progress)
}

/// The version of protobuf's Go module that generated hosts in Go need, and the lines of its go.sum.
pub fn protobuf_of_go() -> (String, &'static str) {
    (spelled(pin()), SUMS)
}

type Version = (u32, u32, u32);

fn spelled((major, minor, patch): Version) -> String {
    format!("v{major}.{minor}.{patch}")
}

fn refused(program: &Path, found: Option<Version>, pin: Version) -> Diagnostics {
    let problem = match found {
        Some(version) => format!("is {}, older than {}", spelled(version), spelled(pin)),
        None => "does not say its version".to_owned(),
    };
    Diagnostic::new(
        codes::PROTOC_GEN_GO,
        format!("`{}` {problem}", program.display()),
    )
    .help("without the option, the right version is built and kept in the cache")
    .into()
}

fn version(program: &Path) -> Option<Version> {
    let output = Command::new(program).arg("--version").output().ok()?;
    parse(&String::from_utf8_lossy(&output.stdout))
}

/// The version that the embedded module requires.
fn pin() -> Version {
    parse(MODULE).unwrap_or_default()
}

/// The first `v1.36.12` in a text.
fn parse(text: &str) -> Option<Version> {
    text.split_whitespace().find_map(|word| {
        let mut numbers = word.strip_prefix('v')?.splitn(3, '.');
        let mut next = || {
            let digits = numbers.next()?;
            let end = digits.find(|c: char| !c.is_ascii_digit());
            digits[..end.unwrap_or(digits.len())].parse().ok()
        };
        Some((next()?, next()?, next()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(parse("protoc-gen-go v1.36.12\n"), Some((1, 36, 12)));
        assert_eq!(parse("protoc-gen-go v1.37.0-devel\n"), Some((1, 37, 0)));
        assert_eq!(parse("nothing"), None);
        assert!(pin() >= (1, 36, 12));
    }

    #[test]
    fn a_program_that_is_named_must_be_new_enough() {
        let text = find(Some(Path::new("/nowhere/at-all")), &|_| ())
            .unwrap_err()
            .to_string();
        assert!(text.contains("does not say its version"), "{text}");
    }
}
