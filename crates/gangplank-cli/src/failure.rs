//! How a command ends when it does not succeed.
//!
//! Comes in: whatever went wrong, already told in words. Goes out: the text for stderr and the exit code. The one place
//! that knows the exit codes, so that no two commands disagree about them.

use std::fmt;
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// What every command returns.
pub(crate) type Outcome<T> = Result<T, Failure>;

/// Why a command did not do what it was asked for.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Exit code 1: the input has faults, or a file could not be read or written. The text is complete.
    Diagnostics(String),
    /// Exit code 2: the command cannot be understood as it was written.
    Usage(String),
    /// Exit code 3: a program that has to be there is not.
    MissingTool {
        /// The program.
        tool: String,
        /// Where Debian and its relatives have it.
        package: &'static str,
        /// What it would have done.
        purpose: &'static str,
    },
}

impl Failure {
    /// A file that could not be read, written or made: `doing` says which of them.
    pub(crate) fn file(doing: &str, path: &Path, error: &io::Error) -> Failure {
        Failure::Diagnostics(format!("error: cannot {doing} {}: {error}", path.display()))
    }

    /// The exit code.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Failure::Diagnostics(_) => 1,
            Failure::Usage(_) => 2,
            Failure::MissingTool { .. } => 3,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Diagnostics(text) => f.write_str(text.trim_end()),
            Failure::Usage(text) => {
                write!(f, "error: {}\n\nFor more, try --help.", text.trim_end())
            }
            Failure::MissingTool {
                tool,
                package,
                purpose,
            } => write!(
                f,
                "error: `{tool}` is missing; it {purpose}\n  help: on Debian and Ubuntu it is in the package `{package}` \
                 (apt-get install {package})"
            ),
        }
    }
}
