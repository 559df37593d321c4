//! The runtime `python3`: a plugin that needs a Python in the process before it can be opened.
//!
//! Comes in: the name of a module, a `.py` file. Goes out: the module, opened by the plugin `libxllr_python3`, after
//! [`interpreter`] has found the Python that runs it. Which one may depend on where the first module lies, so nothing is
//! started before there is one.

mod interpreter;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Module, Runtime, plugin};
use crate::error::Error;
use crate::native;
use crate::options::Options;
use crate::search::{self, Spelling};

/// Its name.
pub(super) const NAME: &str = "python3";

/// The runtime; its plugin is there once a module was opened.
#[derive(Default)]
pub(crate) struct Python {
    plugin: Mutex<Option<Arc<dyn Runtime>>>,
}

impl Runtime for Python {
    fn locate(&self, name: &str, options: &Options) -> Result<String, Error> {
        native::utf8(search::find_as(name, options, Spelling::Python, None)?)
    }

    fn open(&self, location: &str, options: &Options) -> Result<Arc<dyn Module>, Error> {
        let plugin = {
            let mut plugin = self.plugin.lock().unwrap_or_else(PoisonError::into_inner);
            match &*plugin {
                Some(plugin) => Arc::clone(plugin),
                None => {
                    let location = Path::new(location);
                    let found = plugin::find(NAME, options, location.parent())?;
                    interpreter::provide(location, options)?;
                    Arc::clone(plugin.insert(plugin::open(&found)?))
                }
            }
        };
        plugin.open(location, options)
    }
}
