//! A call of an async function: a coroutine of asyncio.
//!
//! It starts when it is first awaited. When the library is ready at once the result is there without a turn of the loop;
//! else the coroutine waits for a future of the running loop, and wakes when the library's completion arrives on the loop's
//! queue. Whoever cancels the task cancels the call; the coroutine ends when the library has dropped its future.

mod class;
mod running;
mod throwing;

use gangplank_cpython::{Object, Raw, call, ffi};

use crate::errors::Raised;
use crate::function::Function;
use crate::pending::Pending;
use crate::python::guard;
pub(crate) use class::init;
pub(crate) use running::deliver;
use running::{finish, start, wait_again};

const FEW: usize = 4;

/// A coroutine. Invariant: `few` and `many` are references of ours to `count` arguments, until it has started; `pending` is a
/// call that waits, or NULL.
#[repr(C)]
struct Awaitable {
    base: ffi::PyObject,
    function: *const Function,
    /// Of a method.
    object: Raw,
    count: usize,
    few: [Raw; FEW],
    /// The others, if there are any: a tuple.
    many: Raw,
    state: State,
    pending: *mut Pending,
    future: Raw,
    /// What is raised when the call has ended, because it was thrown in.
    thrown: Raw,
}

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum State {
    Fresh,
    Running,
    Waiting,
    Done,
}

/// A call that has not started, with its arguments.
///
/// # Safety
/// As for [`Function::call`].
#[inline]
pub(crate) unsafe fn make(
    function: &'static Function,
    object: Raw,
    arguments: *const Raw,
    count: usize,
    keywords: Raw,
) -> Result<Object, Raised> {
    // SAFETY: the caller's promise.
    unsafe {
        if keywords.is_null() && count == function.arity() {
            return fresh(function, object, arguments, count);
        }
        let ordered = function.order(arguments, count, keywords)?;
        fresh(function, object, ordered.as_ptr(), ordered.len())
    }
}

/// # Safety
/// As for [`make`], with an argument for each parameter.
#[inline]
unsafe fn fresh(
    function: &'static Function,
    object: Raw,
    arguments: *const Raw,
    count: usize,
) -> Result<Object, Raised> {
    let ty = class::get()?;
    // SAFETY: the caller's promise; the new object is an `Awaitable` of zeros, which is fresh.
    unsafe {
        let made = Object::new(ffi::PyType_GenericAlloc(ty.raw().cast(), 0))?;
        let this = &mut *made.raw().cast::<Awaitable>();
        this.function = function;
        if !object.is_null() {
            ffi::Py_INCREF(object);
            this.object = object;
        }
        for (index, place) in this.few.iter_mut().enumerate().take(count) {
            let argument = *arguments.add(index);
            ffi::Py_INCREF(argument);
            *place = argument;
        }
        this.count = count;
        if count > FEW {
            let rest = Object::new(ffi::PyTuple_New((count - FEW) as ffi::Py_ssize_t))?;
            for index in FEW..count {
                let argument = Object::share(*arguments.add(index))?.into_raw();
                let place = (index - FEW) as ffi::Py_ssize_t;
                ffi::PyTuple_SetItem(rest.raw(), place, argument);
            }
            this.many = rest.into_raw();
        }
        Ok(made)
    }
}

/// What a step has come to.
enum Step {
    /// The future to wait for.
    Wait(Object),
    /// The result.
    Value(Object),
}

/// # Safety
/// `this` is an awaitable; the thread holds Python's lock. For all functions of this module.
unsafe fn step(this: *mut Awaitable) -> Result<Step, Raised> {
    // SAFETY: the caller's promise.
    unsafe {
        match (*this).state {
            State::Fresh => {
                (*this).state = State::Running;
                let started = start(this);
                let waits = matches!(started, Ok(Step::Wait(_)));
                (*this).state = if waits { State::Waiting } else { State::Done };
                started
            }
            State::Waiting if (*(*this).pending).delivered => {
                (*this).state = State::Done;
                finish(this).map(Step::Value)
            }
            State::Waiting => wait_again(this).map(Step::Wait),
            State::Running => Err(value_error(c"coroutine already executing")),
            State::Done => Err(runtime_error(c"cannot reuse already awaited coroutine")),
        }
    }
}

/// Turns a step into what an iterator returns.
///
/// # Safety
/// See [`step`].
unsafe fn yielded(step: Result<Step, Raised>) -> Result<Object, Raised> {
    // SAFETY: see `step`.
    unsafe {
        match step? {
            Step::Wait(future) => {
                // What a task looks for: this future is waited for, not just returned.
                let name = c"_asyncio_future_blocking".as_ptr();
                if ffi::PyObject_SetAttrString(future.raw(), name, ffi::Py_True()) != 0 {
                    return Err(Raised);
                }
                Ok(future)
            }
            Step::Value(value) => {
                stop(value.raw());
                Err(Raised)
            }
        }
    }
}

/// Ends an iterator with a value.
///
/// # Safety
/// `value` is an object; the thread holds Python's lock.
unsafe fn stop(value: Raw) {
    // SAFETY: the caller's promise.
    unsafe {
        // A tuple or an exception would be taken for the arguments of `StopIteration`, or for itself.
        let plain = ffi::PyTuple_Check(value) == 0
            && ffi::PyObject_IsInstance(value, ffi::PyExc_BaseException) == 0;
        if plain {
            ffi::PyErr_SetObject(ffi::PyExc_StopIteration, value);
            return;
        }
        if let Ok(stop) = call(ffi::PyExc_StopIteration, &mut [std::ptr::null_mut(), value]) {
            ffi::PyErr_SetObject(ffi::PyExc_StopIteration, stop.raw());
        }
    }
}

unsafe extern "C" fn next(this: Raw) -> Raw {
    // SAFETY: CPython passes an object of this type, and holds the lock.
    unsafe { guard(|| yielded(step(this.cast()))) }
}

unsafe extern "C" fn send(this: Raw, _: *mut Raw, _: ffi::Py_ssize_t) -> Raw {
    // SAFETY: as above.
    unsafe { next(this) }
}

unsafe extern "C" fn itself(this: Raw) -> Raw {
    // SAFETY: CPython passes an object.
    unsafe { ffi::Py_INCREF(this) };
    this
}

fn value_error(text: &std::ffi::CStr) -> Raised {
    // SAFETY: whoever raises holds the lock; a terminated text.
    unsafe { ffi::PyErr_SetString(ffi::PyExc_ValueError, text.as_ptr()) };
    Raised
}

fn runtime_error(text: &std::ffi::CStr) -> Raised {
    // SAFETY: as above.
    unsafe { ffi::PyErr_SetString(ffi::PyExc_RuntimeError, text.as_ptr()) };
    Raised
}
