//! From a crate to a library that can be shipped.
//!
//! Comes in: the folder of a crate and a target. Goes out: one small archive in which only the library's own symbols are visible,
//! and a shared library with the same symbols. [`build`] is the whole line: cargo, symbols, one object, archive, shared
//! library; what differs between operating systems is in one file for each.

mod alone;
mod exports;
mod linux;
mod macos;
mod place;
mod platform;
mod target;

use std::path::PathBuf;

use crate::cargo::{self, Crate};
use crate::failure::Outcome;
use crate::progress;

use alone::Alone;
pub(crate) use place::{Given, Placed, beside_crate, given, in_folder, in_package};
use platform::Job;
pub(crate) use platform::of as platform_of;
pub(crate) use target::{Target, host_triple};

/// What [`build`] made.
#[derive(Debug)]
pub(crate) struct Built {
    /// The library's name, without `lib` and extension.
    pub(crate) lib: String,
    /// The archive.
    pub(crate) archive: PathBuf,
    /// The shared library.
    pub(crate) shared: PathBuf,
    /// What a linker needs besides the archive.
    pub(crate) native: Vec<String>,
    /// What it was built for.
    pub(crate) target: Target,
    /// Nobody builds it anew while its files are read.
    _alone: Alone,
}

/// Builds the crate's library for `target`.
///
/// # Errors
/// The crate does not build or exports nothing, or a tool is missing or fails.
pub(crate) fn build(source: &Crate, target: &Target, debug_info: bool) -> Outcome<Built> {
    let platform = platform::of(target)?;
    let mut folder = source.target_directory.join("gangplank");
    // For all targets: a package holds several.
    let alone = Alone::wait(&folder, &source.lib)?;
    folder.extend(&target.triple);
    progress::step(
        "Building",
        &format!("{} (cargo, release profile)", source.package),
    );
    let raw = cargo::build(source, target.triple.as_deref(), debug_info)?;
    let exports = exports::read(&raw.path, &source.lib)?;
    let tools = target.toolchain();
    let job = Job::prepare(&source.lib, raw, exports, &folder, debug_info, tools)?;
    progress::step(
        "Localizing",
        &format!("{} symbols of lib{}", job.exports.len(), source.lib),
    );
    if !platform.tested(&target.arch) {
        progress::step(
            "Untested",
            &format!("this toolkit has not been tested on {}", target.name()),
        );
    }
    let archive = folder.join(format!("lib{}.a", source.lib));
    let shared = folder.join(platform.shared_name(&source.lib));
    platform.localize(&job, &archive)?;
    platform.link_shared(&job, &archive, &shared)?;
    let size = |path: &PathBuf| std::fs::metadata(path).map_or(0, |data| data.len() / 1024);
    progress::step(
        "Built",
        &format!(
            "lib{} (archive {} KiB, shared library {} KiB)",
            source.lib,
            size(&archive),
            size(&shared)
        ),
    );
    Ok(Built {
        lib: source.lib.clone(),
        archive,
        shared,
        native: job.native,
        target: target.clone(),
        _alone: alone,
    })
}
