//! What is loaded in this process.
//!
//! Comes in: names of runtimes and modules. Goes out: the module, loaded by whoever asks first. Lock order: none of the
//! locks here is held while a runtime or a module is loaded or freed, but for the one of that very runtime or module.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use crate::error::{Error, Kind};
use crate::isolate;
use crate::options::Options;
use crate::registry::Registry;
use crate::runtime::{self, Module, Runtime};

static RUNTIMES: LazyLock<Registry<String, Loaded>> = LazyLock::new(Registry::new);

/// A runtime and its modules.
pub(crate) struct Loaded {
    modules: Registry<Key, dyn Module>,
    /// What hosts have called the modules.
    names: RwLock<HashMap<String, Vec<(Options, Key)>>>,
    name: String,
    /// Last: modules may need it until they are gone.
    runtime: Arc<dyn Runtime>,
}

/// Equal keys are one module.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    location: String,
    isolate: bool,
}

/// The runtime of this name, all of which is there before it has a module.
pub(crate) fn whole_runtime(name: &str) -> Result<Arc<Loaded>, Error> {
    if RUNTIMES.get(name).is_none() {
        runtime::check(name)?;
    }
    runtime(name, &Options::default())
}

/// The runtime of this name for a module with these options.
pub(crate) fn runtime(name: &str, options: &Options) -> Result<Arc<Loaded>, Error> {
    if let Some(loaded) = RUNTIMES.get(name) {
        return Ok(loaded);
    }
    RUNTIMES.get_or_load(name.to_owned(), || {
        Ok(Arc::new(Loaded {
            modules: Registry::new(),
            names: RwLock::default(),
            name: name.to_owned(),
            runtime: runtime::load(name, options)?,
        }))
    })
}

/// Frees a runtime and its modules; nothing when it is not loaded.
pub(crate) fn free_runtime(name: &str) -> Result<(), Error> {
    if RUNTIMES.get(name).is_none() {
        return runtime::check(name);
    }
    RUNTIMES.remove(name);
    Ok(())
}

/// Frees a module, by any name that it was loaded under; nothing when it is not loaded.
pub(crate) fn free_module(runtime: &str, module: &str) -> Result<(), Error> {
    match RUNTIMES.get(runtime) {
        Some(loaded) => {
            loaded.free(module);
            Ok(())
        }
        None => runtime::check(runtime),
    }
}

impl Loaded {
    /// The module of this name, found with these options.
    pub(crate) fn load(&self, name: &str, options: &Options) -> Result<Arc<dyn Module>, Error> {
        if let Some(module) = self.known(name, options) {
            return Ok(module);
        }
        let key = Key {
            location: self.runtime.locate(name, options)?,
            isolate: options.isolate,
        };
        let open = || match options.isolate {
            true => isolate::open(&self.name, &key.location, "it was asked for", options),
            false => self.runtime.open(&key.location, options),
        };
        let module = self.modules.get_or_load(key.clone(), open)?;
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        let keys = names.entry(name.to_owned()).or_default();
        if !keys.iter().any(|(known, _)| known == options) {
            keys.push((options.clone(), key));
        }
        Ok(module)
    }

    /// The module of this name, however it was found; else found without options.
    pub(crate) fn find(&self, name: &str) -> Result<Arc<dyn Module>, Error> {
        let key = {
            let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
            match names.get(name).map(Vec::as_slice) {
                None | Some([]) => None,
                Some([(_, first), others @ ..]) => {
                    if let Some((_, other)) = others.iter().find(|(_, key)| key != first) {
                        return Err(ambiguous(name, first, other));
                    }
                    Some(first.clone())
                }
            }
        };
        match key.and_then(|key| self.modules.get(&key)) {
            Some(module) => Ok(module),
            None => self.load(name, &Options::default()),
        }
    }

    fn known(&self, name: &str, options: &Options) -> Option<Arc<dyn Module>> {
        let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
        let (_, key) = names
            .get(name)?
            .iter()
            .find(|(known, _)| known == options)?;
        self.modules.get(key)
    }

    fn free(&self, name: &str) {
        let keys = {
            let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
            let keys = names.remove(name).unwrap_or_default();
            names.retain(|_, others| {
                others.retain(|(_, key)| !keys.iter().any(|(_, freed)| freed == key));
                !others.is_empty()
            });
            keys
        };
        for (_, key) in keys {
            self.modules.remove(&key);
        }
    }
}

fn ambiguous(name: &str, first: &Key, second: &Key) -> Error {
    let place = |key: &Key| match key.isolate {
        true => format!("`{}` in a helper process", key.location),
        false => format!("`{}`", key.location),
    };
    let text = format!(
        "module `{name}` may be {} or {}: call it by its path",
        place(first),
        place(second)
    );
    Error::new(Kind::NotFound, text)
}
