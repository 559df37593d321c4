//! The interface of whatever file is named: a library or a `.proto` file.
//!
//! Comes in: a path and the folders of imports. Goes out: the interface, for the commands that only look at one.

use std::path::{Path, PathBuf};

use gangplank_codegen::{library_file, proto};
use gangplank_model::assemble;
use gangplank_model::diagnostics::render;
use gangplank_model::model::Interface;

use crate::failure::{Failure, Outcome};
use crate::generate::diagnostics;
use crate::progress;

/// Whether a path is that of a `.proto` file.
pub(crate) fn is_definition(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "proto")
}

/// Refuses `-I` where nothing has imports that could be looked up.
///
/// # Errors
/// Folders are named, and none of the `inputs` is a `.proto` file.
pub(crate) fn check_includes(inputs: &[&Path], includes: &[PathBuf]) -> Outcome<()> {
    if includes.is_empty() || inputs.iter().any(|path| is_definition(path)) {
        return Ok(());
    }
    let inputs: Vec<_> = inputs
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let verb = if inputs.len() == 1 { "is" } else { "are" };
    let text = format!(
        "-I is for the imports of .proto files, and {} {verb} none: leave it out",
        inputs.join(" and ")
    );
    Err(Failure::Usage(text))
}

/// Reads an interface; nothing of a library runs.
///
/// # Errors
/// The file cannot be read, or has no interface, or a faulty one.
pub(crate) fn read(path: &Path, includes: &[PathBuf]) -> Outcome<Interface> {
    // Asked here, because "no such file" in the words of a library reader helps nobody who mistyped a name.
    let data = std::fs::metadata(path).map_err(|error| Failure::file("open", path, &error))?;
    if data.is_dir() {
        return Err(Failure::Diagnostics(format!(
            "error: {} is a folder\n  help: name a library or a .proto file; `gangplank build` makes a crate's library and prints \
             where it is",
            path.display()
        )));
    }
    if !is_definition(path) {
        let read = library_file::read(path).and_then(assemble);
        return read.map_err(|found| diagnostics(&found, None));
    }
    let read = proto::interface(path, includes).and_then(assemble);
    read.map_err(|found| {
        let text = proto::sources(path, includes);
        let text = render(&found, &|label| text(&label.location), progress::colour());
        Failure::Diagnostics(text)
    })
}
