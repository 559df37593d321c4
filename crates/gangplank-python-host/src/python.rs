//! What the extension needs of Python beside values: giving the lock back, guards, arguments of its own functions.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, Ordering};

use gangplank_cpython::{Object, Raw, ffi, park, staying, thread};

use crate::errors::{Raised, type_error};

/// Runs a body without Python's lock.
///
/// # Safety
/// The thread holds the lock, and the body touches nothing of Python's.
#[inline]
pub(crate) unsafe fn without_lock<T>(body: impl FnOnce() -> T) -> T {
    // SAFETY: the caller's promise; the state is restored on the thread that saved it.
    unsafe {
        let _away = Away(ffi::PyEval_SaveThread());
        body()
    }
}

/// A thread that has given the lock back. Invariant: the state is this thread's. It is restored also when a body panics.
struct Away(*mut ffi::PyThreadState);

impl Drop for Away {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the invariant.
        unsafe { restore(self.0) };
    }
}

/// Runs a body that may call Python while an exception is on its way, which it is afterwards, too.
///
/// # Safety
/// The thread holds the lock.
#[allow(
    deprecated,
    reason = "what succeeds them is not in the stable ABI of 3.10"
)]
pub(crate) unsafe fn keeping_exception<T>(body: impl FnOnce() -> T) -> T {
    let [mut ty, mut value, mut trace] = [ptr::null_mut(); 3];
    // SAFETY: the caller's promise; what was fetched is given back.
    unsafe {
        ffi::PyErr_Fetch(&mut ty, &mut value, &mut trace);
        let outcome = body();
        ffi::PyErr_Restore(ty, value, trace);
        outcome
    }
}

/// Shows the collector what an object holds; NULL is nothing. What a class's `tp_traverse` returns.
///
/// # Safety
/// `visit` and `arg` are those that CPython has passed; the others are objects, or NULL.
pub(crate) unsafe fn show(
    held: impl IntoIterator<Item = Raw>,
    visit: ffi::visitproc,
    arg: *mut c_void,
) -> c_int {
    let mut held = held.into_iter().filter(|held| !held.is_null());
    // SAFETY: the caller's promise.
    let found = held.find_map(|held| unsafe { Some(visit(held, arg)).filter(|found| *found != 0) });
    found.unwrap_or(0)
}

thread_local! {
    /// Whether this is the thread that ends Python.
    static LAST: Cell<bool> = const { Cell::new(false) };
}

/// Whether Python has begun to end.
static ENDS: AtomicBool = AtomicBool::new(false);

/// Says that this thread ends Python.
pub(crate) fn ends_here() {
    LAST.with(|last| last.set(true));
    ENDS.store(true, Ordering::Relaxed);
}

/// Keeps every thread but the one that ends Python from coming back when it is too late.
#[cold]
fn stay_away() {
    if thread::finalizing() && LAST.with(|last| !last.get()) {
        park();
    }
}

/// Takes the lock again. A thread that comes back when Python is going down, or is waiting by then, waits for the process's
/// end instead: Python would end it by unwinding through frames that cannot be.
///
/// # Safety
/// The state is this thread's, saved before.
#[inline]
pub(crate) unsafe fn restore(state: *mut ffi::PyThreadState) {
    // SAFETY: the caller's promise.
    unsafe {
        if ENDS.load(Ordering::Relaxed) {
            stay_away();
        }
        staying(|| ffi::PyEval_RestoreThread(state));
    }
}

/// Runs what Python has called. A panic becomes an exception.
#[inline]
pub(crate) fn guard(body: impl FnOnce() -> Result<Object, Raised>) -> Raw {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(object)) => object.into_raw(),
        Ok(Err(Raised)) => ptr::null_mut(),
        Err(_) => panicked(),
    }
}

#[cold]
fn panicked() -> Raw {
    // SAFETY: whoever has called holds the lock; the text is terminated.
    unsafe {
        let text = c"the extension of Gangplank panicked".as_ptr();
        ffi::PyErr_SetString(ffi::PyExc_SystemError, text);
    }
    ptr::null_mut()
}

/// `None`.
#[inline]
pub(crate) fn none() -> Object {
    // SAFETY: `None` is an object of its own, always there; a reference is taken.
    match unsafe { Object::share(ffi::Py_None()) } {
        Ok(none) => none,
        Err(_) => unreachable!("None is there"),
    }
}

/// The arguments of a function of the extension's own, of which there are as many as it takes.
///
/// # Safety
/// `arguments` are `count` objects.
pub(crate) unsafe fn arguments<'a, const N: usize>(
    arguments: *const Raw,
    count: ffi::Py_ssize_t,
) -> Result<&'a [Raw; N], Raised> {
    if count as usize != N {
        return Err(type_error(&format!("expected {N} arguments, not {count}")));
    }
    // There may be no place for no arguments: CPython passes NULL then.
    let first = NonNull::new(arguments.cast_mut()).unwrap_or(NonNull::dangling());
    // SAFETY: the caller's promise, and the number is right; a reference to nothing may dangle.
    Ok(unsafe { first.cast::<[Raw; N]>().as_ref() })
}

/// A slot of a type that is made at run time.
pub(crate) fn slot(slot: i32, value: *const c_void) -> ffi::PyType_Slot {
    ffi::PyType_Slot {
        slot,
        pfunc: value.cast_mut(),
    }
}

/// Gives an object's memory back, and its reference to its type.
///
/// # Safety
/// Nobody refers to the object, which is of a heap type that was made here; its fields are gone.
pub(crate) unsafe fn free(this: Raw) {
    // SAFETY: the caller's promise; the slot has this type.
    unsafe {
        let ty = ffi::Py_TYPE(this);
        let free = ffi::PyType_GetSlot(ty, ffi::Py_tp_free);
        if !free.is_null() {
            let free = std::mem::transmute::<*mut c_void, ffi::freefunc>(free);
            free(this.cast());
        }
        ffi::Py_DECREF(ty.cast());
    }
}
