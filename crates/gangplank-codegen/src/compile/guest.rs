//! A definition and its implementation to a guest library.
//!
//! Comes in: a request. Goes out: the guest's source and its library in the output folder. The order matters: what can
//! be said without building is said before anything is built.

use std::path::PathBuf;

use gangplank_model::Diagnostics;

use super::idl::Idl;
use super::implementation::{self, Implementation};
use super::matching;
use super::templates::{self, GoTemplates, Implemented};
use super::toolchain::Go;
use super::wanted::Module;
use super::{Request, Results};
use crate::backends::go;

/// Writes the guest's source and builds its library.
pub(crate) fn results(request: &Request<'_>) -> Result<Results, Diagnostics> {
    results_with(request, templates::templates())
}

/// What the definition alone shows.
pub(crate) fn check(request: &Request<'_>) -> Result<(), Diagnostics> {
    wanted(request, templates::templates()).map(|_| ())
}

/// The definition, and what its services want of their implementations.
fn wanted(
    request: &Request<'_>,
    templates: &dyn GoTemplates,
) -> Result<(Idl, Vec<Module>), Diagnostics> {
    let idl = request.read()?;
    idl.guest_of(&go::COMPILER)?;
    let modules = templates.modules(&idl)?;
    Ok((idl, modules))
}

/// Builds a guest with these templates, and puts it in place.
///
/// # Errors
/// The definition has faults, the implementation does not fit or does not build, a tool is missing, the output cannot be
/// written.
pub fn to_guest_with(
    request: &Request<'_>,
    templates: &dyn GoTemplates,
) -> Result<Vec<PathBuf>, Diagnostics> {
    results_with(request, templates)?.write(request.output)
}

fn results_with(
    request: &Request<'_>,
    templates: &dyn GoTemplates,
) -> Result<Results, Diagnostics> {
    let (idl, modules) = wanted(request, templates)?;
    let go = Go::find()?;
    go.check_c()?;
    let found = implementation::find(&go, &idl.folder, &modules, request.progress)?;
    let implemented = implemented(&found, &modules)?;
    let guest = templates.guest(&idl, &implemented)?;
    let sources = [guest.files.as_slice(), &guest.build_only].concat();
    let library = found.workspace.build(&sources, &guest.library)?;
    let scratch = found.workspace.into_folder();
    Ok(Results::of(guest.files).with_library(guest.library, library, scratch))
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
