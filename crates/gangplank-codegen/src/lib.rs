//! From an interface to packages: front ends that read an interface, and language backends that write files.
//!
//! Comes in: a library file or a `.proto` file, and the author's configuration. Goes out: the files of one
//! language. [`generate()`] is the whole line; everything else is one of its stations.

#![forbid(unsafe_code)]

pub mod backend;
pub mod backends;
pub mod build;
pub mod compile;
pub mod config;
mod generate;
pub mod inspect;
pub mod output;
pub mod placing;
mod prose;
pub mod proto;
pub mod render;

pub use gangplank_model::library_file;
pub(crate) use generate::lowered;
pub use generate::{Input, generate};
