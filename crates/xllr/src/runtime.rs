//! Languages behind one trait, and the table of those that are built in.
//!
//! Comes in: a runtime's name. Goes out: something that opens modules. A language that is not in the table is a plugin.

mod plugin;
mod python;
mod testing;

use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::Arc;

use crate::error::Error;
use crate::native;
use crate::options::Options;
use crate::target::Target;

/// What runs the modules of a language.
pub(crate) trait Runtime: Send + Sync {
    /// What `name` means: equal locations are one module. Nothing is opened.
    fn locate(&self, name: &str, options: &Options) -> Result<String, Error>;

    /// Opens the module at a location of [`locate`](Runtime::locate).
    fn open(&self, location: &str, options: &Options) -> Result<Arc<dyn Module>, Error>;
}

/// A loaded module. Dropping it unloads it, where its language can do that.
pub(crate) trait Module: Send + Sync {
    /// Its path, for messages.
    fn location(&self) -> &str;

    /// The names of its functions, sorted.
    fn functions(&self) -> Vec<String>;

    /// The function of this name, or which names there are.
    fn find(&self, function: &str) -> Result<Arc<Target>, Error>;

    /// An item of a library's interface as text, where the library can do that.
    fn explain(&self, item: &[u8]) -> Option<String> {
        let _ = item;
        None
    }

    /// What a library of Gangplank exports as `<lib>_<name>` (`docs/abi.md`); a module of another kind has none.
    fn export(&self, name: &str) -> Option<NonNull<c_void>> {
        let _ = name;
        None
    }
}

/// A line of the table.
struct BuiltIn {
    name: &'static str,
    /// Whether the rest of it is a plugin, which must be there as well.
    plugin: bool,
    make: fn() -> Arc<dyn Runtime>,
}

const BUILT_IN: &[BuiltIn] = &[
    BuiltIn {
        name: native::NAME,
        plugin: false,
        make: || Arc::new(native::Native),
    },
    BuiltIn {
        name: "test",
        plugin: false,
        make: || Arc::new(testing::Test::default()),
    },
    BuiltIn {
        name: python::NAME,
        plugin: true,
        make: || Arc::new(python::Python::default()),
    },
];

/// Loads a runtime for a module with these options.
pub(crate) fn load(name: &str, options: &Options) -> Result<Arc<dyn Runtime>, Error> {
    match BUILT_IN.iter().find(|runtime| runtime.name == name) {
        Some(runtime) => Ok((runtime.make)()),
        None => plugin::load(name, options),
    }
}

/// Whether a runtime of this name is there, loaded or not.
pub(crate) fn check(name: &str) -> Result<(), Error> {
    if complete().any(|runtime| runtime.name == name) {
        return Ok(());
    }
    plugin::find(name, &Options::default(), None).map(drop)
}

fn complete() -> impl Iterator<Item = &'static BuiltIn> {
    BUILT_IN.iter().filter(|runtime| !runtime.plugin)
}

fn built_in() -> Vec<String> {
    complete()
        .map(|runtime| format!("`{}`", runtime.name))
        .collect()
}
