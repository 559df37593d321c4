//! Calls of the library's threads into Python.
//!
//! Comes in: any thread, without Python's lock or with it. Goes out: the same, holding the lock for a moment; or nothing,
//! once Python is going down: whoever asked for the lock then would not come back. Python's end waits for those inside.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gangplank_cpython::{Object, Raw, call, ffi, staying, thread};

use crate::errors::Raised;
use crate::helper;
use crate::python::without_lock;

static INSIDE: AtomicUsize = AtomicUsize::new(0);
static OVER: AtomicBool = AtomicBool::new(false);

/// How long Python's end waits for threads that are inside.
const PATIENCE: Duration = Duration::from_secs(2);

struct Inside;

impl Inside {
    fn enter() -> Option<Self> {
        INSIDE.fetch_add(1, Ordering::SeqCst);
        let inside = Self;
        let closed = OVER.load(Ordering::SeqCst) || thread::forked() || thread::finalizing();
        (!closed).then_some(inside)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Runs a body with Python's lock; false: it cannot be had, mostly because Python is going down. An exception that the body leaves is reported.
pub(crate) fn with_lock<T>(body: impl FnOnce() -> Result<T, Raised>) -> bool {
    let Some(_inside) = Inside::enter() else {
        return false;
    };
    // What the body gives, objects mostly, is dropped with the lock.
    let reported = || {
        // A thread that Python ends must not come as far as what catches panics.
        let body = || staying(body);
        if let Ok(Err(Raised)) = catch_unwind(AssertUnwindSafe(body)) {
            // SAFETY: this thread holds the lock, and an exception is set.
            unsafe { ffi::PyErr_WriteUnraisable(std::ptr::null_mut()) };
        }
    };
    // SAFETY: only the main interpreter can have the extension, so that no thread that it calls from is in another one.
    unsafe { thread::within_main(reported) }.is_some()
}

/// Lets nobody in any more, and waits for those who are.
///
/// # Safety
/// The thread holds Python's lock.
pub(crate) unsafe fn shut() {
    OVER.store(true, Ordering::SeqCst);
    crate::python::ends_here();
    if thread::forked() {
        return;
    }
    let until = Instant::now() + PATIENCE;
    // SAFETY: the caller's promise.
    unsafe {
        without_lock(|| {
            while INSIDE.load(Ordering::SeqCst) > 0 && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(1));
            }
        });
    }
}

/// Calls a function of the helper.
///
/// # Safety
/// The thread holds Python's lock; `arguments` are objects behind a free place.
pub(crate) unsafe fn tell(name: &str, arguments: &mut [Raw]) -> Result<Object, Raised> {
    // SAFETY: the caller's promise.
    unsafe {
        let function = helper::get(name)?;
        Ok(call(function.raw(), arguments)?)
    }
}

/// A key of the helper's: what the library gives back with each callback.
///
/// # Safety
/// The thread holds Python's lock.
pub(crate) unsafe fn number(value: u64) -> Result<Object, Raised> {
    // SAFETY: the caller's promise.
    unsafe { Ok(Object::new(ffi::PyLong_FromUnsignedLongLong(value))?) }
}
