//! A guest: a Python file with an interface, and its functions.

use std::collections::BTreeMap;
use std::mem::ManuallyDrop;
use std::sync::Arc;

use gangplank_cpython::{Fault, Object, bytes_of, call, ffi, lowered, thread};

use crate::fault::{tell, wrong};
use crate::function::Function;
use crate::interface::Interface;
use crate::start;

/// An open guest. Invariant: its functions stay where they are until it is closed.
pub(crate) struct Module {
    path: String,
    functions: BTreeMap<String, Box<Function>>,
}

impl Module {
    /// Imports the file at a path.
    pub(crate) fn open(path: &str) -> Result<Box<Self>, String> {
        if thread::forked() {
            return Err("forked: Python's other threads are not in this process".to_owned());
        }
        // SAFETY: the thread holds the lock.
        let load = || unsafe {
            Self::load(path)
                .map_err(|fault| format!("the guest `{path}` cannot be loaded: {}", tell(fault).1))
        };
        thread::within(load).map_err(|refused| refused.to_string())?
    }

    /// # Safety
    /// The thread holds Python's lock.
    unsafe fn load(path: &str) -> Result<Box<Self>, Fault> {
        // SAFETY: the caller's promise.
        unsafe {
            let open = start::helper()?.attribute(c"open_guest")?;
            let location = Object::text(path)?;
            let opened = call(open.raw(), &mut [std::ptr::null_mut(), location.raw()])?;
            let part = |index| Object::new(ffi::PySequence_GetItem(opened.raw(), index));
            let (guest, callables) = (part(0)?, part(1)?);
            let described = guest.attribute(c"INTERFACE")?;
            let library = lowered(bytes_of(described.raw())?);
            let library = library.map_err(|text| {
                wrong(format!(
                    "its interface cannot be read: {text}; write the guest again"
                ))
            })?;
            let interface = Arc::new(Interface::new(library, &guest.attribute(c"TYPES")?)?);
            let mut functions = BTreeMap::new();
            for (index, lowered) in interface.library.functions.iter().enumerate() {
                let name = lowered.common.local_path().replace("::", ".");
                let key = Object::text(&name)?;
                let found = Object::new(ffi::PyObject_GetItem(callables.raw(), key.raw()))?;
                let part = |index| Object::new(ffi::PySequence_GetItem(found.raw(), index));
                let (callable, late) = (part(0)?, part(1)?);
                let late = (late.raw() != ffi::Py_None()).then_some(late);
                let views = some_of(&part(2)?)?;
                let function = Function::new(&interface, index, (callable, late), views);
                functions.insert(name, Box::new(function));
            }
            let path = path.to_owned();
            Ok(Box::new(Self { path, functions }))
        }
    }

    /// Names, one per line.
    pub(crate) fn functions(&self) -> String {
        let names: Vec<&str> = self.functions.keys().map(String::as_str).collect();
        names.join("\n")
    }

    /// `Calc.div`, or `div` when only one has that name.
    pub(crate) fn find(&self, name: &str) -> Result<&Function, String> {
        if let Some(function) = self.functions.get(name) {
            return Ok(function);
        }
        let rpc = |full: &str| full.rsplit('.').next() == Some(name);
        let mut found = self
            .functions
            .values()
            .filter(|function| rpc(&function.name));
        match (found.next(), found.next()) {
            (Some(only), None) => Ok(only),
            (first, _) => Err(format!(
                "{} function `{name}` in `{}`; there are {}",
                if first.is_some() {
                    "more than one"
                } else {
                    "no"
                },
                self.path,
                self.functions().replace('\n', ", ")
            )),
        }
    }

    /// Gives everything back to Python.
    pub(crate) fn close(self: Box<Self>) {
        let mut module = ManuallyDrop::new(self);
        if thread::forked() || thread::finalizing() {
            return;
        }
        // What it holds is the main interpreter's: in another one it stays.
        // SAFETY: it is dropped once, here, or not at all.
        let _ = thread::within(|| unsafe { ManuallyDrop::drop(&mut module) });
    }
}

/// The members of a tuple; nothing for `None`.
///
/// # Safety
/// The thread holds Python's lock.
unsafe fn some_of(tuple: &Object) -> Result<Vec<Option<Object>>, Fault> {
    // SAFETY: the caller's promise.
    unsafe {
        let count = ffi::PySequence_Size(tuple.raw());
        let member = |index| {
            let member = Object::new(ffi::PySequence_GetItem(tuple.raw(), index))?;
            Ok((member.raw() != ffi::Py_None()).then_some(member))
        };
        (0..count).map(member).collect()
    }
}
