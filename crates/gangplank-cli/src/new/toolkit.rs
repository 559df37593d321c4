//! Where a new library has the toolkit from.
//!
//! Comes in: a folder that was named, or nothing. Goes out: the lines of manifests, and the folder of the libraries that
//! programs open at run time.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};

use crate::beside;
use crate::failure::{Failure, Outcome};

/// Where crates come from.
pub(super) enum Toolkit {
    /// The folder `crates/gangplank` of a checkout.
    Folder(PathBuf),
    Registry,
}

impl Toolkit {
    /// The folder that was named; else the checkout that this program was built from, if it is still there; else the
    /// registry.
    pub(super) fn find(named: Option<&Path>) -> Outcome<Toolkit> {
        let is_it = |folder: &Path| {
            let manifest = std::fs::read_to_string(folder.join("Cargo.toml"));
            manifest.is_ok_and(|text| {
                text.lines()
                    .any(|line| line.trim() == "name = \"gangplank\"")
            })
        };
        let absolute = |folder: &Path| {
            let folder = folder.canonicalize();
            folder.map(Toolkit::Folder)
        };
        if let Some(folder) = named {
            if !is_it(folder) {
                return Err(Failure::Diagnostics(format!(
                    "error: there is no crate `gangplank` in {}\n  help: name the folder crates/gangplank of a checkout",
                    folder.display()
                )));
            }
            return absolute(folder).map_err(|error| Failure::file("open", folder, &error));
        }
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gangplank");
        if is_it(&source) {
            return absolute(&source).map_err(|error| Failure::file("open", &source, &error));
        }
        Ok(Toolkit::Registry)
    }

    /// The line of a manifest for one of the toolkit's crates.
    pub(super) fn dependency(&self, name: &str) -> String {
        match self {
            // A Rust string is a TOML string, but for control characters that no path has.
            Toolkit::Folder(folder) => {
                let folder = folder.with_file_name(name).display().to_string();
                format!("{name} = {{ path = {folder:?} }}")
            }
            Toolkit::Registry => format!("{name} = \"{}\"", env!("CARGO_PKG_VERSION")),
        }
    }

    /// For people.
    pub(super) fn words(&self) -> String {
        match self {
            Toolkit::Folder(folder) => format!("a path dependency on {}", folder.display()),
            Toolkit::Registry => {
                format!(
                    "a registry dependency on gangplank {}",
                    env!("CARGO_PKG_VERSION")
                )
            }
        }
    }
}

/// The folder of the libraries that programs open at run time: that of this command, if they are there.
pub(super) fn libraries(names: &[&str]) -> Option<PathBuf> {
    let folder = beside::folder()?;
    let there = |name: &&str| {
        let file = format!("{DLL_PREFIX}{name}{DLL_SUFFIX}");
        folder.join(file).is_file()
    };
    names.iter().all(there).then(|| folder.clone())
}
