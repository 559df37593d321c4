//! Lowering: the one place where the ABI is decided.
//!
//! Comes in: a checked interface. Goes out: the lowered library of [`crate::lowered`], by the rules of `docs/abi.md` and
//! nothing else. It cannot fail: what could go wrong was a finding of the check.

mod depends;
mod functions;
mod items;
mod layout;
mod types;

use crate::c_names::CNames;
use crate::check::Checked;
use crate::lowered::{Common, Library};
use crate::model::{self, Id, Interface};

/// Decides the ABI of a checked interface.
pub fn lower(checked: &Checked) -> Library {
    lower_interface(checked.interface())
}

/// The same for the check, which compares the outcome before it vouches for the interface.
pub(crate) fn lower_interface(interface: &Interface<Id>) -> Library {
    let names = CNames::new(&interface.library.name);
    let types = types::lower_types(interface, &names);
    let lowering = Lowering {
        interface,
        names,
        types,
    };
    let objects = lowering.objects();
    let functions = interface
        .functions
        .iter()
        .map(|function| lowering.function(function, None));
    let functions = functions.collect();
    let constants = interface
        .constants
        .iter()
        .map(|constant| lowering.constant(constant));
    let constants = constants.collect();
    Library {
        prefix: interface.library.name.clone(),
        version: interface.library.version.clone(),
        abi: interface.library.abi,
        docs: interface.library.docs.clone(),
        package: interface.library.package.clone(),
        services: interface.library.services.clone(),
        item: interface.library.item.clone(),
        types: lowering.types.lowered,
        objects,
        functions,
        constants,
    }
}

/// What the lowering of every item needs.
struct Lowering<'a> {
    interface: &'a Interface<Id>,
    names: CNames,
    types: types::Types,
}

/// What every item carries on.
fn common(common: &model::Common) -> Common {
    Common {
        name: common.name.clone(),
        path: common.path.clone(),
        docs: common.docs.clone(),
        deprecated: common.deprecated.clone(),
        hash: common.hash,
        shape_text: common.shape_text.clone(),
        location: common.location.to_string(),
        item: common.item.clone(),
        proto: common.proto.clone(),
    }
}
