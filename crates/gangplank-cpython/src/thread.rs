//! Threads in Python.
//!
//! Comes in: any thread. Goes out: the same, holding Python's lock in the main interpreter, or why it cannot have it. A
//! thread's state is made at its first call and kept, because making one costs more than most calls; a hook at the thread's
//! end deletes it.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::marker::PhantomData;
use std::ptr;
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

/// The thread belongs to a sub-interpreter, or may do so: guests run in the main one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubInterpreter;

impl fmt::Display for SubInterpreter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "modules in Python cannot be called from a sub-interpreter: call from a thread of the main interpreter that holds its lock, or from a thread that Python does not know",
        )
    }
}

thread_local! {
    /// A state that stays as long as this thread does, of the main interpreter; NULL where there is none.
    static STATE: Cell<*mut ffi::PyThreadState> = const { Cell::new(ptr::null_mut()) };
    static KEPT: RefCell<Option<Kept>> = const { RefCell::new(None) };
}

fn held(how: How) -> Held {
    Held {
        how,
        _thread: PhantomData,
    }
}

/// Takes the lock.
///
/// # Errors
/// The thread is one of a sub-interpreter.
#[inline]
pub fn enter() -> Result<Held, SubInterpreter> {
    let own = STATE.get();
    match more().current {
        // SAFETY: Python runs before the first module is open. The state is this thread's, and not the current one of it.
        Some(current) if !own.is_null() => unsafe {
            if current() == own {
                return Ok(held(How::Outer));
            }
            ffi::PyEval_RestoreThread(own);
            Ok(held(How::Kept))
        },
        _ => enter_anew(),
    }
}

/// On a thread that has no state of ours.
#[cold]
fn enter_anew() -> Result<Held, SubInterpreter> {
    // SAFETY: Python runs. A state is restored only on its own thread, and only if that does not hold the lock already.
    unsafe {
        let Some(current) = more().current else {
            return Ok(held(How::Once(ffi::PyGILState_Ensure())));
        };
        let (current, this) = (current(), ffi::PyGILState_GetThisThreadState());
        if this.is_null() {
            if !current.is_null() && more().own_current {
                return Err(SubInterpreter);
            }
            let before = ffi::PyGILState_Ensure();
            return Ok(match keep(ffi::PyGILState_GetThisThreadState()) {
                true => held(How::Kept),
                false => held(How::Once(before)),
            });
        }
        if current == this {
            return match is_main_interpreter() {
                true => Ok(held(How::Outer)),
                false => Err(SubInterpreter),
            };
        }
        // Another state is current. Where each thread has its own, that says that this one is in a sub-interpreter; where it is
        // that of whoever holds the lock, this thread may be, once there are any: Python's own check is switched off then.
        let may_be_elsewhere = match more().own_current {
            true => !current.is_null(),
            false => more().check.is_none_or(|check| check() == 1),
        };
        if may_be_elsewhere {
            return Err(SubInterpreter);
        }
        come_back(this)
    }
}

/// # Safety
/// Python runs; `this` is the thread's state, which is not current.
unsafe fn come_back(this: *mut ffi::PyThreadState) -> Result<Held, SubInterpreter> {
    // SAFETY: the caller's promise.
    unsafe {
        ffi::PyEval_RestoreThread(this);
        let held = held(How::Kept);
        match is_main_interpreter() {
            true => Ok(held),
            false => Err(SubInterpreter),
        }
    }
}

/// Takes the lock on a thread that cannot be in a sub-interpreter. Before 3.12 [`enter`] has to refuse, once there are any,
/// all threads that have given the lock back; `None`: it is in one after all.
///
/// # Safety
/// The thread does not hold the lock in a sub-interpreter.
pub unsafe fn enter_main() -> Option<Held> {
    match enter() {
        Ok(held) => Some(held),
        Err(SubInterpreter) if more().own_current => None,
        // SAFETY: the caller's promise: the thread has no lock, or `enter` had seen its own state as the current one.
        Err(SubInterpreter) => unsafe {
            let this = ffi::PyGILState_GetThisThreadState();
            match this.is_null() {
                true => None,
                false => come_back(this).ok(),
            }
        },
    }
}

/// # Safety
/// The thread holds Python's lock.
unsafe fn is_main_interpreter() -> bool {
    // SAFETY: the caller's promise.
    unsafe { ffi::PyInterpreterState_GetID(ffi::PyInterpreterState_Get()) == 0 }
}

impl Drop for Held {
    #[inline]
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

/// Leaves the lock for the first time on the thread that has started Python. Its state stays as long as the process.
///
/// # Safety
/// This thread has initialized Python, and holds the lock.
pub unsafe fn leave_for_good() {
    // SAFETY: the caller's promise.
    STATE.set(unsafe { ffi::PyEval_SaveThread() });
}

/// Whether the state is kept until the thread's end; not when that end has begun.
fn keep(state: *mut ffi::PyThreadState) -> bool {
    // The end of the first thread is the process's, which must not wait for Python.
    let kept = is_main()
        || KEPT
            .try_with(|kept| *kept.borrow_mut() = Some(Kept(state)))
            .is_ok();
    if kept {
        STATE.set(state);
    }
    kept
}

impl Drop for Kept {
    fn drop(&mut self) {
        STATE.set(ptr::null_mut());
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
    let Some(check) = more().finalizing else {
        return false;
    };
    // SAFETY: it only reads a flag.
    unsafe { check() != 0 }
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
