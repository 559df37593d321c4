//! Files of the toolkit that go beside what is generated.
//!
//! Comes in: the name of such a file. Goes out: a copy of the one that lies beside this command, as compiler plugins do.
//! Without it the text is written all the same, and what is missing is said: what was made does not work alone.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};
use crate::{build, progress};

/// Puts the file into `folder`; nothing when it is missing.
///
/// # Errors
/// It cannot be read or written.
pub(crate) fn place(name: &str, folder: &Path) -> Outcome<Option<PathBuf>> {
    let there = std::env::current_exe().map(|command| command.with_file_name(name));
    let Some(there) = there.ok().filter(|path| path.is_file()) else {
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
