//! An interface for people and programs to read: `gangplank inspect`.
//!
//! Comes in: an interface as it was read, also one that no package could be generated from. Goes out: text, or JSON with
//! the schema of `docs/inspect-json.md`. This looks at the model only: what the ABI adds is for the headers.

mod json;
mod text;

use std::collections::HashSet;

use gangplank_model::check;
use gangplank_model::model::{Declaration, Interface, Name, Object, Trait, Type};

pub use json::{SCHEMA_VERSION, json};
pub use text::text;

/// The types to show: those of the library's crate, and of other crates what the interface uses. Nothing is left out of
/// an interface with errors, because then nobody can tell.
fn types(interface: &Interface) -> Vec<&Declaration<Name>> {
    let used = check(interface.clone()).ok().map(|checked| {
        let types = checked.interface().types.iter();
        types
            .map(|item| item.common().path.clone())
            .collect::<HashSet<_>>()
    });
    let shown = |item: &&Declaration<Name>| {
        let common = item.common();
        let own = common.crate_name() == interface.library.package;
        own || used.as_ref().is_none_or(|used| used.contains(&common.path))
    };
    interface.types.iter().filter(shown).collect()
}

/// The traits that an object has injected.
fn traits<'a>(
    interface: &'a Interface,
    object: &'a Object<Name>,
) -> impl Iterator<Item = &'a Trait<Name>> {
    object.injected.iter().filter_map(|ty| match ty {
        Type::Host(name) | Type::Events(name) => interface
            .traits
            .iter()
            .find(|item| item.path == name.path && item.version == name.version),
        _ => None,
    })
}
