//! Why a call does not give a result.

use gangplank_cpython::{Fault, Raw, Why, call, class_name, ffi, str_of};

use crate::abi;
use crate::start;

/// Status and text; the exception is taken.
///
/// # Safety
/// The thread holds Python's lock.
pub(crate) unsafe fn tell(fault: Fault) -> (i32, String) {
    match fault {
        Fault::Wrong(wrong) => (status(wrong.why), wrong.text),
        // SAFETY: the caller's promise.
        Fault::Raised => (abi::ERR, unsafe { raised() }),
    }
}

/// What Python has returned is the function's own mistake.
fn status(why: Why) -> i32 {
    match why {
        Why::Type | Why::Range | Why::Value => abi::ERR,
        Why::Foreign => abi::BAD_ARGUMENT,
        Why::Utf8 => abi::BAD_UTF8,
        Why::Depth => abi::LIMIT,
        Why::Late => abi::DEADLINE,
    }
}

/// A mistake of the guest or of its files.
pub(crate) fn wrong(text: impl Into<String>) -> Fault {
    Fault::wrong(Why::Value, text)
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
        let text = match value.is_null() {
            true => "Python failed without an exception".to_owned(),
            false => described(value).unwrap_or_else(|_| {
                ffi::PyErr_Clear();
                class_name(ty)
            }),
        };
        ffi::Py_XDECREF(ty);
        ffi::Py_XDECREF(value);
        ffi::Py_XDECREF(trace);
        text
    }
}

/// # Safety
/// `exception` is one; the thread holds Python's lock.
unsafe fn described(exception: Raw) -> Result<String, Fault> {
    // SAFETY: the caller's promise.
    unsafe {
        let describe = start::helper()?.attribute(c"describe")?;
        let text = call(describe.raw(), &mut [std::ptr::null_mut(), exception])?;
        str_of(text.raw()).map(str::to_owned)
    }
}
