//! What a Python package holds besides text: the shared library, and the extension that opens it.
//!
//! Comes in: the folder of a package with its `pyproject.toml`. Goes out: copies in the module's folder, from which wheels
//! are made. A wheel is for one platform, so a package holds the library of one: the one that it is built on.

use std::env::consts::DLL_EXTENSION;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use gangplank_codegen::backends::python::EXTENSION;

use crate::build::{Target, replace};
use crate::failure::{Failure, Outcome};
use crate::{companion, progress};

/// The folder of the module that the package in `package` has; `None` when it is not Python's.
pub(super) fn module(package: &Path) -> Outcome<Option<PathBuf>> {
    let file = package.join("pyproject.toml");
    if !file.is_file() {
        return Ok(None);
    }
    let text =
        std::fs::read_to_string(&file).map_err(|error| Failure::file("read", &file, &error))?;
    match named(&text) {
        Some(name) => Ok(Some(package.join(name))),
        None => Err(Failure::Diagnostics(format!(
            "error: {} has no line `packages = [\"…\"]`\n  help: generate the package again: `gangplank generate python`",
            file.display()
        ))),
    }
}

fn named(text: &str) -> Option<&str> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("packages = [\""))?;
    line.strip_suffix("\"]")
}

/// Puts library and extension into the module's folder.
pub(super) fn fill(module: &Path, library: &Path, target: &Target) -> Outcome<Vec<PathBuf>> {
    let here = Target::host();
    if (&target.os, &target.arch) != (&here.os, &here.arch) {
        let text = format!(
            "{} as it is: a Python package holds the library of the machine that its wheel is made on",
            module.display()
        );
        progress::step("Leaving", &text);
        return Ok(Vec::new());
    }
    let mut placed: Vec<PathBuf> = companion::place(EXTENSION, module)?.into_iter().collect();
    let is_library = library.extension() == Some(OsStr::new(DLL_EXTENSION));
    if let Some(name) = library.file_name().filter(|_| is_library) {
        let bytes =
            std::fs::read(library).map_err(|error| Failure::file("read", library, &error))?;
        let path = module.join(name);
        replace(&path, &bytes)?;
        placed.push(path);
    }
    Ok(placed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_is_the_one_that_the_wheel_holds() {
        assert_eq!(
            named("[tool.setuptools]\npackages = [\"my_timer\"]\n"),
            Some("my_timer")
        );
        assert_eq!(named("[project]\nname = \"x\"\n"), None);
    }

    #[test]
    fn a_package_gets_the_library_of_this_machine_only() {
        let folder = tempfile::tempdir().unwrap();
        let (module, library) = (
            folder.path().join("kit"),
            folder.path().join(format!("libkit.{DLL_EXTENSION}")),
        );
        std::fs::create_dir(&module).unwrap();
        std::fs::write(&library, "library").unwrap();
        let other = Target {
            arch: "riscv64gc".into(),
            ..Target::host()
        };
        assert!(fill(&module, &library, &other).unwrap().is_empty());
        assert_eq!(std::fs::read_dir(&module).unwrap().count(), 0);
        let placed = fill(&module, &library, &Target::host()).unwrap();
        let name = library.file_name().unwrap();
        assert!(placed.contains(&module.join(name)), "{placed:?}");
    }
}
