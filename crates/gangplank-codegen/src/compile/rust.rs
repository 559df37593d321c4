//! Rust behind the doors of the command `compile`.
//!
//! Comes in: a request. Goes out: the stubs of a host. A guest in Rust is a crate, which cargo builds; its build script
//! does what this command does for others.

use gangplank_model::diagnostics::codes;
use gangplank_model::{Diagnostic, Diagnostics};

use super::{Request, Results, package};
use crate::backends::rust;

/// Writes `<idl>_host.rs`.
pub(crate) fn from_host(request: &Request<'_>) -> Result<Results, Diagnostics> {
    package(request, &rust::HOST)
}

/// Says how guests are built.
pub(crate) fn to_guest(request: &Request<'_>) -> Result<Results, Diagnostics> {
    request.read()?.guest_of(&rust::COMPILER)?;
    let text = "a guest in Rust is a crate of its own, which `gangplank build` builds";
    Err(Diagnostic::new(codes::NO_TEMPLATES, text)
        .help("call `gangplank_codegen::build::guest` in its build script, or run `gangplank generate rust-guest`")
        .into())
}

/// Says the same as early.
pub(crate) fn check_guest(request: &Request<'_>) -> Result<(), Diagnostics> {
    to_guest(request).map(|_| ())
}

/// Hosts and guests in Rust need none of protobuf's own code, so there is nothing to write; `prost` writes it for other
/// uses.
pub(crate) fn serialization(_: &Request<'_>) -> Result<Results, Diagnostics> {
    Ok(Results::default())
}
