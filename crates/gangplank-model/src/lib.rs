//! The interface model of Gangplank: what a library offers, checked, and lowered to the ABI.
//!
//! Comes in: an interface from any front end (the items of a library file today). Goes out: [`lowered::Library`], which
//! every backend reads, or the diagnostics that say why not. Nothing here knows Rust's syntax or a target language, and
//! nothing after it decides about layout, ownership or symbols.
//!
//! The passes in order: [`assemble`](assemble()) puts items together, [`check`](check()) resolves names and judges, [`lower`](lower())
//! decides the ABI. [`diff`](diff()) compares two interfaces.
#![forbid(unsafe_code)]

mod assemble;
pub mod c_names;
mod check;
pub mod diagnostics;
pub mod diff;
pub mod library_file;
mod lower;
pub mod lowered;
pub mod model;

pub use assemble::{Source, assemble};
pub use check::{Checked, check};
pub use diagnostics::{Diagnostic, Diagnostics};
pub use diff::diff;
pub use lower::lower;
