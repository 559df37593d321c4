//! `gangplank inspect`: the interface of a built library or of a `.proto` file.
//!
//! Comes in: one of these files. Goes out: its interface as text or JSON. Nothing of the library runs: it may be of another
//! machine, and nobody need trust it.

use gangplank_codegen::{inspect, library_file, proto};
use gangplank_model::diagnostics::render;
use gangplank_model::{Diagnostics, assemble};

use crate::args::{Format, InspectArgs};
use crate::failure::{Failure, Outcome};
use crate::generate::diagnostics;
use crate::progress;

/// Reads and renders; the result is what goes to stdout.
///
/// # Errors
/// The file cannot be read, is not a library, or carries no interface.
pub(crate) fn inspect(args: &InspectArgs) -> Outcome<String> {
    // Asked here, because "no such file" in the words of a library reader helps nobody who mistyped a name.
    std::fs::metadata(&args.library)
        .map_err(|error| Failure::file("open", &args.library, &error))?;
    let is_proto = args.library.extension().is_some_and(|end| end == "proto");
    let interface = if is_proto {
        proto::interface(&args.library, &args.includes)
            .and_then(assemble)
            .map_err(|found| proto_diagnostics(&found, args))?
    } else {
        library_file::read(&args.library)
            .and_then(assemble)
            .map_err(|found| diagnostics(&found, None))?
    };
    Ok(match args.format {
        Format::Text => inspect::text(&interface),
        Format::Json => inspect::json(&interface),
    })
}

/// Findings with the lines that they are about.
fn proto_diagnostics(found: &Diagnostics, args: &InspectArgs) -> Failure {
    let text = proto::sources(&args.library, &args.includes);
    Failure::Diagnostics(render(
        found,
        &|label| text(&label.location),
        progress::colour(),
    ))
}
