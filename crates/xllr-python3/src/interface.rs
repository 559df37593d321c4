//! A guest's interface.

use std::collections::HashMap;

use gangplank_cpython::{Fault, Object, Plan};
use gangplank_model::lowered::{Library, Shape};

/// A module's interface.
pub(crate) struct Interface {
    pub(crate) library: Library,
    pub(crate) plan: Plan,
    /// Bytes by path, for hosts to compare.
    pub(crate) items: HashMap<String, Vec<u8>>,
}

impl Interface {
    /// Finds the classes in the guest's table.
    ///
    /// # Safety
    /// The thread holds Python's lock.
    pub(crate) unsafe fn new(library: Library, table: &Object) -> Result<Self, Fault> {
        // SAFETY: the caller's promise.
        let plan = unsafe { Plan::new(&library, table)? };
        let types = library.types.iter().filter_map(|ty| match &ty.shape {
            Shape::Enum(of) => Some(&of.common),
            Shape::Record(of) => Some(&of.common),
            Shape::Variant(of) => Some(&of.common),
            _ => None,
        });
        let functions = library.functions.iter().map(|function| &function.common);
        let items = types
            .chain(functions)
            .map(|common| (common.path.clone(), common.item.clone()))
            .collect();
        Ok(Self {
            library,
            plan,
            items,
        })
    }
}
