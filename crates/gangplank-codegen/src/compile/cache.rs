//! Tools that are built once.
//!
//! Comes in: a key and how to build. Goes out: the path of a program in the user's cache. Programs appear there whole:
//! whoever builds does so in a folder beside, then renames, so several processes may build the same at the same time.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use gangplank_model::diagnostics::codes;
use gangplank_model::{Diagnostic, Diagnostics};
use sha2::{Digest, Sha256};

/// One lock per program, so that a process builds it once whatever its threads ask for.
static BUILDING: Mutex<BTreeMap<PathBuf, Arc<Mutex<()>>>> = Mutex::new(BTreeMap::new());

/// The program `name` for `inputs`, made by `build` when it is not there: `build` gets a folder of its own and leaves the
/// program in it under `name`.
///
/// # Errors
/// What `build` says, or that the cache cannot be used.
pub(super) fn program(
    name: &str,
    inputs: &[&str],
    build: impl FnOnce(&Path) -> Result<(), Diagnostics>,
) -> Result<PathBuf, Diagnostics> {
    let folder = folder()?.join(format!("{name}-{}", key(inputs)));
    let program = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let lock = Arc::clone(
        BUILDING
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(program.clone())
            .or_default(),
    );
    let _held = lock.lock().unwrap_or_else(PoisonError::into_inner);
    if program.is_file() {
        return Ok(program);
    }
    fs::create_dir_all(&folder).map_err(|error| unusable(&folder, &error))?;
    let scratch = tempfile::Builder::new()
        .prefix(".build-")
        .tempdir_in(&folder)
        .map_err(|error| unusable(&folder, &io::Error::from(error.kind())))?;
    build(scratch.path())?;
    let made = scratch.path().join(program.file_name().unwrap_or_default());
    fs::rename(&made, &program).map_err(|error| unusable(&program, &error))?;
    Ok(program)
}

/// `GANGPLANK_CACHE`, else `gangplank` in the user's cache folder.
fn folder() -> Result<PathBuf, Diagnostics> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(folder) = set("GANGPLANK_CACHE") {
        return absolute(&PathBuf::from(folder));
    }
    let base = set("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let home = || {
        let below = if cfg!(target_os = "macos") {
            "Library/Caches"
        } else {
            ".cache"
        };
        Some(PathBuf::from(set("HOME")?).join(below))
    };
    base.or_else(home)
        .map(|base| base.join("gangplank"))
        .ok_or_else(|| {
            Diagnostic::new(
                codes::WORK_FOLDER,
                "there is no folder for tools that are built once",
            )
            .help("set HOME, XDG_CACHE_HOME or GANGPLANK_CACHE")
            .into()
        })
}

/// The path from the root, without asking whether it exists.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, Diagnostics> {
    std::path::absolute(path).map_err(|error| unusable(path, &error))
}

pub(super) fn unusable(path: &Path, error: &io::Error) -> Diagnostics {
    let text = format!("cannot use {}: {error}", path.display());
    Diagnostic::new(codes::WORK_FOLDER, text).into()
}

fn key(inputs: &[&str]) -> String {
    let mut hash = Sha256::new();
    for input in inputs {
        hash.update(input.len().to_le_bytes());
        hash.update(input.as_bytes());
    }
    let digest = hash.finalize();
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn keys_tell_where_one_input_ends() {
        assert_ne!(key(&["ab", "c"]), key(&["a", "bc"]));
        assert_eq!(key(&["ab"]).len(), 16);
    }
}
