//! Cargo, as far as the command line needs it.
//!
//! Comes in: the folder of a crate. Goes out: what cargo knows about the crate, and the static library that cargo makes
//! of it. Everything is read from cargo's own machine-readable output, so workspaces, target folders and configuration
//! files work as they do for people.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gangplank_codegen::library_file;
use gangplank_model::{assemble, check};
use serde::Deserialize;

use crate::failure::{Failure, Outcome};
use crate::generate::diagnostics;
use crate::metadata::{self, Metadata, Remap};
use crate::{progress, rustflags, tools};

/// A crate that a library is made of.
#[derive(Clone, Debug)]
pub(crate) struct Crate {
    /// The folder of its `Cargo.toml`, absolute.
    pub(crate) folder: PathBuf,
    /// The name that symbols and files start with.
    pub(crate) lib: String,
    /// The package's name, which may have dashes.
    pub(crate) package: String,
    /// Cargo's target folder.
    pub(crate) target_directory: PathBuf,
    /// Every crate in the build by the name that Rust code has for it, and its folder.
    pub(crate) folders: Vec<(String, PathBuf)>,
    /// What must not appear in the built library, and what stands there instead.
    pub(crate) remap: Remap,
    id: String,
}

/// What cargo made.
#[derive(Clone, Debug, Default)]
pub(crate) struct StaticLibrary {
    /// The archive, with the whole standard library in it.
    pub(crate) path: PathBuf,
    /// The linker's arguments for what the archive needs from the system, as rustc tells them.
    pub(crate) native: Vec<String>,
}

/// Looks at the crate in `folder`.
///
/// # Errors
/// There is no crate, or it makes no library, or cargo cannot resolve it.
pub(crate) fn describe(folder: &Path) -> Outcome<Crate> {
    let folder = folder
        .canonicalize()
        .map_err(|error| Failure::file("open", folder, &error))?;
    let manifest = folder.join("Cargo.toml");
    if !manifest.is_file() {
        return Err(Failure::Diagnostics(format!(
            "error: there is no Cargo.toml in {}\n  help: name the folder of a crate, or make one with `gangplank new`",
            folder.display()
        )));
    }
    let output = tools::CARGO.run(&folder, ["metadata", "--format-version", "1"])?;
    let metadata = Metadata::parse(&output.stdout)?;
    let package = metadata.package(&manifest)?;
    let lib = package.library_name().ok_or_else(|| {
        Failure::Diagnostics(format!(
            "error: the crate `{}` has no library\n  --> {}\n  help: put the interface into src/lib.rs",
            package.name,
            manifest.display()
        ))
    })?;
    Ok(Crate {
        lib,
        package: package.name.clone(),
        id: package.id.clone(),
        folders: metadata.folders(),
        remap: metadata::remap(&metadata, &package.id),
        target_directory: metadata.target_directory,
        folder,
    })
}

/// Builds the crate as a static library in the release profile, with the user's settings and flags. Cargo's progress
/// and the compiler's messages go to stderr. Without a target it is built for this machine.
///
/// # Errors
/// The crate does not build, or cargo is missing.
pub(crate) fn build(
    source: &Crate,
    target: Option<&str>,
    debug_info: bool,
) -> Outcome<StaticLibrary> {
    let made = run(source, command(source, target, debug_info), &progress::show)?;
    if !made.succeeded {
        let named = made.coincide.then(|| unexported(source, target));
        return Err(named.flatten().unwrap_or_else(|| {
            Failure::Diagnostics(format!(
                "error: the crate `{}` does not build",
                source.package
            ))
        }));
    }
    if made.library.path.as_os_str().is_empty() {
        return Err(Failure::Diagnostics(format!(
            "error: cargo built no static library of `{}`",
            source.package
        )));
    }
    Ok(made.library)
}

/// What is wrong with the interface of a crate in which two functions have one symbol: of two functions the compiler names one.
/// Without the symbols it builds, and the items of both can be read; `None` if that does not help. The compiler's own argument,
/// which nothing reads, keeps cargo from taking this for a build of the crate.
fn unexported(source: &Crate, target: Option<&str>) -> Option<Failure> {
    let mut command = command(source, target, false);
    command.args(["--cfg", "gangplank_unexported", "--cap-lints", "allow"]);
    command
        .env("GANGPLANK_UNEXPORTED", "1")
        .stderr(Stdio::null());
    let made = run(source, command, &|_| {}).ok()?;
    let found = library_file::read(&made.library.path).and_then(assemble);
    let faults = found.and_then(check).err()?;
    Some(diagnostics(&faults, Some(source)))
}

/// What a run of cargo came to.
#[derive(Default)]
struct Made {
    succeeded: bool,
    library: StaticLibrary,
    /// The compiler has found a symbol twice.
    coincide: bool,
}

fn run(source: &Crate, mut command: Command, show: &dyn Fn(&str)) -> Outcome<Made> {
    let mut child = command
        .spawn()
        .map_err(|error| tools::CARGO.not_started(&error))?;
    let mut made = Made::default();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            note(source, &line, &mut made, show);
        }
    }
    let status = child
        .wait()
        .map_err(|error| tools::CARGO.not_started(&error))?;
    made.succeeded = status.success();
    Ok(made)
}

fn command(source: &Crate, target: Option<&str>, debug_info: bool) -> Command {
    let mut command = tools::CARGO.command();
    let messages = if progress::colour() {
        "json-diagnostic-rendered-ansi"
    } else {
        "json"
    };
    // The crate type is given here so that it does not depend on what Cargo.toml lists, and so that fat LTO runs once.
    command.args([
        "rustc",
        "--lib",
        "--release",
        "--crate-type",
        "staticlib",
        "--message-format",
        messages,
    ]);
    if let Some(target) = target {
        command.args(["--target", target]);
    }
    // Stripping is the localizer's business: a stripped archive could not be linked again.
    command.args(["--config", "profile.release.strip=\"none\""]);
    if debug_info {
        command.args(["--config", "profile.release.debug=\"line-tables-only\""]);
        command.args(["--config", "profile.release.split-debuginfo=\"off\""]);
    }
    let mut flags = rustflags::remapping(&source.remap.all);
    if debug_info {
        flags.push("--cfg=gangplank_backtrace".into());
    }
    rustflags::add(&mut command, &source.folder, &flags);
    command.args(["--", "--print", "native-static-libs"]);
    // Cargo puts these before the flags above.
    command.args(rustflags::remapping(&source.remap.own));
    command
        .current_dir(&source.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    command
}

/// One line of cargo's `--message-format json`; every field is optional because each kind of line has others.
#[derive(Deserialize)]
struct Line {
    reason: String,
    package_id: Option<String>,
    filenames: Option<Vec<PathBuf>>,
    message: Option<Message>,
}

#[derive(Deserialize)]
struct Message {
    message: String,
    rendered: Option<String>,
}

/// Takes from one line of cargo's output what it says about our library, and shows the compiler's messages.
fn note(source: &Crate, line: &str, made: &mut Made, show: &dyn Fn(&str)) {
    let Ok(line) = serde_json::from_str::<Line>(line) else {
        return; // Something that a build script printed.
    };
    let ours = line.package_id.as_deref() == Some(&source.id);
    match (line.reason.as_str(), line.message) {
        ("compiler-artifact", _) if ours => {
            let is_archive = |path: &PathBuf| {
                path.extension()
                    .is_some_and(|end| end == "a" || end == "lib")
            };
            if let Some(path) = line.filenames.into_iter().flatten().find(is_archive) {
                made.library.path = path;
            }
        }
        ("compiler-message", Some(message)) => {
            made.coincide |= message.message.starts_with("symbol `")
                && message.message.ends_with("` is already defined");
            match message.message.strip_prefix("native-static-libs:") {
                Some(libraries) => {
                    made.library.native = libraries.split_whitespace().map(str::to_owned).collect()
                }
                None if message
                    .message
                    .starts_with("link against the following native artifacts") => {}
                None => show(&message.rendered.unwrap_or(message.message)),
            }
        }
        _ => {}
    }
}
