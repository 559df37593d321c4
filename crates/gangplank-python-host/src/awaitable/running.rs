//! The call behind a coroutine: how it starts, waits, ends, and is left to itself.
//!
//! Comes in: an awaitable in a certain state. Goes out: a result, an exception, or a future of the running loop to wait for.

use std::ffi::c_void;
use std::sync::Arc;

use gangplank_cpython::{Object, Raw, call, ffi, thread};

use super::{Awaitable, FEW, Step};
use crate::errors::{self, Raised, raise_status, type_error};
use crate::frame::{Frame, Room};
use crate::function::Function;
use crate::helper;
use crate::pending::{self, Pending, Wake, done, is_pending};
use crate::python::{keeping_exception, without_lock};

/// # Safety
/// As for `step`: `this` is an awaitable; the thread holds Python's lock.
pub(super) unsafe fn start(this: *mut Awaitable) -> Result<Step, Raised> {
    // SAFETY: the caller's promise. The frame outlives the call that borrows from it; what may complete later is in `pending`.
    unsafe {
        for left in pending::left() {
            dispose(left);
        }
        let function = &*(*this).function;
        let ready = function.ready()?;
        let native = ready.native().ok_or_else(|| type_error("no native form"))?;
        let self_handle = function.this(ready, (*this).object)?;
        let (frame, mut params) = (Frame::new(), Room::new());
        let params = params.zeroed(function.params_size());
        match (*this).many.is_null() {
            true => function.write(&frame, params, (*this).few.as_ptr())?,
            false => function.write(&frame, params, all(this)?.as_ptr())?,
        }
        let pending = Pending::take(function);
        let (out, call_at) = ((*pending).out, &raw mut (*pending).call.0);
        let across = || {
            let data = pending.cast::<c_void>();
            native.call(
                self_handle,
                params.cast(),
                out.cast(),
                call_at,
                Some(done),
                data,
            )
        };
        let status = without_lock(across);
        if !is_pending(status) {
            return take(function, pending, status).map(Step::Value);
        }
        // From here on the call is known by its place: whatever fails must leave it to itself.
        (*this).pending = pending;
        (*pending).owner = this.cast();
        match waiter() {
            Ok((wake, future)) => {
                if !Pending::wait(pending, &wake) {
                    (*this).pending = std::ptr::null_mut();
                    return take(function, pending, (*pending).status).map(Step::Value);
                }
                (*this).future = Object::share(future.raw())?.into_raw();
                Ok(Step::Wait(future))
            }
            Err(raised) => {
                keeping_exception(|| leave(this));
                Err(raised)
            }
        }
    }
}

/// All arguments, of a call that has more than a few.
///
/// # Safety
/// As for `step`: `this` is an awaitable; the thread holds Python's lock.
unsafe fn all(this: *mut Awaitable) -> Result<Vec<Raw>, Raised> {
    // SAFETY: the caller's promise.
    unsafe {
        let mut all = (*this).few.to_vec();
        for index in 0..(*this).count - FEW {
            all.push(ffi::PyTuple_GetItem((*this).many, index as ffi::Py_ssize_t));
        }
        Ok(all)
    }
}

/// The running loop's queue, and a future of the loop.
///
/// # Safety
/// The thread holds Python's lock.
unsafe fn waiter() -> Result<(Arc<Wake>, Object), Raised> {
    // SAFETY: the caller's promise; the helper gives a capsule and a future.
    unsafe {
        let waiter = helper::get("_waiter")?;
        let pair = call(waiter.raw(), &mut [std::ptr::null_mut()])?;
        let wake = crate::wake::of_capsule(ffi::PyTuple_GetItem(pair.raw(), 0))?;
        let future = Object::share(ffi::PyTuple_GetItem(pair.raw(), 1))?;
        Ok((wake, future))
    }
}

/// Waits once more: somebody has woken the coroutine before its call has ended. Who awaits it while another does would take
/// the place of that one, whom nobody would wake any more.
///
/// # Safety
/// As for `step`: `this` is an awaitable; the thread holds Python's lock.
pub(super) unsafe fn wait_again(this: *mut Awaitable) -> Result<Object, Raised> {
    // SAFETY: the caller's promise.
    unsafe {
        if !(*this).future.is_null() && !is_done((*this).future)? {
            let text = c"coroutine is being awaited already".as_ptr();
            ffi::PyErr_SetString(ffi::PyExc_RuntimeError, text);
            return Err(Raised);
        }
        let (_, future) = waiter()?;
        let before = (*this).future;
        (*this).future = Object::share(future.raw())?.into_raw();
        ffi::Py_XDECREF(before);
        Ok(future)
    }
}

/// # Safety
/// `future` is one of asyncio's; the thread holds Python's lock.
unsafe fn is_done(future: Raw) -> Result<bool, Raised> {
    // SAFETY: the caller's promise.
    unsafe {
        let done = Object::share(future)?.attribute(c"done")?;
        let done = call(done.raw(), &mut [std::ptr::null_mut()])?;
        Ok(done.raw() == ffi::Py_True())
    }
}

/// The outcome of a call that has ended and was delivered.
///
/// # Safety
/// As for `step`: `this` is an awaitable; the thread holds Python's lock.
pub(super) unsafe fn finish(this: *mut Awaitable) -> Result<Object, Raised> {
    // SAFETY: the caller's promise.
    unsafe {
        let pending = std::mem::replace(&mut (*this).pending, std::ptr::null_mut());
        let outcome = take(&*(*this).function, pending, (*pending).status);
        let thrown = std::mem::replace(&mut (*this).thrown, std::ptr::null_mut());
        if thrown.is_null() {
            return outcome;
        }
        drop(outcome);
        ffi::PyErr_Clear();
        let thrown = Object::new(thrown)?;
        ffi::PyErr_SetObject(ffi::Py_TYPE(thrown.raw()).cast(), thrown.raw());
        Err(Raised)
    }
}

/// The result or the exception of a call that has ended, which is freed.
///
/// # Safety
/// The call has ended, and is the caller's; the thread holds Python's lock.
unsafe fn take(
    function: &'static Function,
    pending: *mut Pending,
    status: i32,
) -> Result<Object, Raised> {
    // SAFETY: the caller's promise.
    unsafe {
        let outcome = match status {
            errors::OK => function.read((*pending).out),
            status => Err(raise_status(function, status, &(*pending).call.0)),
        };
        Pending::free(pending);
        outcome
    }
}

/// Frees a call that nobody waits for. Objects in its result are released.
///
/// # Safety
/// As for [`take`]; no exception is set.
unsafe fn dispose(pending: *mut Pending) {
    // SAFETY: the caller's promise.
    unsafe {
        let (function, status) = ((*pending).function, (*pending).status);
        if take(function, pending, status).is_err() {
            ffi::PyErr_Clear();
        }
    }
}

/// Cancels a call that waits, and leaves it to itself.
///
/// # Safety
/// As for `step`: `this` is an awaitable; the thread holds Python's lock; no exception is set.
pub(super) unsafe fn leave(this: *mut Awaitable) {
    // SAFETY: the caller's promise. The id is there since the call is pending, and stays.
    unsafe {
        let pending = std::mem::replace(&mut (*this).pending, std::ptr::null_mut());
        if pending.is_null() {
            return;
        }
        let (function, id) = ((*pending).function, (*pending).call.0.id);
        if Pending::abandon(pending) {
            dispose(pending);
            return;
        }
        cancel(function, id);
    }
}

/// Asks the library to end a call.
///
/// # Safety
/// The thread holds Python's lock.
pub(super) unsafe fn cancel(function: &'static Function, id: u64) {
    let opened = function.library.is_open();
    if let Some(cancel) = opened.and_then(|opened| opened.exports.cancel) {
        // SAFETY: an export has its type. The library waits for a poll that is going on, which may want the lock.
        unsafe {
            match thread::finalizing() {
                true => cancel(id),
                false => without_lock(|| cancel(id)),
            };
        }
    }
}

/// Tells the loop's futures of the calls that have ended; the futures, for the helper to complete.
///
/// # Safety
/// The thread holds Python's lock.
pub(crate) unsafe fn deliver(wake: &Wake) -> Result<Object, Raised> {
    // SAFETY: the caller's promise; what comes off the queue has ended. Its owner is alive: it would have left otherwise.
    unsafe {
        let futures = Object::new(ffi::PyList_New(0))?;
        for pending in wake.drain().into_iter().chain(pending::left()) {
            (*pending).delivered = true;
            let owner = (*pending).owner.cast::<Awaitable>();
            if owner.is_null() {
                dispose(pending);
            } else if !(*owner).future.is_null() {
                ffi::PyList_Append(futures.raw(), (*owner).future);
            }
        }
        Ok(futures)
    }
}
