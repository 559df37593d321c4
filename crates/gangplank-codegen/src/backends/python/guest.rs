//! Guests: classes for the types of a `.proto` file, its items, and where each function is.
//!
//! Comes in: the lowered library, and what implements each function. Goes out: one file, which XLLR's runtime `python3`
//! loads. No call goes through code of this file: the runtime converts by the items.

use gangplank_model::diagnostics::codes;
use gangplank_model::lowered::{Common, Library};
use gangplank_model::{Diagnostic, Diagnostics};

use super::docs;
use super::names::Names;
use super::spell::{self, Spelling, State};
use super::types::{self, Types};
use super::{files, view};
use crate::backend::{File, no_streams};
use crate::config::Options;
use crate::prose;

/// What implements a function.
pub(crate) struct Place {
    /// A file, relative to the guest's, or the name of a module.
    pub(crate) module: String,
    /// `div`, `Counter.count`.
    pub(crate) path: String,
}

/// Writes the guest; `place` says where a function of this path is.
pub(crate) fn guest(
    library: &Library,
    idl: &str,
    file: &str,
    place: &dyn Fn(&Common) -> Result<Place, Diagnostic>,
) -> Result<File, Diagnostics> {
    let options = Options::default();
    let with = Spelling::new(library, &options, State::new(library, &options));
    let mut types = Types {
        names: Names::guest(),
        bytes: library.item.clone(),
        ..Types::default()
    };
    for ty in &library.types {
        types.add(&with, &ty.shape);
    }
    let mut functions = Vec::new();
    for function in &library.functions {
        if let Some(fault) = no_streams(library, function, "guests in Python") {
            types.names.found.push(fault);
        }
        types.bytes.extend(&function.common.item);
        match place(&function.common) {
            Ok(place) => functions.push(view::Place {
                docs: types::item_text(&function.common, &docs::values(function)),
                name: function.common.local_path().replace("::", "."),
                module: spell::text(&place.module),
                path: spell::text(&place.path),
            }),
            // Functions may have one tag, that of their service or of the file.
            Err(fault) if types.names.found.iter().any(|known| *known == fault) => {}
            Err(fault) => types.names.found.push(fault),
        }
    }
    types.finish(&with);
    types.names.found.into_result(())?;
    let view = view::Guest {
        docs: docs::string(
            &docs::paragraphs(&[
                &format!(
                    "The guest of {idl}: what its functions take and give, and who implements them."
                ),
                "Written by Gangplank; the next run replaces it. XLLR's runtime `python3` loads it.",
                &prose::library(library, ""),
            ]),
            0,
        ),
        types: types.view,
        functions,
        is_stub: false,
    };
    let text = files::rendered("guest.py.j2", &view)
        .map_err(|error| Diagnostic::new(codes::TEMPLATE, error.to_string()))?;
    Ok(File::new(file, text))
}
