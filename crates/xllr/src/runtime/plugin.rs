//! Runtimes that are libraries of their own: the seam for languages that need more than a loader.
//!
//! Comes in: the name of a runtime that is not built in. Goes out: the runtime in `libxllr_<name>`, or where it was looked
//! for.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Runtime, built_in};
use crate::error::{Error, Kind};
use crate::options::Options;
use crate::search;

/// The plugin's file.
pub(super) fn find(name: &str) -> Result<PathBuf, Error> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || !name.chars().all(plain) {
        let text = format!("{name:?} is not the name of a runtime");
        return Err(Error::new(Kind::BadArgument, text));
    }
    search::find(&format!("xllr_{name}"), &Options::default()).map_err(|error| {
        let text = format!(
            "runtime `{name}` not found: {} are built in; {}",
            built_in().join(" and "),
            error.text()
        );
        Error::new(error.kind(), text)
    })
}

pub(super) fn load(name: &str) -> Result<Arc<dyn Runtime>, Error> {
    let path = find(name)?;
    let text = format!(
        "runtime `{name}`: plugins such as `{}` are not supported in this version",
        path.display()
    );
    Err(Error::new(Kind::Refused, text))
}
