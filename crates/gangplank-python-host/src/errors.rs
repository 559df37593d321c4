//! What goes wrong, as exceptions of Python.
//!
//! Comes in: a value that does not fit, a status with its text, an error of XLLR. Goes out: an exception that is set, of the
//! classes in `runtime/errors.py`.

use gangplank_cpython::{Fault, Object, Raw, Span, Why, call, ffi};
use xllr::abi::{RawCall, RawText};
use xllr::{Error, Kind};

use crate::function::Function;
use crate::helper;

use gangplank_cpython::status::{ABI_MISMATCH, CLOSED, FORKED, NOT_FOUND, PEER_LOST};
pub(crate) use gangplank_cpython::status::{
    CANCELLED, DEADLINE, ERR, HOST_ERROR, HOST_PANIC, LIMIT, NOT_REGISTERED, OK, PANIC, PENDING,
    STALE_HANDLE, STUCK,
};

/// An exception is set on this thread.
#[derive(Debug)]
pub(crate) struct Raised;

impl From<Fault> for Raised {
    fn from(fault: Fault) -> Self {
        raise_fault(fault, "")
    }
}

/// The class that stands for a status.
fn class(status: i32) -> &'static str {
    match status {
        ERR => "GangplankError",
        CLOSED | STALE_HANDLE => "ClosedError",
        PANIC => "PanicError",
        HOST_PANIC | NOT_REGISTERED | HOST_ERROR => "HostFunctionError",
        CANCELLED => "_CancelledError",
        DEADLINE => "DeadlineError",
        ABI_MISMATCH => "MismatchError",
        NOT_FOUND => "LoadError",
        LIMIT => "LimitError",
        FORKED => "ForkedError",
        PEER_LOST => "PeerLostError",
        STUCK => "StuckError",
        _ => "BadArgumentError",
    }
}

/// Sets an exception of one of the classes of the extension.
pub(crate) fn raise(class: &str, text: &str) -> Raised {
    // SAFETY: whoever raises holds the lock, as for all of this module.
    unsafe {
        let exception = helper::get(class).and_then(|class| {
            let text = Object::text(text)?;
            call(class.raw(), &mut [std::ptr::null_mut(), text.raw()])
        });
        if let Ok(exception) = exception {
            set(&exception);
        }
    }
    Raised
}

/// # Safety
/// `exception` is an exception; the thread holds Python's lock.
unsafe fn set(exception: &Object) {
    // SAFETY: the caller's promise.
    unsafe { ffi::PyErr_SetObject(ffi::Py_TYPE(exception.raw()).cast(), exception.raw()) };
}

/// Sets `TypeError`.
pub(crate) fn type_error(text: &str) -> Raised {
    // SAFETY: whoever raises holds the lock.
    unsafe { builtin(ffi::PyExc_TypeError, text) }
}

/// # Safety
/// `class` is an exception's class; the thread holds Python's lock.
unsafe fn builtin(class: Raw, text: &str) -> Raised {
    // SAFETY: the caller's promise.
    unsafe {
        if let Ok(text) = Object::text(text) {
            ffi::PyErr_SetObject(class, text.raw());
        }
    }
    Raised
}

/// Sets the exception for a value that does not cross.
#[cold]
pub(crate) fn raise_fault(fault: Fault, place: &str) -> Raised {
    let Fault::Wrong(wrong) = fault else {
        return Raised;
    };
    let text = match place {
        "" => wrong.text,
        place => format!("{place}: {}", wrong.text),
    };
    // SAFETY: whoever raises holds the lock.
    unsafe {
        match wrong.why {
            Why::Type => builtin(ffi::PyExc_TypeError, &text),
            Why::Range => builtin(ffi::PyExc_OverflowError, &text),
            Why::Value => builtin(ffi::PyExc_ValueError, &text),
            Why::Depth => builtin(ffi::PyExc_RecursionError, &text),
            Why::Late => raise("DeadlineError", &text),
            Why::Foreign | Why::Utf8 => raise("BadArgumentError", &text),
        }
    }
}

/// Sets the exception for a host function or listener that the library does not take.
#[cold]
pub(crate) fn raise_refused(status: i32, what: &str) -> Raised {
    let (class, why) = match status {
        CLOSED | STALE_HANDLE => ("ClosedError", "the object is closed"),
        NOT_FOUND => (
            "HostFunctionError",
            "the object came from the library, not from a constructor",
        ),
        FORKED => (
            "ForkedError",
            "the process was forked after the library's first use",
        ),
        status => return raise(class(status), &format!("{what}: status {status}")),
    };
    raise(class, &format!("{what}: {why}"))
}

/// Sets the exception for a library that lacks a part of its runtime.
#[cold]
pub(crate) fn raise_lacking(what: &str, export: &str) -> Raised {
    let text = format!("{what}: the library has no `{export}`, build it again with this version");
    raise("MismatchError", &text)
}

/// Sets the exception for an error of XLLR.
#[cold]
pub(crate) fn raise_xllr(error: &Error) -> Raised {
    let class = match error.kind() {
        Kind::NotFound | Kind::BadModule | Kind::Refused => "LoadError",
        Kind::Mismatch => "MismatchError",
        Kind::Limit => "LimitError",
        Kind::PeerLost => "PeerLostError",
        Kind::Deadline => "DeadlineError",
        Kind::Forked => "ForkedError",
        Kind::BadArgument => "BadArgumentError",
        _ => "GangplankError",
    };
    raise(class, error.text())
}

fn words(text: &RawText) -> String {
    if text.ptr.is_null() {
        return String::new();
    }
    // SAFETY: a text of a call that has ended and was not freed yet.
    let bytes = unsafe { std::slice::from_raw_parts(text.ptr, text.len) };
    String::from_utf8_lossy(bytes).into_owned()
}

/// Sets the exception for a call that has not ended well.
#[cold]
pub(crate) fn raise_status(function: &'static Function, status: i32, ended: &RawCall) -> Raised {
    // SAFETY: whoever raises holds the lock; a call that ended has texts, and with `GP_ERR` a payload of its error's type.
    unsafe {
        let made = match function.error {
            Some(error) if status == ERR && !ended.payload.is_null() => {
                match function
                    .reader()
                    .map_err(|Raised| Fault::Raised)
                    .and_then(|reader| reader.read(error, ended.payload.cast()))
                {
                    // A typed error that is a plain value, as `Result<T, String>` has: its text is all there is.
                    Ok(value) if !is_exception(&value) => plain(status, ended),
                    other => other,
                }
            }
            _ => plain(status, ended),
        };
        let caused = made.and_then(|exception| cause(&exception, ended).map(|()| exception));
        match caused {
            Ok(exception) => set(&exception),
            Err(fault) => return raise_fault(fault, &function.name),
        }
    }
    Raised
}

/// Sets the exception for a call without a function: a close.
#[cold]
pub(crate) fn raise_ended(status: i32, ended: &RawCall) -> Raised {
    // SAFETY: whoever raises holds the lock; a call that has ended has texts.
    unsafe {
        match plain(status, ended) {
            Ok(exception) => {
                set(&exception);
                Raised
            }
            Err(fault) => raise_fault(fault, ""),
        }
    }
}

/// # Safety
/// The thread holds Python's lock.
unsafe fn is_exception(value: &Object) -> bool {
    // SAFETY: only asks.
    unsafe { ffi::PyObject_IsInstance(value.raw(), ffi::PyExc_BaseException) == 1 }
}

/// An exception of the extension's own.
///
/// # Safety
/// The thread holds Python's lock.
unsafe fn plain(status: i32, ended: &RawCall) -> Result<Object, Fault> {
    // SAFETY: the caller's promise.
    unsafe {
        let class = helper::get(class(status))?;
        let text = Object::text(&words(&ended.message))?;
        let location = Object::text(&words(&ended.location))?;
        let backtrace = match ended.backtrace(status) {
            Some(text) => Object::text(&words(text))?,
            None => Object::share(ffi::Py_None())?,
        };
        let mut arguments = [
            std::ptr::null_mut(),
            text.raw(),
            location.raw(),
            backtrace.raw(),
        ];
        let count = if status == PANIC { 4 } else { 2 };
        call(class.raw(), &mut arguments[..count])
    }
}

/// Chains the causes of a call below its exception.
///
/// # Safety
/// The thread holds Python's lock.
unsafe fn cause(exception: &Object, ended: &RawCall) -> Result<(), Fault> {
    // SAFETY: the caller's promise; a call that has ended has that many causes. `SetCause` takes the reference.
    unsafe {
        let mut below: Option<Object> = None;
        for index in (0..ended.causes_len).rev() {
            let text = Object::text(&words(&*ended.causes.add(index)))?;
            let class = helper::get("GangplankError")?;
            let cause = call(class.raw(), &mut [std::ptr::null_mut(), text.raw()])?;
            if let Some(below) = below {
                ffi::PyException_SetCause(cause.raw(), below.into_raw());
            }
            below = Some(cause);
        }
        if let Some(below) = below {
            ffi::PyException_SetCause(exception.raw(), below.into_raw());
        }
    }
    Ok(())
}

/// A text for C.
pub(crate) fn span(text: &str) -> Span {
    Span {
        ptr: text.as_ptr(),
        len: text.len(),
    }
}
