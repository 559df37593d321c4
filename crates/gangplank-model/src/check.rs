//! The check: from an interface as it was written to one that can be lowered, or all reasons why not.
//!
//! Comes in: an interface with declared things by name. Goes out: the same with every name found once and for all,
//! reduced to what the library's functions, objects and constants reach. Passes in order; each collects what it finds and
//! never stops at the first. The last ones look at the lowered form, because that is where symbols, C names and layouts
//! are.

mod abi;
mod c_names;
mod literals;
mod names;
pub(crate) mod resolve;
mod sizes;
mod types;
mod versions;
mod walk;

use gangplank_descriptor::ABI_VERSION;

use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::lower::lower_interface;
use crate::model::{Id, Interface, Library};

/// An interface without errors, every name resolved.
#[derive(Clone, Debug)]
pub struct Checked {
    interface: Interface<Id>,
}

impl Checked {
    /// The interface. Its types are those that are reachable.
    pub fn interface(&self) -> &Interface<Id> {
        &self.interface
    }
}

/// Checks an interface.
///
/// # Errors
///
/// With everything that is wrong with it.
pub fn check(raw: Interface) -> Result<Checked, Diagnostics> {
    let mut found = Diagnostics::default();
    check_library(&raw.library, &mut found);
    let interface = resolve::resolve(&raw, &mut found);
    types::check(&interface, &mut found);
    versions::check(&interface, &mut found);
    let finite = sizes::check(&interface, &mut found);
    let can_be_lowered = found.is_empty() && finite;
    literals::check(&interface, &mut found);
    names::check(&interface, &mut found);
    if can_be_lowered {
        let lowered = lower_interface(&interface);
        c_names::check(&lowered, &mut found);
        abi::check(&interface, &lowered, &mut found);
    }
    found.into_result(Checked { interface })
}

fn check_library(library: &Library, found: &mut Diagnostics) {
    if library.abi != ABI_VERSION {
        let message = format!(
            "the library `{}` has ABI version {}, this toolkit knows version {ABI_VERSION}",
            library.name, library.abi
        );
        found.push(
            Diagnostic::new(codes::OTHER_ABI, message)
                .help("build the library and generate its packages with one version of gangplank"),
        );
    }
    if library.name == "gp" || library.name.starts_with("gp_") {
        let message = format!(
            "a library cannot be called `{}`: its C names would be those of gangplank.h",
            library.name
        );
        found.push(
            Diagnostic::new(codes::RESERVED_NAME, message)
                .help("give the crate a name that does not start with `gp`"),
        );
    }
}
