//! What building a library needs from an operating system.
//!
//! Comes in: the system this program runs on. Goes out: its answers. Every system's file is compiled everywhere, so
//! none of them rots unseen.

use std::path::{Path, PathBuf};

use crate::build::{linux, macos};
use crate::cargo::StaticLibrary;
use crate::failure::{Failure, Outcome};

/// One system's tools.
pub(super) trait Platform: Sync {
    /// Whether this toolkit's own tests have run on this system.
    fn tested(&self) -> bool;
    /// The file name of a shared library.
    fn shared_name(&self, lib: &str) -> String;
    /// Makes `archive` of the job's raw archive: one object, only the exports visible.
    fn localize(&self, job: &Job, archive: &Path) -> Outcome<()>;
    /// Makes a shared library of the archive.
    fn link_shared(&self, job: &Job, archive: &Path, shared: &Path) -> Outcome<()>;
}

/// One library on its way from cargo's archive to ours.
pub(super) struct Job {
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

/// The system this program runs on.
///
/// # Errors
/// There is no file for it.
pub(super) fn current() -> Outcome<&'static dyn Platform> {
    match std::env::consts::OS {
        "linux" => Ok(&linux::Linux),
        "macos" => Ok(&macos::MacOs),
        other => Err(Failure::Diagnostics(format!(
            "error: `build` knows no linker for {other}\n  help: build on Linux or macOS, or link cargo's own library"
        ))),
    }
}

/// The folder name that Go has for this machine: `linux_amd64`.
pub(super) fn go_platform() -> (&'static str, &'static str) {
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "x86" => "386",
        "aarch64" => "arm64",
        other => other, // riscv64, s390x, arm, loong64 …: the same word in both worlds.
    };
    (os, arch)
}
