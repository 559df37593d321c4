//! Why a call does not give a result.

use pyo3_ffi as ffi;

use crate::abi;
use crate::python::{Object, call, str_of};
use crate::start;

/// Why.
pub(crate) enum Fault {
    /// Python has an exception set on this thread.
    Raised,
    /// A status of `docs/abi.md` and a text.
    Status(i32, String),
}

impl Fault {
    /// A value that is not what the interface says: the function's own mistake.
    pub(crate) fn wrong(text: impl Into<String>) -> Self {
        Self::Status(abi::ERR, text.into())
    }

    /// Says where, before what.
    pub(crate) fn at(self, place: impl FnOnce() -> String) -> Self {
        match self {
            Self::Status(status, text) => Self::Status(status, format!("{}: {text}", place())),
            Self::Raised => Self::Raised,
        }
    }

    /// Status and text; the exception is taken.
    ///
    /// # Safety
    /// The thread holds Python's lock.
    pub(crate) unsafe fn tell(self) -> (i32, String) {
        match self {
            Self::Status(status, text) => (status, text),
            // SAFETY: the caller's promise.
            Self::Raised => (abi::ERR, unsafe { raised() }),
        }
    }
}

/// Type, message and traceback of the exception that is set. Nothing is printed, and `SystemExit` ends nothing.
///
/// # Safety
/// The thread holds Python's lock.
unsafe fn raised() -> String {
    let (mut ty, mut value, mut trace) = (
        std::ptr::null_mut(),
        std::ptr::null_mut(),
        std::ptr::null_mut(),
    );
    // SAFETY: the caller's promise; what is fetched is ours, and each may be NULL.
    unsafe {
        #[allow(deprecated, reason = "its successor is not in the stable ABI of 3.10")]
        {
            ffi::PyErr_Fetch(&mut ty, &mut value, &mut trace);
            ffi::PyErr_NormalizeException(&mut ty, &mut value, &mut trace);
        }
        if !value.is_null() && !trace.is_null() {
            ffi::PyException_SetTraceback(value, trace);
        }
        let text = start::helper().and_then(|helper| {
            let describe = helper.attribute(c"describe")?;
            let text = call(describe.raw(), &mut [std::ptr::null_mut(), value])?;
            str_of(text.raw()).map(str::to_owned)
        });
        let text = text.unwrap_or_else(|_| {
            ffi::PyErr_Clear();
            match Object::share(ty) {
                Ok(ty) => ty
                    .attribute(c"__name__")
                    .and_then(|name| str_of(name.raw()).map(str::to_owned))
                    .unwrap_or_default(),
                Err(_) => "Python failed without an exception".to_owned(),
            }
        });
        ffi::Py_XDECREF(ty);
        ffi::Py_XDECREF(value);
        ffi::Py_XDECREF(trace);
        text
    }
}
