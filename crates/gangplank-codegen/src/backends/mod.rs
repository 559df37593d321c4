//! The languages, one folder each: a view (Rust structs already spelled in the language), names, templates and plain
//! runtime files. [`crate::backend::BACKENDS`] lists them.

pub mod c;
pub mod go;
pub mod python;
pub mod rust;
