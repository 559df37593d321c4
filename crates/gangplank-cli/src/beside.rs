//! Where the toolkit's other files lie.
//!
//! Comes in: nothing. Goes out: the folder of this command, which has the libraries, programs and plugins that go with it.

use std::path::PathBuf;

/// The folder; `None` when the system does not say where it is.
pub(crate) fn folder() -> Option<PathBuf> {
    Some(std::env::current_exe().ok()?.parent()?.to_owned())
}
