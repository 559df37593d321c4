//! The programs that the toolkit runs.
//!
//! Comes in: one of the tools below and its arguments. Goes out: what it printed, or the failure that says which package
//! has the tool, or what the tool complained about. A layer of its own because "not installed" has its own exit code.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{Command, Output};

use crate::failure::{Failure, Outcome};

/// A program, and what to tell people who do not have it.
#[derive(Clone, Debug)]
pub(crate) struct Tool {
    /// What is looked for on the PATH.
    pub(crate) name: Cow<'static, str>,
    /// The variable that names another one.
    pub(crate) variable: Cow<'static, str>,
    /// The Debian package.
    pub(crate) package: Cow<'static, str>,
    /// What it does here; follows "it".
    pub(crate) purpose: &'static str,
}

/// Rust's package manager.
pub(crate) const CARGO: Tool = tool("cargo", "CARGO", "cargo", "builds the crate");
/// Rust's compiler, asked what it can build for.
pub(crate) const RUSTC: Tool = tool("rustc", "RUSTC", "rustc", "compiles the crate");
/// Go, which runs the programs that use Go packages.
pub(crate) const GO: Tool = tool(
    "go",
    "GANGPLANK_GO",
    "golang-go",
    "builds the programs that use Go packages",
);
/// Runs the makefiles of examples.
pub(crate) const MAKE: Tool = tool("make", "MAKE", "make", "runs the Makefiles of packages");
/// The linker, called directly to make one object of an archive.
pub(crate) const LD: Tool = tool("ld", "LD", "binutils", "makes one object of the library");
/// Hides symbols.
pub(crate) const OBJCOPY: Tool = tool(
    "objcopy",
    "OBJCOPY",
    "binutils",
    "hides the symbols that are not the library's own",
);
/// Makes archives.
pub(crate) const AR: Tool = tool("ar", "AR", "binutils", "makes the archive");
/// The C compiler, for its knowledge of how shared libraries are linked.
pub(crate) const CC: Tool = tool("cc", "CC", "gcc", "links the shared library");

const fn tool(
    name: &'static str,
    variable: &'static str,
    package: &'static str,
    purpose: &'static str,
) -> Tool {
    Tool {
        name: Cow::Borrowed(name),
        variable: Cow::Borrowed(variable),
        package: Cow::Borrowed(package),
        purpose,
    }
}

/// What makes libraries of cargo's archive, for one target.
#[derive(Clone, Debug)]
pub(crate) struct Toolchain {
    /// See [`LD`].
    pub(crate) ld: Tool,
    /// See [`OBJCOPY`].
    pub(crate) objcopy: Tool,
    /// See [`AR`].
    pub(crate) ar: Tool,
    /// See [`CC`].
    pub(crate) cc: Tool,
}

impl Toolchain {
    /// The tools for this machine.
    pub(crate) fn native() -> Toolchain {
        Toolchain {
            ld: LD,
            objcopy: OBJCOPY,
            ar: AR,
            cc: CC,
        }
    }

    /// GNU tools that work for another machine: `aarch64-linux-gnu-ld` for the prefix `aarch64-linux-gnu`. The variable
    /// that names another one is `LD_aarch64_unknown_linux_gnu`, as Rust's build scripts have it for `CC` and `AR`.
    pub(crate) fn cross(triple: &str, prefix: &str) -> Toolchain {
        let suffix = triple.replace(['-', '.'], "_");
        let cross = |tool: Tool, name: &str, package: &str| Tool {
            name: format!("{prefix}-{name}").into(),
            variable: format!("{}_{suffix}", tool.variable).into(),
            package: format!("{package}-{prefix}").into(),
            purpose: tool.purpose,
        };
        Toolchain {
            ld: cross(LD, "ld", "binutils"),
            objcopy: cross(OBJCOPY, "objcopy", "binutils"),
            ar: cross(AR, "ar", "binutils"),
            cc: cross(CC, "gcc", "gcc"),
        }
    }

    /// All of them.
    pub(crate) fn all(&self) -> [&Tool; 4] {
        [&self.cc, &self.ld, &self.objcopy, &self.ar]
    }
}

impl Tool {
    /// A command of this tool.
    pub(crate) fn command(&self) -> Command {
        Command::new(self.program())
    }

    /// What is started: the tool, or the one that its variable names.
    pub(crate) fn program(&self) -> String {
        std::env::var(&*self.variable)
            .ok()
            .filter(|value| !value.is_empty())
            .unwrap_or_else(|| self.name.to_string())
    }

    /// The failure of not having it.
    pub(crate) fn missing(&self) -> Failure {
        Failure::MissingTool {
            tool: self.program(),
            package: self.package.to_string(),
            purpose: self.purpose,
        }
    }

    /// Turns the error of starting this tool into a failure.
    pub(crate) fn not_started(&self, error: &io::Error) -> Failure {
        if error.kind() == io::ErrorKind::NotFound {
            return self.missing();
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
