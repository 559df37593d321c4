//! Threads in Python.
//!
//! Comes in: any thread. Goes out: the same, holding Python's lock. A thread's state is made at its first call and kept,
//! because making one costs more than most calls; a hook at the thread's end deletes it.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3_ffi as ffi;

use crate::object::more;

/// Holds Python's lock until it is dropped, on the same thread.
#[derive(Debug)]
pub struct Held {
    how: How,
    _thread: PhantomData<*const ()>,
}

#[derive(Debug)]
enum How {
    /// The caller has the lock: a Python that calls a host that calls a guest.
    Outer,
    /// The state is kept.
    Kept,
    /// The state goes with the lock.
    Once(ffi::PyGILState_STATE),
}

/// Takes the lock.
pub fn enter() -> Held {
    let held = |how| Held {
        how,
        _thread: PhantomData,
    };
    // SAFETY: Python is initialized before the first module is open. A state is restored only on its own thread, and only
    // if the thread does not hold the lock already, which the check says.
    unsafe {
        let Some(check) = more().check else {
            return held(How::Once(ffi::PyGILState_Ensure()));
        };
        if check() == 1 {
            return held(How::Outer);
        }
        let state = ffi::PyGILState_GetThisThreadState();
        if !state.is_null() {
            ffi::PyEval_RestoreThread(state);
            return held(How::Kept);
        }
        let before = ffi::PyGILState_Ensure();
        match keep(ffi::PyGILState_GetThisThreadState()) {
            true => held(How::Kept),
            false => held(How::Once(before)),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: this thread has the lock, by `enter`.
        unsafe {
            match self.how {
                How::Outer => {}
                How::Kept => {
                    ffi::PyEval_SaveThread();
                }
                How::Once(before) => ffi::PyGILState_Release(before),
            }
        }
    }
}

/// A state that [`enter`] has made. Invariant: it is this thread's, with the count of one `PyGILState_Ensure`.
struct Kept(*mut ffi::PyThreadState);

thread_local! {
    static KEPT: RefCell<Option<Kept>> = const { RefCell::new(None) };
}

/// Whether the thread's end will delete the state; not when that end has begun.
fn keep(state: *mut ffi::PyThreadState) -> bool {
    if is_main() {
        // Its end is the process's, which must not wait for Python.
        return true;
    }
    KEPT.try_with(|kept| *kept.borrow_mut() = Some(Kept(state)))
        .is_ok()
}

impl Drop for Kept {
    fn drop(&mut self) {
        if forked() || finalizing() {
            return;
        }
        // SAFETY: the invariant; the thread has left Python. The release is that of `Ensure`: it deletes the state.
        unsafe {
            if ffi::PyGILState_GetThisThreadState() == self.0 {
                ffi::PyEval_RestoreThread(self.0);
                ffi::PyGILState_Release(ffi::PyGILState_STATE::PyGILState_UNLOCKED);
            }
        }
    }
}

/// Whether Python is going down: nobody may take its lock then.
pub fn finalizing() -> bool {
    // SAFETY: it only reads a flag.
    more()
        .finalizing
        .is_some_and(|check| unsafe { check() } != 0)
}

#[cfg(target_os = "linux")]
fn is_main() -> bool {
    // SAFETY: these only ask for numbers.
    unsafe { libc::syscall(libc::SYS_gettid) == libc::c_long::from(libc::getpid()) }
}

#[cfg(not(target_os = "linux"))]
fn is_main() -> bool {
    // SAFETY: it only asks.
    unsafe { libc::pthread_main_np() == 1 }
}

static FORKED: AtomicBool = AtomicBool::new(false);

/// Whether this is a child of a process that has used the runtime: other threads, and what they hold, are gone.
pub fn forked() -> bool {
    FORKED.load(Ordering::Relaxed)
}

/// From now on [`forked`] is right.
pub fn watch_forks() {
    static ONCE: Once = Once::new();
    unsafe extern "C" fn in_child() {
        FORKED.store(true, Ordering::Relaxed);
    }
    ONCE.call_once(|| {
        // SAFETY: the handler only touches an atomic, and this library is never unloaded.
        let _ = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    });
}
