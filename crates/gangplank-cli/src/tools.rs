//! The programs that the toolkit runs.
//!
//! Comes in: one of the tools below and its arguments. Goes out: what it printed, or the failure that says which package
//! has the tool, or what the tool complained about. A layer of its own because "not installed" has its own exit code.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{Command, Output};

use crate::failure::{Failure, Outcome};

/// A program, and what to tell people who do not have it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tool {
    /// What is looked for on the PATH.
    pub(crate) name: &'static str,
    /// The variable that names another one.
    pub(crate) variable: &'static str,
    /// The Debian package.
    pub(crate) package: &'static str,
    /// What it does here; follows "it".
    pub(crate) purpose: &'static str,
}

/// Rust's package manager.
pub(crate) const CARGO: Tool = Tool {
    name: "cargo",
    variable: "CARGO",
    package: "cargo",
    purpose: "builds the crate",
};
/// The linker, called directly to make one object of an archive.
pub(crate) const LD: Tool = Tool {
    name: "ld",
    variable: "LD",
    package: "binutils",
    purpose: "makes one object of the library",
};
/// Hides symbols.
pub(crate) const OBJCOPY: Tool = Tool {
    name: "objcopy",
    variable: "OBJCOPY",
    package: "binutils",
    purpose: "hides the symbols that are not the library's own",
};
/// Makes archives.
pub(crate) const AR: Tool = Tool {
    name: "ar",
    variable: "AR",
    package: "binutils",
    purpose: "makes the archive",
};
/// The C compiler, for its knowledge of how shared libraries are linked.
pub(crate) const CC: Tool = Tool {
    name: "cc",
    variable: "CC",
    package: "gcc",
    purpose: "links the shared library",
};

impl Tool {
    /// A command of this tool.
    pub(crate) fn command(&self) -> Command {
        Command::new(self.program())
    }

    fn program(&self) -> String {
        std::env::var(self.variable)
            .ok()
            .filter(|value| !value.is_empty())
            .unwrap_or_else(|| self.name.to_owned())
    }

    /// Turns the error of starting this tool into a failure.
    pub(crate) fn not_started(&self, error: &io::Error) -> Failure {
        if error.kind() == io::ErrorKind::NotFound {
            return Failure::MissingTool {
                tool: self.program(),
                package: self.package,
                purpose: self.purpose,
            };
        }
        Failure::Diagnostics(format!("error: cannot start `{}`: {error}", self.program()))
    }

    /// Runs the tool in `folder` and returns what it printed.
    ///
    /// # Errors
    /// The tool is missing, or it failed; then its own words are the text.
    pub(crate) fn run<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(
        &self,
        folder: &Path,
        args: I,
    ) -> Outcome<Output> {
        let mut command = self.command();
        command.args(args).current_dir(folder);
        let output = command.output().map_err(|error| self.not_started(&error))?;
        if output.status.success() {
            return Ok(output);
        }
        Err(Failure::Diagnostics(format!(
            "error: `{}` failed ({})\n{}{}",
            self.program(),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )))
    }
}
