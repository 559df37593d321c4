//! Two computations of one ABI must agree: the library's own compiler's and this toolkit's.

use std::collections::HashMap;

use super::walk;
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::lowered;
use crate::model::{Id, Interface};

pub(super) fn check(
    interface: &Interface<Id>,
    lowered: &lowered::Library,
    found: &mut Diagnostics,
) {
    let of_objects = lowered
        .objects
        .iter()
        .flat_map(|object| object.constructors.iter().chain(&object.methods));
    let hashes: HashMap<&str, u64> = lowered
        .functions
        .iter()
        .chain(of_objects)
        .map(|function| (function.common.path.as_str(), function.abi_hash))
        .collect();
    for function in walk::functions(interface) {
        let ours = hashes.get(function.common.path.as_str());
        if let (Some(theirs), Some(ours)) = (function.abi_hash, ours)
            && theirs != *ours
        {
            let message = format!(
                "the library passes the parameters or results of `{}` in another way than this toolkit would",
                function.common.path
            );
            found.push(
                Diagnostic::new(codes::LOWERED_DIFFERENTLY, message)
                    .label(&function.common, "declared here")
                    .help("build the library and generate its packages with one version of gangplank, for a 64-bit target"),
            );
        }
    }
}
