//! `gangplank inspect`: the interface of a built library.
//!
//! Comes in: a library file. Goes out: its interface as text or JSON. Nothing of the library runs: it may be of another
//! machine, and nobody need trust it.

use gangplank_codegen::{inspect, library_file};
use gangplank_model::assemble;

use crate::args::{Format, InspectArgs};
use crate::failure::{Failure, Outcome};
use crate::generate::diagnostics;

/// Reads and renders; the result is what goes to stdout.
///
/// # Errors
/// The file cannot be read, is not a library, or carries no interface.
pub(crate) fn inspect(args: &InspectArgs) -> Outcome<String> {
    // Asked here, because "no such file" in the words of a library reader helps nobody who mistyped a name.
    std::fs::metadata(&args.library)
        .map_err(|error| Failure::file("open", &args.library, &error))?;
    let interface = library_file::read(&args.library)
        .and_then(assemble)
        .map_err(|found| diagnostics(&found, None))?;
    Ok(match args.format {
        Format::Text => inspect::text(&interface),
        Format::Json => inspect::json(&interface),
    })
}
