//! The front end for `.proto` files: services become functions of the same model.
//!
//! Comes in: the path of a `.proto` file and the folders of its imports. Goes out: descriptor items, as a library file
//! would hold them, and beside them what no interface says: the tags that name the code behind each rpc, and the
//! descriptors for tools of protobuf itself. Nothing after this front end knows protobuf's syntax.

mod compile;
mod cycles;
mod docs;
mod enums;
mod errors;
mod fields;
mod files;
mod functions;
mod messages;
mod names;
mod recursion;
mod rules;
mod scan;
mod tags;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gangplank_model::model::Location;
use gangplank_model::{Diagnostics, Source};

pub use tags::{Environment, Tag, Tags};

/// What a `.proto` file says.
#[derive(Clone, Debug)]
pub struct Front {
    /// The interface.
    pub source: Source,
    /// The name that the file is imported by: `shop/v1/shop.proto`.
    pub file: String,
    /// Which code is behind each function, by its path (`calc::Calc::div`).
    pub tags: BTreeMap<String, Tags>,
    /// A serialized `FileDescriptorSet` of the file and everything it imports, with source info, imported files first.
    pub descriptors: Vec<u8>,
}

/// Reads the interface of the `.proto` file at `path`; its imports are looked up in `includes` in order, then beside it.
///
/// # Errors
///
/// Everything that is wrong with it and its imports.
pub fn read(path: &Path, includes: &[PathBuf]) -> Result<Front, Diagnostics> {
    read_with(path, includes, &|name| std::env::var(name).ok())
}

/// The interface alone: for those who do not ask which code is behind it, and need not have its variables set.
///
/// # Errors
///
/// As for [`read`].
pub fn interface(path: &Path, includes: &[PathBuf]) -> Result<Source, Diagnostics> {
    let as_written = |name: &str| Some(format!("${{{name}}}"));
    read_with(path, includes, &as_written).map(|front| front.source)
}

/// The text of the file that a place in a finding is in, for those who show it: by what [`read`] was given.
pub fn sources(path: &Path, includes: &[PathBuf]) -> impl Fn(&Location) -> Option<String> {
    let found = paths(path, includes);
    move |location| std::fs::read_to_string(found(&location.file)?).ok()
}

/// Where the files are that [`read`] has read, by the names that imports have for them; nothing: it comes with protobuf or this
/// toolkit.
pub fn paths(path: &Path, includes: &[PathBuf]) -> impl Fn(&str) -> Option<PathBuf> {
    let (main, folders) = files::place(path, includes);
    let path = path.to_owned();
    move |name| {
        if name == main {
            return Some(path.clone());
        }
        // What is asked for was read before, so this leads nowhere else.
        let mut paths = folders.iter().map(|folder| folder.join(name));
        paths.find(|path| path.is_file())
    }
}

/// The same with another environment for the variables in tags.
///
/// # Errors
///
/// As for [`read`].
pub fn read_with(
    path: &Path,
    includes: &[PathBuf],
    environment: Environment<'_>,
) -> Result<Front, Diagnostics> {
    let loaded = files::load(path, includes)?; //        names → parsed files
    let compiled = compile::compile(&loaded)?; //        → descriptors, every name found
    let mut found = Diagnostics::default();
    rules::check(&compiled, &mut found);
    let source = loaded.source();
    let tags = tags::tags(&compiled.main, source, environment, &mut found);
    let items = messages::items(&compiled, &mut found); // → items
    found.into_result(Front {
        source: Source { items, root: None },
        tags,
        descriptors: compiled.descriptors,
        file: loaded.main,
    })
}
