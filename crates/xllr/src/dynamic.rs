//! Calls in protobuf bytes of functions that are only there in C structs: the seam for translating by descriptor.
//!
//! Comes in: a native function and its item. Goes out: a [`CallBytes`], or why there is none. The translation needs the
//! field numbers of messages, which interfaces that were declared in Rust do not have.

use gangplank_model::model::Function;

use crate::target::{Bytes, CallBytes};

/// The form in bytes of a native function.
pub(crate) fn bytes(function: &Function<gangplank_model::model::Name>) -> Bytes {
    match translation(function) {
        Some(call) => Bytes::Other(call),
        None => Bytes::None(
            "its interface has no protobuf field numbers; call it through a prepared function"
                .to_owned(),
        ),
    }
}

/// The translation, where the items carry what it needs.
fn translation(_: &Function<gangplank_model::model::Name>) -> Option<Box<dyn CallBytes>> {
    None
}
