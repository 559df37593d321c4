//! The module: what it refuses, and what it is made of.

use std::ffi::{CStr, c_int, c_void};
use std::sync::OnceLock;

use gangplank_cpython::{Fault, Object, Raw, ffi, thread};

use crate::errors::Raised;
use crate::{awaitable, callable, helper, native};

/// # Safety
/// The thread holds Python's lock.
pub(crate) unsafe fn define() -> Raw {
    static DEFINITION: OnceLock<usize> = OnceLock::new();
    let definition = DEFINITION.get_or_init(|| {
        let slots = Box::leak(Box::new([
            ffi::PyModuleDef_Slot {
                slot: ffi::Py_mod_exec,
                value: execute as *mut c_void,
            },
            ffi::PyModuleDef_Slot::default(),
        ]));
        let definition = Box::leak(Box::new(ffi::PyModuleDef {
            m_base: ffi::PyModuleDef_HEAD_INIT,
            m_name: c"_gangplank".as_ptr(),
            m_doc: helper::DOC.as_ptr(),
            m_size: 0,
            m_methods: std::ptr::null_mut(),
            m_slots: slots.as_mut_ptr(),
            m_traverse: None,
            m_clear: None,
            m_free: None,
        }));
        std::ptr::from_mut(definition) as usize
    });
    // SAFETY: the definition lives as long as the process; the caller's promise.
    unsafe { ffi::PyModuleDef_Init(*definition as *mut ffi::PyModuleDef) }
}

/// Fills the module. What it is made of belongs to one interpreter, and is there once.
unsafe extern "C" fn execute(module: Raw) -> c_int {
    // SAFETY: CPython passes the module, and holds the lock.
    let filled = unsafe { refuse().and_then(|()| fill(module).map_err(Raised::from)) };
    match filled {
        Ok(()) => 0,
        Err(Raised) => -1,
    }
}

/// # Safety
/// The thread holds Python's lock; `module` is a module.
unsafe fn fill(module: Raw) -> Result<(), Fault> {
    // SAFETY: the caller's promise.
    unsafe {
        let module = Object::share(module)?;
        // The file once more, under another name: a package that links to another's.
        if helper::share(&module)? {
            return Ok(());
        }
        thread::watch_forks();
        native::add(&module)?;
        awaitable::init()?;
        callable::init()?;
        helper::run(&module)
    }
}

/// Which interpreters cannot have the extension.
///
/// # Safety
/// The thread holds Python's lock.
unsafe fn refuse() -> Result<(), Raised> {
    // SAFETY: the caller's promise; versions are terminated texts.
    unsafe {
        let version = CStr::from_ptr(ffi::Py_GetVersion()).to_string_lossy();
        if version.contains("free-threading") {
            return Err(import_error(
                c"gangplank does not support free-threaded builds of Python yet: use the ordinary build of this version",
            ));
        }
        if ffi::PyInterpreterState_GetID(ffi::PyInterpreterState_Get()) != 0 {
            return Err(import_error(
                c"gangplank does not support sub-interpreters: import it in the main one",
            ));
        }
    }
    Ok(())
}

fn import_error(text: &CStr) -> Raised {
    // SAFETY: the module is being made, with Python's lock; a terminated text.
    unsafe { ffi::PyErr_SetString(ffi::PyExc_ImportError, text.as_ptr()) };
    Raised
}
