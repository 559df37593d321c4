//! Runtimes that are libraries of their own, for languages that need more than a loader.
//!
//! Comes in: the name of a runtime that is not built in. Goes out: the runtime in `libxllr_<name>`, or where it was looked
//! for. `xllr_runtime.h` is the contract.

mod function;
mod raw;

use std::collections::HashMap;
use std::ffi::c_void;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Module, Runtime, built_in};
use crate::abi::RawOptions;
use crate::buffer;
use crate::error::{Error, Kind};
use crate::native::{self, Handle};
use crate::options::Options;
use crate::search::{self, Spelling};
use crate::target::Target;
use raw::{Lent, RawFound, RawPlugin, Reply};

/// The plugin's file, which may lie where a module with these options may, and beside its module.
pub(super) fn find(name: &str, options: &Options, beside: Option<&Path>) -> Result<PathBuf, Error> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || !name.chars().all(plain) {
        let text = format!("{name:?} is not the name of a runtime");
        return Err(Error::new(Kind::BadArgument, text));
    }
    let file = format!("xllr_{name}");
    search::find_as(&file, options, Spelling::Library, beside).map_err(|error| {
        let text = format!(
            "runtime `{name}` not found: {} are built in; {}",
            built_in().join(" and "),
            error.text()
        );
        Error::new(error.kind(), text)
    })
}

pub(super) fn load(name: &str, options: &Options) -> Result<Arc<dyn Runtime>, Error> {
    open(&find(name, options, None)?)
}

/// Opens and starts the plugin in this file.
pub(super) fn open(path: &Path) -> Result<Arc<dyn Runtime>, Error> {
    let bad = |text: String| {
        let text = format!("`{}` {text}", path.display());
        Error::new(Kind::BadModule, text)
    };
    let handle = native::open_kept(path)?;
    let symbol = handle.symbol("xllr_runtime");
    let plugin =
        symbol.ok_or_else(|| bad("is no runtime: it does not export xllr_runtime".to_owned()))?;
    let plugin: *const RawPlugin = plugin.cast_const().cast();
    // SAFETY: the symbol is an `xllr_plugin`, which starts with size and version.
    let (size, abi) = unsafe { ((*plugin).size, (*plugin).abi) };
    if abi != raw::ABI || (size as usize) < size_of::<RawPlugin>() {
        let text = format!("has runtime ABI {abi}, this XLLR knows {}", raw::ABI);
        return Err(bad(text));
    }
    let mut reply = Reply::default();
    // SAFETY: all of the plugin is there, and it is never unloaded; `load` takes places for an error.
    let (plugin, runtime) = unsafe {
        let plugin: &'static RawPlugin = &*plugin;
        let (text, len) = reply.places();
        (plugin, (plugin.load)(text, len))
    };
    if runtime.is_null() {
        return Err(bad(format!("cannot be started: {}", reply.text())));
    }
    Ok(Arc::new(Plugin {
        started: Arc::new(Started { plugin, runtime }),
        _handle: handle,
    }))
}

/// A started runtime. Invariant: `runtime` came from `load` and is unloaded once, here.
struct Started {
    plugin: &'static RawPlugin,
    runtime: *mut c_void,
}

// SAFETY: a runtime's functions may be called on any thread (`xllr_runtime.h`).
unsafe impl Send for Started {}
// SAFETY: as above.
unsafe impl Sync for Started {}

impl Drop for Started {
    fn drop(&mut self) {
        // SAFETY: the invariant; each module holds this, so all are closed.
        unsafe { (self.plugin.unload)(self.runtime) };
    }
}

struct Plugin {
    started: Arc<Started>,
    _handle: Handle,
}

impl Runtime for Plugin {
    fn locate(&self, name: &str, options: &Options) -> Result<String, Error> {
        let Some(locate) = self.started.plugin.locate else {
            return native::located(name, options);
        };
        let lent = Lent::new(options)?;
        let (mut reply, mut len) = (Reply::default(), 0);
        // SAFETY: the runtime is started, texts are pointer and length, and the text that comes out is from malloc.
        let location = unsafe {
            let (text, text_len) = reply.places();
            let name_len = raw::length(name)?;
            let location = locate(
                self.started.runtime,
                name.as_ptr().cast(),
                name_len,
                lent.raw(),
                &mut len,
                text,
                text_len,
            );
            raw::take(location, len)
        };
        location.ok_or_else(|| Error::new(Kind::NotFound, reply.text()))
    }

    fn open(&self, location: &str, options: &Options) -> Result<Arc<dyn Module>, Error> {
        let lent = Lent::new(options)?;
        let mut reply = Reply::default();
        // SAFETY: as in `locate`.
        let module = unsafe {
            let (text, text_len) = reply.places();
            let options: *const RawOptions = lent.raw();
            (self.started.plugin.open)(
                self.started.runtime,
                location.as_ptr().cast(),
                raw::length(location)?,
                options,
                text,
                text_len,
            )
        };
        if module.is_null() {
            return Err(Error::new(Kind::BadModule, reply.text()));
        }
        Ok(Arc::new(PluginModule {
            location: location.to_owned(),
            found: Mutex::default(),
            module,
            started: Arc::clone(&self.started),
        }))
    }
}

/// An open module. Invariant: `module` came from `open` and is closed once, here.
struct PluginModule {
    location: String,
    /// What was found stays valid as long as the module is open, so it is asked for once.
    found: Mutex<HashMap<String, Arc<Target>>>,
    module: *mut c_void,
    started: Arc<Started>,
}

// SAFETY: as for `Started`.
unsafe impl Send for PluginModule {}
// SAFETY: as for `Started`.
unsafe impl Sync for PluginModule {}

impl Drop for PluginModule {
    fn drop(&mut self) {
        // SAFETY: the invariant; who holds a function of it holds the module.
        unsafe { (self.started.plugin.close)(self.started.runtime, self.module) };
    }
}

impl PluginModule {
    /// `Calc.div` of `div`: what the list calls a function that was found.
    fn full(&self, name: &str) -> String {
        let all = self.functions();
        let exact = all.iter().find(|full| *full == name);
        let mut short = all
            .iter()
            .filter(|full| full.split_once('.').is_some_and(|(_, last)| last == name));
        let full = exact.or_else(|| short.next());
        full.map_or_else(|| name.to_owned(), Clone::clone)
    }
}

impl Module for PluginModule {
    fn location(&self) -> &str {
        &self.location
    }

    fn functions(&self) -> Vec<String> {
        let mut len = 0;
        // SAFETY: the module is open, and the text that comes out is from malloc.
        let names = unsafe {
            let names = (self.started.plugin.functions)(self.module, &mut len);
            raw::take(names, len)
        };
        let names = names.unwrap_or_default();
        let mut names: Vec<String> = names.lines().map(str::to_owned).collect();
        names.sort();
        names
    }

    fn find(&self, function: &str) -> Result<Arc<Target>, Error> {
        let mut known = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(target) = known.get(function) {
            return Ok(Arc::clone(target));
        }
        let (mut reply, mut found) = (Reply::default(), RawFound::EMPTY);
        // SAFETY: the module is open, the text is pointer and length, and `found` says how large it is.
        let status = unsafe {
            let (text, text_len) = reply.places();
            (self.started.plugin.find)(
                self.module,
                function.as_ptr().cast(),
                raw::length(function)?,
                &mut found,
                text,
                text_len,
            )
        };
        if status != 0 {
            return Err(Error::new(Kind::NotFound, reply.text()));
        }
        let target = Arc::new(function::target(&self.full(function), &found));
        known.insert(function.to_owned(), Arc::clone(&target));
        Ok(target)
    }
}

impl Reply {
    fn text(&self) -> String {
        // SAFETY: a plugin leaves NULL or so many bytes.
        let bytes = unsafe { buffer::bytes(self.text.cast_const().cast(), self.len as usize) };
        match bytes {
            [] => "the runtime does not say why".to_owned(),
            bytes => String::from_utf8_lossy(bytes).into_owned(),
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        // SAFETY: a plugin's text is from malloc, and nobody else's.
        unsafe { buffer::free(self.text.cast()) };
        self.text = ptr::null_mut();
    }
}
