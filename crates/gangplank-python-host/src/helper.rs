//! The part of the extension that is Python: exceptions, and what waits for nobody's nanoseconds.
//!
//! Comes in: a module that is being made. Goes out: the names of the files in `runtime/` in it.

use std::ffi::{CStr, CString};
use std::sync::OnceLock;

use gangplank_cpython::{Fault, Object, Why, ffi, str_of};

/// The files, in the order in which they are run.
const FILES: [(&CStr, &str); 6] = [
    (
        c"<gangplank/errors.py>",
        concat!(include_str!("../runtime/errors.py"), "\0"),
    ),
    (
        c"<gangplank/library.py>",
        concat!(include_str!("../runtime/library.py"), "\0"),
    ),
    (
        c"<gangplank/loops.py>",
        concat!(include_str!("../runtime/loops.py"), "\0"),
    ),
    (
        c"<gangplank/hosts.py>",
        concat!(include_str!("../runtime/hosts.py"), "\0"),
    ),
    (
        c"<gangplank/starts.py>",
        concat!(include_str!("../runtime/starts.py"), "\0"),
    ),
    (
        c"<gangplank/events.py>",
        concat!(include_str!("../runtime/events.py"), "\0"),
    ),
];

/// What the module says of itself.
pub(crate) const DOC: &CStr = c"Calls modules of Gangplank.";

/// The module's names.
static SPACE: OnceLock<Object> = OnceLock::new();

/// Runs the helper in a module's names; `space` are those of the extension's functions.
///
/// # Safety
/// The thread holds Python's lock; `module` is a module.
pub(crate) unsafe fn run(module: &Object) -> Result<(), Fault> {
    // SAFETY: the caller's promise, and terminated texts.
    unsafe {
        let space = Object::share(ffi::PyModule_GetDict(module.raw()))?;
        let builtins = Object::share(ffi::PyEval_GetBuiltins())?;
        let name = c"__builtins__".as_ptr();
        if ffi::PyDict_SetItemString(space.raw(), name, builtins.raw()) != 0 {
            return Err(Fault::Raised);
        }
        for (file, source) in FILES {
            let source = source.as_ptr().cast();
            let code = ffi::Py_CompileString(source, file.as_ptr(), ffi::Py_file_input);
            let code = Object::new(code)?;
            Object::new(ffi::PyEval_EvalCode(code.raw(), space.raw(), space.raw()))?;
        }
        // Each file has set its own.
        if ffi::PyModule_SetDocString(module.raw(), DOC.as_ptr()) != 0 {
            return Err(Fault::Raised);
        }
        let _ = SPACE.set(space);
    }
    Ok(())
}

/// Gives a module what another one has: false when there is none yet.
///
/// # Safety
/// The thread holds Python's lock; `module` is a module.
pub(crate) unsafe fn share(module: &Object) -> Result<bool, Fault> {
    let Some(space) = SPACE.get() else {
        return Ok(false);
    };
    // SAFETY: the caller's promise. The list of pairs is ours.
    unsafe {
        let pairs = Object::new(ffi::PyDict_Items(space.raw()))?;
        for index in 0..ffi::PyList_Size(pairs.raw()) {
            let pair = ffi::PyList_GetItem(pairs.raw(), index);
            let (name, value) = (ffi::PyTuple_GetItem(pair, 0), ffi::PyTuple_GetItem(pair, 1));
            let own = str_of(name)?.starts_with("__");
            if !own && ffi::PyObject_SetAttr(module.raw(), name, value) != 0 {
                return Err(Fault::Raised);
            }
        }
    }
    Ok(true)
}

/// A name of the helper's.
///
/// # Safety
/// The thread holds Python's lock.
pub(crate) unsafe fn get(name: &str) -> Result<Object, Fault> {
    let unknown = || Fault::wrong(Why::Value, format!("the extension has no {name}"));
    let space = SPACE.get().ok_or_else(unknown)?;
    let name = CString::new(name).map_err(|_| unknown())?;
    // SAFETY: the caller's promise; the dictionary lends the object.
    unsafe {
        let found = ffi::PyDict_GetItemString(space.raw(), name.as_ptr());
        match found.is_null() {
            true => Err(unknown()),
            false => Object::share(found),
        }
    }
}
