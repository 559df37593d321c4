//! Compilers in libraries of their own.
//!
//! Comes in: a language that is not built in, or a plugin's path. Goes out: what the plugin has made. Libraries are opened
//! by the loader and nowhere else; this command has none yet, so both functions say so.

use std::path::{Path, PathBuf};

use gangplank_codegen::compile::COMPILERS;

use crate::failure::{Failure, Outcome};

/// The functions of a plugin.
#[derive(Clone, Copy, Debug)]
pub(super) enum Function {
    ToGuest,
    FromHost,
    Serialization,
}

/// The plugin of a language.
pub(super) fn find(language: &str) -> Outcome<PathBuf> {
    let known: Vec<&str> = COMPILERS.iter().map(|compiler| compiler.name).collect();
    Err(Failure::Usage(format!(
        "there is no compiler for `{language}`; built in: {}",
        known.join(", ")
    )))
}

/// Calls a plugin; it does not say which files it has made.
pub(super) fn call(
    plugin: &Path,
    _function: Function,
    _idl: &Path,
    _output: &Path,
) -> Outcome<Vec<PathBuf>> {
    Err(Failure::Diagnostics(format!(
        "error: cannot open the compiler plugin {}: this version of the command has no loader",
        plugin.display()
    )))
}
