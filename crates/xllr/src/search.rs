//! Where a module's file is.
//!
//! Comes in: what the host calls the module. Goes out: the absolute path of a file that is there, or everything that was
//! tried. The working directory is only looked at when the name asks for it (`./`): whoever can write there must not decide
//! which code runs.

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};

use crate::environment;
use crate::error::{Error, Kind};
use crate::options::Options;

/// A list of folders, for modules and plugins.
pub(crate) const PATH_VARIABLE: &str = "GANGPLANK_PATH";

/// Finds a file.
pub(crate) fn find(name: &str, options: &Options) -> Result<PathBuf, Error> {
    find_as(name, options, Spelling::Library, None)
}

/// What files of a language are called.
#[derive(Clone, Copy)]
pub(crate) enum Spelling {
    /// `calc`, `calc.so`, `libcalc.so`
    Library,
    /// `calc`, `calc.py`
    Python,
}

/// Finds a file of a language; `beside` is one more folder where it may lie.
pub(crate) fn find_as(
    name: &str,
    options: &Options,
    spelling: Spelling,
    beside: Option<&Path>,
) -> Result<PathBuf, Error> {
    if name.is_empty() || name.contains('\0') {
        let text = format!("{name:?} is not the name of a module");
        return Err(Error::new(Kind::BadArgument, text));
    }
    let path = Path::new(name);
    if path.is_absolute() {
        return existing(path.to_owned(), name);
    }
    if name.starts_with("./") || name.starts_with("../") {
        let here = env::current_dir().map_err(|error| not_found(name, &error.to_string()))?;
        return existing(here.join(path), name);
    }
    let mut tried = BTreeSet::new();
    let mut order = Vec::new();
    for folder in folders(options, beside) {
        if tried.insert(folder.clone()) {
            if let Some(found) = in_folder(&folder, path, spelling) {
                return Ok(found);
            }
            order.push(folder.display().to_string());
        }
    }
    let hint = match built_by_cargo(&tried, path) {
        Some(found) => format!(
            "; there is {}, as cargo names a guest in Rust: rename it, or open it by this path",
            found.display()
        ),
        None => String::new(),
    };
    let tried = format!(
        "looked for {} in {}; {PATH_VARIABLE} adds folders, a path with ./ starts in the working directory{hint}",
        spellings(path, spelling)
            .iter()
            .map(|name| name.display().to_string())
            .collect::<Vec<_>>()
            .join(", "),
        order.join(", ")
    );
    Err(not_found(name, &tried))
}

fn existing(path: PathBuf, name: &str) -> Result<PathBuf, Error> {
    match path.canonicalize() {
        Ok(path) => Ok(path),
        Err(error) => Err(not_found(name, &format!("{}: {error}", path.display()))),
    }
}

fn not_found(name: &str, why: &str) -> Error {
    Error::new(Kind::NotFound, format!("module `{name}` not found: {why}"))
}

fn in_folder(folder: &Path, name: &Path, spelling: Spelling) -> Option<PathBuf> {
    spellings(name, spelling)
        .into_iter()
        .map(|spelling| folder.join(spelling))
        .find(|path| path.is_file())
        .and_then(|path| path.canonicalize().ok())
}

/// The library that cargo has made of a guest in Rust, whose hosts look for `calcMetaFFIGuest`.
fn built_by_cargo(folders: &BTreeSet<PathBuf>, name: &Path) -> Option<PathBuf> {
    let stem = name.to_str()?.strip_suffix("MetaFFIGuest")?;
    let (prefix, suffix) = (env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
    let file = format!("{prefix}{stem}{suffix}");
    let mut paths = folders.iter().map(|folder| folder.join(&file));
    paths.find(|path| path.is_file())
}

/// The name as it is, and as a file of that name.
fn spellings(name: &Path, spelling: Spelling) -> Vec<PathBuf> {
    let (prefix, suffix) = match spelling {
        Spelling::Library => (env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX),
        Spelling::Python => ("", ".py"),
    };
    let mut spellings = vec![name.to_owned()];
    let file = name.file_name().unwrap_or_default().to_string_lossy();
    if !file.ends_with(suffix) {
        spellings.push(name.with_file_name(format!("{file}{suffix}")));
    }
    if !file.ends_with(suffix) && !prefix.is_empty() {
        spellings.push(name.with_file_name(format!("{prefix}{file}{suffix}")));
    }
    spellings
}

/// In the order in which they count.
fn folders(options: &Options, beside: Option<&Path>) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    let executable = env::current_exe().ok();
    folders.extend(executable.and_then(|path| path.parent().map(Path::to_owned)));
    folders.extend(options.package_dir.clone());
    folders.extend(beside.map(Path::to_owned));
    folders.extend(listed(PATH_VARIABLE));
    folders.extend(listed(LOADER_VARIABLE));
    folders.extend(loader_folders());
    folders.extend(options.source_dir.clone());
    folders.retain(|folder| folder.is_absolute());
    folders
}

fn listed(variable: &str) -> Vec<PathBuf> {
    environment::variable(variable)
        .map_or_else(Vec::new, |value| env::split_paths(&value).collect())
}

#[cfg(target_os = "macos")]
const LOADER_VARIABLE: &str = "DYLD_LIBRARY_PATH";
#[cfg(not(target_os = "macos"))]
const LOADER_VARIABLE: &str = "LD_LIBRARY_PATH";

/// Where the system's loader looks. It is not asked itself: it would run a file that nobody has checked.
fn loader_folders() -> Vec<PathBuf> {
    let multiarch = format!("{}-linux-gnu", env::consts::ARCH);
    let mut folders = Vec::new();
    for base in ["/usr/local/lib", "/usr/lib", "/lib"] {
        folders.push(Path::new(base).join(&multiarch));
        folders.push(PathBuf::from(base));
        folders.push(PathBuf::from(format!("{base}64")));
    }
    folders.retain(|folder| folder.is_dir());
    folders
}
