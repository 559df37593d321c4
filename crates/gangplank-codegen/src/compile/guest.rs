//! A definition and its implementation to a guest library.
//!
//! Comes in: a request. Goes out: the guest's source and its library in the output folder. The order matters: what can
//! be said without building is said before anything is built.

use std::path::PathBuf;

use gangplank_model::diagnostics::codes;
use gangplank_model::{Diagnostic, Diagnostics};

use super::implementation::{self, Implementation};
use super::matching;
use super::templates::{GoTemplates, Implemented};
use super::toolchain::Go;
use super::wanted::Module;
use super::{Request, idl};
use crate::output::Made;

/// Builds a guest with these templates.
///
/// # Errors
/// See [`super::to_guest`].
pub fn to_guest_with(
    request: &Request<'_>,
    templates: Option<&dyn GoTemplates>,
) -> Result<Vec<PathBuf>, Diagnostics> {
    request.check()?;
    let idl = idl::read(request.idl)?;
    let templates = templates.ok_or_else(|| missing("guests"))?;
    let modules = templates.modules(&idl)?;
    let go = Go::find()?;
    go.check_c()?;
    let found = implementation::find(&go, &idl.folder, &modules, request.progress)?;
    let implemented = implemented(&found, &modules)?;
    let guest = templates.guest(&idl, &implemented)?;
    let sources = [guest.files.as_slice(), &guest.build_only].concat();
    let library = found.workspace.build(&sources, &guest.library)?;
    let made = Made {
        path: &guest.library,
        from: &library,
    };
    request.write(&guest.files, &[made])
}

/// Compares what is wanted with what is there; everything that does not fit is said at once.
fn implemented<'a>(
    found: &'a Implementation<'_>,
    modules: &'a [Module],
) -> Result<Vec<Implemented<'a>>, Diagnostics> {
    let mut faults = Diagnostics::default();
    let mut all = Vec::new();
    for (module, (import, package)) in modules.iter().zip(&found.packages) {
        match matching::calls(module, import.as_ref(), package, &found.workspace) {
            Ok(calls) => all.push(Implemented {
                module,
                import: import.clone(),
                package,
                calls,
            }),
            Err(more) => faults.append(more),
        }
    }
    faults.into_result(all)
}

/// What is said while a direction has no templates.
pub(super) fn missing(what: &str) -> Diagnostics {
    let text = format!("this version of the toolkit writes no Go {what} for definitions yet");
    Diagnostic::new(codes::NO_TEMPLATES, text)
        .help("`compile_serialization` and `gangplank generate` work without it")
        .into()
}
