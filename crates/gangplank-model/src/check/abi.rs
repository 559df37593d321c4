//! Two computations of one ABI must agree: the library's own compiler's and this toolkit's.

use std::collections::HashMap;

use gangplank_descriptor::{Layout, abi_hash};

use super::walk;
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::lowered::{self, Mode, Return, Shape, TypeId};
use crate::model::{Id, Interface};

pub(super) fn check(
    interface: &Interface<Id>,
    lowered: &lowered::Library,
    found: &mut Diagnostics,
) {
    let mut hashes = HashMap::new();
    for function in &lowered.functions {
        hashes.insert(
            function.common.path.as_str(),
            signature_hash(lowered, function, 0),
        );
    }
    for object in &lowered.objects {
        for function in &object.constructors {
            hashes.insert(&function.common.path, signature_hash(lowered, function, 2));
        }
        for function in &object.methods {
            hashes.insert(&function.common.path, signature_hash(lowered, function, 4));
        }
    }
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

/// The hash that the library's compiler computes from Rust's own layouts. `role` is 0, or the entry's flag.
fn signature_hash(library: &lowered::Library, function: &lowered::Function, role: u32) -> u64 {
    let mode = match function.mode {
        Mode::Sync => 0,
        Mode::Async => 1,
    };
    let form = match function.ret {
        Return::Out => 0,
        Return::Scalar(_) => 8,
    };
    let params: Vec<_> = function
        .params
        .iter()
        .map(|param| layout(library, param.ty))
        .collect();
    let results: Vec<_> = function
        .results
        .iter()
        .map(|ty| layout(library, *ty))
        .collect();
    let error = function.error.map(|ty| layout(library, ty));
    abi_hash(role | mode | form, &params, &results, error)
}

fn layout(library: &lowered::Library, id: TypeId) -> Layout {
    let ty = library.ty(id);
    let class = match &ty.shape {
        Shape::Scalar(_) | Shape::Bool | Shape::Enum(_) => 1,
        Shape::String | Shape::Bytes => 2,
        Shape::Object(_) => 4,
        _ => 3,
    };
    Layout {
        class,
        size: u32::try_from(ty.size).unwrap_or(u32::MAX),
        align: u32::try_from(ty.align).unwrap_or(u32::MAX),
    }
}
