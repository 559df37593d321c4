//! Files of the toolkit that go beside what is generated.
//!
//! Comes in: the name of such a file. Goes out: a copy of the one that lies beside this command, as compiler plugins do.
//! Without it the text is written all the same, and what is missing is said: what was made does not work alone.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};
use crate::{build, progress};

/// Where such a file belongs: beside this command. `None` when the system does not say where that is.
pub(crate) fn place_of(name: &str) -> Option<PathBuf> {
    let command = std::env::current_exe().ok()?;
    Some(command.with_file_name(name))
}

/// The file, if it is there.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    place_of(name).filter(|path| path.is_file())
}

/// Puts the file into `folder`; nothing when it is missing.
///
/// # Errors
/// It cannot be read or written.
pub(crate) fn place(name: &str, folder: &Path) -> Outcome<Option<PathBuf>> {
    let Some(there) = find(name) else {
        progress::step(
            "Missing",
            &format!(
                "{name} is not beside this command, and nothing in {} works without it: see docs/python-hosts.md",
                folder.display()
            ),
        );
        return Ok(None);
    };
    let bytes = std::fs::read(&there).map_err(|error| Failure::file("read", &there, &error))?;
    let path = folder.join(name);
    build::replace(&path, &bytes)?;
    Ok(Some(path))
}
