//! `gangplank inspect`: the interface of a built library or of a `.proto` file.
//!
//! Comes in: one of these files. Goes out: its interface as text or JSON. Nothing of the library runs: it may be of another
//! machine, and nobody need trust it.

use gangplank_codegen::inspect;

use crate::args::{Format, InspectArgs};
use crate::failure::Outcome;
use crate::interface;

/// Reads and renders; the result is what goes to stdout.
///
/// # Errors
/// The file cannot be read, is neither a library nor a `.proto` file, or carries no interface.
pub(crate) fn inspect(args: &InspectArgs) -> Outcome<String> {
    interface::check_includes(&[&args.library], &args.includes)?;
    let interface = interface::read(&args.library, &args.includes)?;
    Ok(match args.format {
        Format::Text => inspect::text(&interface),
        Format::Json => inspect::json(&interface),
    })
}
