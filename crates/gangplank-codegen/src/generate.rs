//! The whole line, from an interface to the files of one language.
//!
//! Comes in: what a user names (a library file or a `.proto` file) and the configuration. Goes out: files in memory,
//! for [`crate::output`] to write or compare. Whoever wants to know how Gangplank works starts here.

use std::path::{Path, PathBuf};

use gangplank_model::lowered::Library;
use gangplank_model::{Diagnostics, Source, assemble, check, lower};

use crate::backend::{File, Language};
use crate::compile::idl;
use crate::config::Config;
use crate::library_file;

/// Where an interface is read from.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// A built library: the interface is in its descriptor, which is read without running it.
    LibraryFile(&'a Path),
    /// A `.proto` file: its services are the interface.
    ProtoFile {
        /// The file.
        path: &'a Path,
        /// Folders that imports start in, before the file's own.
        includes: &'a [PathBuf],
    },
}

/// Makes the files of `language` for the interface of `input`.
///
/// # Errors
/// Everything that the first failing station found: nothing is made then.
pub fn generate(
    input: Input<'_>,
    language: &Language,
    config: &Config,
) -> Result<Vec<File>, Diagnostics> {
    let mut options = config.options(language.name);
    options.check(language)?;
    let library = match input {
        Input::LibraryFile(path) => lowered(library_file::read(path)?)?,
        Input::ProtoFile { path, includes } => {
            let idl = idl::read_without_code(path, includes)?;
            options.guest = Some(idl.guest_module()?);
            idl.library
        }
    };
    (language.run)(&library, &options) //                → the language's view → templates → files
}

/// The first half of the line, for [`generate`] and for guests and hosts of `.proto` files, which need their tags besides.
pub(crate) fn lowered(source: Source) -> Result<Library, Diagnostics> {
    let interface = assemble(source)?; //                source → model
    let checked = check(interface)?; //                  model → checked model: every name found, every rule held
    Ok(lower(&checked)) //                               → the ABI: layouts, ownership, symbols
}
