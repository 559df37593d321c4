//! Modules in a helper process: the seam for it.
//!
//! Comes in: a module that cannot or shall not run in this process. Goes out: a [`Module`] whose calls cross to the helper.
//! The helper is a program of its own, `xllr-helper`; without it this is an error that says where it was looked for.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::environment;
use crate::error::{Error, Kind};
use crate::runtime::Module;

/// Names the helper's file.
const HELPER_VARIABLE: &str = "GANGPLANK_HELPER";
const HELPER: &str = "xllr-helper";

/// Opens the module at `path` in a helper; `why` completes "needs a helper process:".
pub(crate) fn open(path: &Path, why: &str) -> Result<Arc<dyn Module>, Error> {
    let refused = |text: String| {
        let path = path.display();
        let text = format!("`{path}` needs a helper process: {why}; {text}");
        Error::new(Kind::Refused, text)
    };
    let helper = helper().map_err(&refused)?;
    Err(refused(format!(
        "isolated modules are not available in this version, so `{}` is not used",
        helper.display()
    )))
}

fn helper() -> Result<PathBuf, String> {
    let places = places();
    let found = places.iter().find(|place| place.is_file()).cloned();
    found.ok_or_else(|| {
        let places: Vec<String> = places
            .iter()
            .map(|place| place.display().to_string())
            .collect();
        format!(
            "{HELPER} is not there ({HELPER_VARIABLE} names it; looked at {})",
            places.join(", ")
        )
    })
}

fn places() -> Vec<PathBuf> {
    if let Some(named) = environment::variable(HELPER_VARIABLE) {
        return vec![named.into()];
    }
    let executable = env::current_exe().ok();
    let beside = executable.and_then(|path| Some(path.parent()?.join(HELPER)));
    let path = environment::variable("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path).filter(|folder| folder.is_absolute());
    beside
        .into_iter()
        .chain(on_path.map(|folder| folder.join(HELPER)))
        .collect()
}
