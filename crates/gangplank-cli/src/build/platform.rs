//! What building a library needs from an operating system.
//!
//! Comes in: the system that is built for. Goes out: its answers. Every system's file is compiled everywhere, so
//! none of them rots unseen.

use std::path::{Path, PathBuf};

use crate::build::target::Target;
use crate::build::{linux, macos};
use crate::cargo::StaticLibrary;
use crate::failure::{Failure, Outcome};
use crate::tools::Toolchain;

/// One system's tools.
pub(crate) trait Platform: Sync {
    /// Whether this toolkit's own tests have run on this system with that processor.
    fn tested(&self, arch: &str) -> bool;
    /// The file name of a shared library.
    fn shared_name(&self, lib: &str) -> String;
    /// Makes `archive` of the job's raw archive: one object, only the exports visible.
    fn localize(&self, job: &Job, archive: &Path) -> Outcome<()>;
    /// Makes a shared library of the archive.
    fn link_shared(&self, job: &Job, archive: &Path, shared: &Path) -> Outcome<()>;
}

/// One library on its way from cargo's archive to ours.
pub(crate) struct Job {
    /// The library's name.
    pub(super) lib: String,
    /// Cargo's archive.
    pub(super) raw: PathBuf,
    /// The symbols that stay visible, sorted, as C spells them.
    pub(super) exports: Vec<String>,
    /// Arguments for what the library needs from the system.
    pub(super) native: Vec<String>,
    /// Where intermediate files may lie.
    pub(super) work: PathBuf,
    /// Whether line tables stay.
    pub(super) debug_info: bool,
    /// The tools for the target.
    pub(super) tools: Toolchain,
}

impl Job {
    /// A job whose intermediate files lie in a folder of its own below `folder`.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub(super) fn prepare(
        lib: &str,
        raw: StaticLibrary,
        exports: Vec<String>,
        folder: &Path,
        debug_info: bool,
        tools: Toolchain,
    ) -> Outcome<Job> {
        let work = folder.join(format!("{lib}.tmp"));
        std::fs::create_dir_all(&work)
            .map_err(|error| Failure::file("make the folder", &work, &error))?;
        Ok(Job {
            lib: lib.to_owned(),
            raw: raw.path,
            exports,
            native: raw.native,
            work,
            debug_info,
            tools,
        })
    }

    /// Writes a file for one of the tools to read.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn scratch(&self, name: &str, text: &str) -> Outcome<PathBuf> {
        let path = self.work.join(name);
        std::fs::write(&path, text).map_err(|error| Failure::file("write", &path, &error))?;
        Ok(path)
    }
}

/// The system of a target.
///
/// # Errors
/// There is no file for it.
pub(crate) fn of(target: &Target) -> Outcome<&'static dyn Platform> {
    match target.os.as_str() {
        "linux" => Ok(&linux::Linux),
        "macos" => Ok(&macos::MacOs),
        _ => Err(Failure::Diagnostics(format!(
            "error: `build` knows no linker for {}\n  help: build for Linux or macOS, or link cargo's own library",
            target.name()
        ))),
    }
}
