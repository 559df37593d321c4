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
    /// Exit code 2: a language that nothing compiles.
    NoCompiler {
        /// What is wrong.
        text: String,
        /// What to do.
        help: String,
    },
    /// Exit code 3: a program that has to be there is not.
    MissingTool {
        /// The program.
        tool: String,
        /// Where Debian and its relatives have it.
        package: String,
        /// What it would have done.
        purpose: &'static str,
    },
    /// Exit code 3: a tool is missing, and the library that looked for it has said so. The text is complete.
    MissingToolchain(String),
    /// Exit code 3: what building for another machine takes is not there.
    MissingTarget {
        /// What it is.
        what: String,
        /// What to do.
        help: String,
    },
}

/// What a command that has done its work prints, and the exit code that goes with it.
#[derive(Debug)]
pub(crate) struct Report {
    /// For stdout.
    pub(crate) text: String,
    code: u8,
}

impl Report {
    /// Exit code 0.
    pub(crate) fn done(text: String) -> Report {
        Report { text, code: 0 }
    }

    /// Exit code 4, of `diff`.
    pub(crate) fn additive(text: String) -> Report {
        Report { text, code: 4 }
    }

    /// Exit code 5, of `diff`.
    pub(crate) fn breaking(text: String) -> Report {
        Report { text, code: 5 }
    }

    /// Exit code 3, of `doctor` and `compile`: the result is there, and a tool is missing.
    pub(crate) fn incomplete(text: String) -> Report {
        Report { text, code: 3 }
    }

    /// The exit code.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
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
            Failure::Usage(_) | Failure::NoCompiler { .. } => 2,
            Failure::MissingTool { .. }
            | Failure::MissingToolchain(_)
            | Failure::MissingTarget { .. } => 3,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Diagnostics(text) | Failure::MissingToolchain(text) => {
                f.write_str(text.trim_end())
            }
            Failure::Usage(text) => {
                write!(f, "error: {}\n\nFor more, try --help.", text.trim_end())
            }
            Failure::NoCompiler { text, help } => {
                write!(f, "error: {text}\n  help: {help}\n\nFor more, try --help.")
            }
            Failure::MissingTarget { what, help } => {
                write!(f, "error: {what} is missing\n  help: {help}")
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
