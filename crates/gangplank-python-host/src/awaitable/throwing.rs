//! Ends that a coroutine's own call does not bring: an exception that is thrown in, `close`, the object's end.
//!
//! Comes in: a coroutine in whatever state. Goes out: one whose call is cancelled; what was thrown is raised when the call has
//! ended.

use gangplank_cpython::{Object, Raw, call, ffi};

use super::running::{cancel, leave};
use super::{Awaitable, State, step, yielded};
use crate::errors::{Raised, type_error};
use crate::python::{guard, none};

/// An exception is thrown in, mostly `CancelledError`: the call is cancelled, and when it has ended the exception is raised.
pub(super) unsafe extern "C" fn throw(
    this: Raw,
    arguments: *mut Raw,
    count: ffi::Py_ssize_t,
) -> Raw {
    // SAFETY: CPython passes an object of this type and its arguments, and holds the lock.
    unsafe {
        guard(|| {
            let this = this.cast::<Awaitable>();
            let exception = thrown(arguments, count)?;
            let ends = ffi::PyObject_IsInstance(exception.raw(), ffi::PyExc_GeneratorExit) == 1;
            if (*this).state != State::Waiting || ends {
                end(this);
                let class = ffi::Py_TYPE(exception.raw()).cast();
                ffi::PyErr_SetObject(class, exception.raw());
                return Err(Raised);
            }
            let before = std::mem::replace(&mut (*this).thrown, exception.into_raw());
            ffi::Py_XDECREF(before);
            // Whoever throws no longer waits for it.
            let future = std::mem::replace(&mut (*this).future, std::ptr::null_mut());
            ffi::Py_XDECREF(future);
            let pending = (*this).pending;
            cancel((*pending).function, (*pending).call.0.id);
            yielded(step(this))
        })
    }
}

/// The exception of `throw(exception)`, `throw(class)` or `throw(class, value)`.
///
/// # Safety
/// `arguments` are `count` objects; the thread holds Python's lock.
unsafe fn thrown(arguments: *const Raw, count: ffi::Py_ssize_t) -> Result<Object, Raised> {
    // SAFETY: the caller's promise.
    unsafe {
        if count == 0 {
            return Err(type_error("throw() needs an exception"));
        }
        let (first, second) = (*arguments, (count > 1).then(|| *arguments.add(1)));
        let is = |object: Raw| ffi::PyObject_IsInstance(object, ffi::PyExc_BaseException) == 1;
        if is(first) {
            return Ok(Object::share(first)?);
        }
        let made = match second.filter(|second| *second != ffi::Py_None()) {
            Some(second) if is(second) => Object::share(second)?,
            Some(second) => call(first, &mut [std::ptr::null_mut(), second])?,
            None => call(first, &mut [std::ptr::null_mut()])?,
        };
        match is(made.raw()) {
            true => Ok(made),
            false => Err(type_error("exceptions must derive from BaseException")),
        }
    }
}

pub(super) unsafe extern "C" fn close(this: Raw, _: *mut Raw, _: ffi::Py_ssize_t) -> Raw {
    // SAFETY: CPython passes an object of this type, and holds the lock.
    unsafe {
        guard(|| {
            end(this.cast());
            Ok(none())
        })
    }
}

/// Ends a coroutine, wherever it is.
///
/// # Safety
/// See [`step`].
pub(super) unsafe fn end(this: *mut Awaitable) {
    // SAFETY: see `step`.
    unsafe {
        match (*this).state {
            State::Running => {}
            _ => {
                (*this).state = State::Done;
                leave(this);
            }
        }
    }
}
