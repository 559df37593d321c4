//! Memory of results: from Rust values to C structs in the caller's scratch or in blocks that one call frees.
//!
//! Comes in: how many bytes the variable part of a value needs (the size pass). Goes out: an [`Arena`] to write them
//! into (the write pass). What the scratch cannot hold goes into one block; big buffers are moved out, not copied. All
//! of it is freed together, by [`free_owned`] for a call or by dropping a [`Lowered`].

mod arena;
mod call;
mod lowered;
mod need;
mod owned;

pub use arena::{Arena, Refused};
pub use call::{begin, free_owned, write_result, write_text, write_texts};
pub use lowered::{Lowered, lower};
pub use need::{align_up, is_moved, list_end, plain_end};
pub use owned::Owned;

/// Alignment of scratch memory and blocks; no C struct of the ABI needs more.
pub const ALIGN: usize = 16;
