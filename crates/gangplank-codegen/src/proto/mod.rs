//! The front end for `.proto` files: services become functions of the same model.
//!
//! Comes in: the path of a `.proto` file and the folders of its imports. Goes out: descriptor items, as a library file
//! would hold them, and beside them what no interface says: the tags that name the code behind each rpc, and the
//! descriptors for tools of protobuf itself. Nothing after this front end knows protobuf's syntax.

mod compile;
mod docs;
mod enums;
mod errors;
mod fields;
mod files;
mod functions;
mod messages;
mod names;
mod recursion;

use std::path::{Path, PathBuf};

use gangplank_model::{Diagnostics, Source};

/// What a `.proto` file says.
#[derive(Clone, Debug)]
pub struct Front {
    /// The interface.
    pub source: Source,
    /// The name that the file is imported by: `shop/v1/shop.proto`.
    pub file: String,
    /// The value of `option go_package`.
    pub go_package: Option<String>,
    /// A serialized `FileDescriptorSet` of the file and everything it imports, with source info, imported files first.
    pub descriptors: Vec<u8>,
}

/// Reads the interface of the `.proto` file at `path`; its imports are looked up in `includes` in order, then beside it.
///
/// # Errors
///
/// Everything that is wrong with it and its imports.
pub fn read(path: &Path, includes: &[PathBuf]) -> Result<Front, Diagnostics> {
    let loaded = files::load(path, includes)?;
    let compiled = compile::compile(&loaded)?;
    let items = messages::items(&compiled);
    Ok(Front {
        source: Source { items, root: None },
        go_package: compiled.go_package(),
        descriptors: compiled.descriptors,
        file: loaded.main,
    })
}
