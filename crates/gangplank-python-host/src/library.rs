//! A library as its package knows it, and the module behind it.
//!
//! Comes in: what `_gangplank.library(…)` was given. Goes out: the interface with its plan, and, from the first use on, the
//! module: found, opened and compared by XLLR. Libraries are never given back: functions, classes and callbacks of other
//! threads refer to them.

use std::collections::HashMap;
use std::ffi::CStr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use gangplank_cpython::{Fault, Object, Plan, Raw, Reader, Why, lowered};
use gangplank_model::lowered::{Common, Function as Lowered, Library as Interface, Shape};
use xllr::{Expected, ExpectedItem, Module, Options, Typed};

use crate::capsule;
use crate::errors::{Raised, raise, raise_fault, raise_xllr};
use crate::exports::Exports;
use crate::object::{Class, Owned};
use crate::pending::lock;
use crate::python::without_lock;

/// A library. Invariant: it lives as long as the process.
pub(crate) struct Library {
    pub(crate) name: String,
    pub(crate) runtime: String,
    module: String,
    /// The folder of its package.
    here: Option<PathBuf>,
    pub(crate) interface: Interface,
    /// Made at the first use: classes of objects may not be there when the library is.
    plan: OnceLock<Plan>,
    types: Object,
    /// The classes of its objects, in the order of the interface.
    pub(crate) classes: Vec<OnceLock<Class>>,
    /// What the module is to be instead of `module`.
    path: Mutex<Option<String>>,
    opened: OnceLock<Opened>,
    /// Items by path.
    items: HashMap<String, Vec<u8>>,
}

/// The module.
pub(crate) struct Opened {
    pub(crate) module: Module,
    pub(crate) exports: Exports,
    path: Option<String>,
}

impl Library {
    /// # Safety
    /// The thread holds Python's lock; `types` is a mapping.
    pub(crate) unsafe fn new(
        names: [&str; 4],
        interface: &[u8],
        types: Object,
    ) -> Result<&'static Self, Raised> {
        let [name, runtime, module, here] = names;
        let lowered = lowered(interface).map_err(|text| {
            let text = format!(
                "the interface of {name} cannot be read: {text}; generate the package again"
            );
            raise("MismatchError", &text)
        })?;
        let here = Path::new(here);
        let items = all(&lowered)
            .map(|common| (common.path.clone(), common.item.clone()))
            .collect();
        let classes = lowered.objects.iter().map(|_| OnceLock::new()).collect();
        Ok(Box::leak(Box::new(Self {
            name: name.to_owned(),
            runtime: runtime.to_owned(),
            module: module.to_owned(),
            here: std::path::absolute(here)
                .ok()
                .and_then(|here| here.parent().map(Path::to_owned)),
            classes,
            items,
            interface: lowered,
            plan: OnceLock::new(),
            types,
            path: Mutex::new(None),
            opened: OnceLock::new(),
        })))
    }

    /// How its values convert.
    ///
    /// # Safety
    /// The thread holds Python's lock.
    #[inline]
    pub(crate) unsafe fn plan(&self) -> Result<&Plan, Raised> {
        match self.plan.get() {
            Some(plan) => Ok(plan),
            // SAFETY: the caller's promise.
            None => unsafe { self.make_plan() },
        }
    }

    #[cold]
    unsafe fn make_plan(&self) -> Result<&Plan, Raised> {
        // SAFETY: the promise of `plan`. Should another thread be faster, both plans are the same.
        let plan = unsafe { Plan::new(&self.interface, &self.types) };
        let plan = plan.map_err(|fault| raise_fault(fault, &self.name))?;
        Ok(self.plan.get_or_init(|| plan))
    }

    /// The module: found, opened and compared at the first use. What went wrong is tried again next time.
    ///
    /// # Safety
    /// The thread holds Python's lock, which is given back while the module is opened.
    #[inline]
    pub(crate) unsafe fn opened(&'static self) -> Result<&'static Opened, Raised> {
        match self.opened.get() {
            Some(opened) => Ok(opened),
            // SAFETY: the caller's promise.
            None => unsafe { self.open() },
        }
    }

    /// Without opening it.
    pub(crate) fn is_open(&self) -> Option<&Opened> {
        self.opened.get()
    }

    #[cold]
    unsafe fn open(&'static self) -> Result<&'static Opened, Raised> {
        let chosen = lock(&self.path).clone();
        let options = Options {
            package_dir: self.here.clone(),
            source_dir: self.here.clone(),
            ..Options::default()
        };
        let variable = format!("{}_LIBRARY", self.name.to_uppercase());
        let wanted = chosen.clone().or_else(|| {
            let value = std::env::var(&variable).ok();
            value.filter(|value| !value.is_empty())
        });
        let wanted = wanted.unwrap_or_else(|| self.module.clone());
        // SAFETY: the caller holds the lock. Opening runs code of the module, which may want it.
        let module = unsafe { without_lock(|| Module::open(&self.runtime, &wanted, &options)) };
        let module = module.map_err(|error| raise_xllr(&error))?;
        let exports = Exports::find(&module);
        Ok(self.opened.get_or_init(|| Opened {
            module,
            exports,
            path: chosen,
        }))
    }

    /// Compares every function that the package has with the module's, as each function does at its first call.
    ///
    /// # Safety
    /// The thread holds Python's lock.
    pub(crate) unsafe fn compare(&'static self) -> Result<(), Raised> {
        // SAFETY: the caller's promise.
        let opened = unsafe { self.opened()? };
        let find = || {
            functions(&self.interface).try_for_each(|function| {
                let name = called(&self.interface, function);
                self.typed(opened, &name, function).map(drop)
            })
        };
        // SAFETY: as above.
        unsafe { without_lock(find) }.map_err(|error| raise_xllr(&error))
    }

    /// A function of the module, compared with the package's.
    pub(crate) fn typed(
        &self,
        opened: &Opened,
        name: &str,
        function: &Lowered,
    ) -> Result<Typed, xllr::Error> {
        let items = self.needed(function);
        let items: Vec<&[u8]> = items.iter().map(Vec::as_slice).collect();
        let expected = expected(self.interface.abi, function);
        opened.module.function(name)?.typed(&expected, &items)
    }

    /// The bytes of a function's item and of the types that it reaches.
    fn needed(&self, function: &Lowered) -> Vec<Vec<u8>> {
        let depends = function.depends.iter().map(|item| &item.path);
        let others = depends.filter(|path| **path != function.common.path);
        let items = std::iter::once(&function.common.path).chain(others);
        items
            .filter_map(|path| self.items.get(path).cloned())
            .collect()
    }

    /// What the module is to be: before its first use.
    pub(crate) fn choose(&self, path: &str) -> Result<(), Raised> {
        if let Some(opened) = self.opened.get() {
            if opened.path.as_deref() == Some(path) {
                return Ok(());
            }
            let text = format!(
                "{} is already loaded, {path} comes too late: call load_library() before anything else",
                self.name
            );
            return Err(raise("LoadError", &text));
        }
        *lock(&self.path) = Some(path.to_owned());
        Ok(())
    }

    /// Makes objects of what functions of the library give.
    ///
    /// # Safety
    /// The thread holds Python's lock.
    #[inline]
    pub(crate) unsafe fn reader<'a>(&'static self, owned: &'a Owned) -> Result<Reader<'a>, Raised> {
        Ok(Reader {
            // SAFETY: the caller's promise.
            plan: unsafe { self.plan()? },
            handles: owned,
        })
    }

    /// The function at a path within the library: `Calc.div`, `add`, `Timer.echo`, `cold.Thing.open`.
    pub(crate) fn function(&self, path: &str) -> Result<&Lowered, Fault> {
        let mut all = functions(&self.interface);
        all.find(|function| function.common.local_path().replace("::", ".") == path)
            .ok_or_else(|| self.lacks("function", path))
    }

    /// The package asks for what its interface has not.
    #[cold]
    pub(crate) fn lacks(&self, what: &str, name: &str) -> Fault {
        let text = format!("{} has no {what} {name}", self.name);
        Fault::wrong(Why::Value, text)
    }
}

/// All functions: free ones, constructors and methods.
pub(crate) fn functions(interface: &Interface) -> impl Iterator<Item = &Lowered> {
    let of_objects = interface
        .objects
        .iter()
        .flat_map(|object| object.constructors.iter().chain(&object.methods));
    interface.functions.iter().chain(of_objects)
}

/// What XLLR calls a function.
pub(crate) fn called(interface: &Interface, function: &Lowered) -> String {
    let common = &function.common;
    if common.proto.is_some() {
        return common.local_path().replace("::", ".");
    }
    let owner = interface.objects.iter().find(|object| {
        let mut own = object.constructors.iter().chain(&object.methods);
        own.any(|other| std::ptr::eq(other, function))
    });
    match owner {
        Some(object) => format!("{}.{}", object.common.name, common.name),
        None => common.name.clone(),
    }
}

/// What a host compares before its first call of a function.
fn expected(abi: u32, function: &Lowered) -> Expected {
    let items = function.depends.iter().map(|item| ExpectedItem {
        path: item.path.clone(),
        hash: item.hash,
        abi_hash: item.abi_hash,
        shape: item.shape_text.clone(),
    });
    Expected {
        abi,
        items: items.collect(),
    }
}

/// Everything that has an item.
fn all(interface: &Interface) -> impl Iterator<Item = &Common> {
    let types = interface.types.iter().filter_map(|ty| match &ty.shape {
        Shape::Enum(of) => Some(&of.common),
        Shape::Record(of) => Some(&of.common),
        Shape::Variant(of) => Some(&of.common),
        _ => None,
    });
    types.chain(functions(interface).map(|function| &function.common))
}

const NAME: &CStr = c"gangplank library";

/// A library as an object of Python.
///
/// # Safety
/// The thread holds Python's lock.
pub(crate) unsafe fn to_capsule(library: &'static Library) -> Result<Object, Fault> {
    // SAFETY: the caller's promise.
    unsafe { capsule::make(NAME, library) }
}

/// The library of an object that [`to_capsule`] has made.
///
/// # Safety
/// `capsule` is an object; the thread holds Python's lock.
pub(crate) unsafe fn of_capsule(capsule: Raw) -> Result<&'static Library, Fault> {
    // SAFETY: the caller's promise.
    unsafe { capsule::take(NAME, capsule) }
}
