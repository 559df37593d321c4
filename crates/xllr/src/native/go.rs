//! The limits of Go: one runtime per process, never unloaded.
//!
//! Two Go runtimes in one process are unsupported upstream, whoever brought the first: the program itself, something that
//! the program loaded, or another module. So the second goes to a helper process, unless the host says that it wants it here.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use object::ReadCache;

use super::dl::Handle;
use super::image::is_go;
use crate::environment;
use crate::error::Error;

/// Set to 1, it is `XLLR_IN_PROCESS` for every module.
const VARIABLE: &str = "GANGPLANK_GO_IN_PROCESS";

/// How a Go library was opened.
pub(super) enum Opened {
    /// In this process.
    Here(Handle),
    /// Not: it would be the second. The reason.
    Second(String),
}

/// Opens a Go library, if it is the process's only one.
pub(super) fn open(path: &Path, in_process: bool) -> Result<Opened, Error> {
    // Held while it opens: of two at once, one is the second. What it holds is what XLLR has opened first.
    static FIRST: Mutex<Option<PathBuf>> = Mutex::new(None);
    let mut first = FIRST.lock().unwrap_or_else(PoisonError::into_inner);
    let allowed = in_process || environment::variable(VARIABLE).is_some_and(|value| value == "1");
    if !allowed && let Some(first) = other_runtime(path, first.as_deref()) {
        return Ok(Opened::Second(format!(
            "{first} has brought a Go runtime, and Go does not support two in one process (XLLR_IN_PROCESS or {VARIABLE}=1 loads it all the same)"
        )));
    }
    let mut handle = Handle::open(path)?;
    handle.keep();
    first.get_or_insert_with(|| path.to_owned());
    Ok(Opened::Here(handle))
}

/// Who else has brought a Go runtime into this process; `first` is what XLLR has opened.
fn other_runtime(but: &Path, first: Option<&Path>) -> Option<String> {
    if is_go_file(&executable()) {
        return Some("this program".to_owned());
    }
    let own = first.map(Path::to_owned).into_iter();
    own.chain(loaded().into_iter().filter(|path| is_go_file(path)))
        .find(|path| path != but)
        .map(|path| format!("`{}`", path.display()))
}

/// Reads headers only.
fn is_go_file(path: &Path) -> bool {
    let Ok(file) = File::open(path) else {
        return false;
    };
    let cache = ReadCache::new(file);
    object::File::parse(&cache).is_ok_and(|file| is_go(&file))
}

#[cfg(target_os = "linux")]
fn executable() -> PathBuf {
    // Also there when the file was deleted, as `go run` may do.
    PathBuf::from("/proc/self/exe")
}

#[cfg(not(target_os = "linux"))]
fn executable() -> PathBuf {
    std::env::current_exe().unwrap_or_default()
}

/// The files of all libraries in this process, by the names that the kernel has for them: whoever opened them may have
/// given a relative one, and the working directory may be another by now.
#[cfg(target_os = "linux")]
fn loaded() -> Vec<PathBuf> {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let maps = std::fs::read("/proc/self/maps").unwrap_or_default();
    let program = std::env::current_exe().ok();
    let mut paths: Vec<PathBuf> = maps
        .split(|byte| *byte == b'\n')
        .filter_map(|line| {
            line.iter()
                .position(|byte| *byte == b'/')
                .map(|at| &line[at..])
        })
        .map(|name| PathBuf::from(OsStr::from_bytes(name)))
        .filter(|path| Some(path) != program.as_ref())
        .collect();
    paths.dedup();
    paths
}

/// Elsewhere only the program and what XLLR has opened are known.
#[cfg(not(target_os = "linux"))]
fn loaded() -> Vec<PathBuf> {
    Vec::new()
}
