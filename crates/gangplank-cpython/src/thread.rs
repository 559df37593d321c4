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

use crate::ending::staying;
use crate::object::more;

/// Holds Python's lock until it is dropped, on the same thread.
#[derive(Debug)]
struct Held {
    how: How,
    _thread: PhantomData<*const ()>,
}

#[derive(Debug)]
enum How {
    /// The caller has the lock: a Python that calls a host that calls a guest.
    Outer,
    /// The state is kept. Whether the thread was inside before.
    Kept { inside: bool },
    /// The state goes with the lock.
    Once(ffi::PyGILState_STATE),
}

/// Why a thread does not get the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The thread belongs to a sub-interpreter, or may do so: guests run in the main one.
    SubInterpreter,
    /// Python is going down, on another thread.
    Ending,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SubInterpreter => {
                "modules in Python cannot be called from a sub-interpreter: call from a thread of the main interpreter that holds its lock, or from a thread that Python does not know"
            }
            Self::Ending => "Python is going down: its modules cannot be called any more",
        })
    }
}

thread_local! {
    /// A state that stays as long as this thread does, of the main interpreter; NULL where there is none.
    static STATE: Cell<*mut ffi::PyThreadState> = const { Cell::new(ptr::null_mut()) };
    static KEPT: RefCell<Option<Kept>> = const { RefCell::new(None) };
    /// Before 3.12: whether a call of ours has taken the lock on this thread, which its Python may have given back since.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

fn held(how: How) -> Held {
    Held {
        how,
        _thread: PhantomData,
    }
}

/// Runs a body that holds the lock.
///
/// # Errors
/// The thread is one of a sub-interpreter, or Python is going down.
#[inline(always)]
pub fn within<T>(body: impl FnOnce() -> T) -> Result<T, Refused> {
    let _held = enter()?;
    Ok(staying(body))
}

#[inline(always)]
fn enter() -> Result<Held, Refused> {
    let own = STATE.get();
    match more().current {
        // SAFETY: Python runs before the first module is open. The state is this thread's, and not the current one of it.
        Some(current) if !own.is_null() => unsafe {
            let current = current();
            if current == own {
                return Ok(held(How::Outer));
            }
            // A guest may have gone into a sub-interpreter, whose state then has the lock. Before 3.12 only a thread that
            // has a guest below can be there.
            if is_elsewhere(current, || INSIDE.get()) {
                return Err(Refused::SubInterpreter);
            }
            restore(own)
        },
        _ => enter_anew(),
    }
}

/// On a thread that has no state of ours.
#[cold]
fn enter_anew() -> Result<Held, Refused> {
    // SAFETY: Python runs. A state is restored only on its own thread, and only if that does not hold the lock already.
    unsafe {
        let Some(current) = more().current else {
            return ensure().map(|before| held(How::Once(before)));
        };
        let (current, this) = (current(), ffi::PyGILState_GetThisThreadState());
        if this.is_null() {
            if !current.is_null() && more().own_current {
                return Err(Refused::SubInterpreter);
            }
            let before = ensure()?;
            return Ok(match keep(ffi::PyGILState_GetThisThreadState()) {
                true => kept(),
                false => held(How::Once(before)),
            });
        }
        if current == this {
            return match is_main_interpreter() {
                true => Ok(held(How::Outer)),
                false => Err(Refused::SubInterpreter),
            };
        }
        if is_elsewhere(current, || true) {
            return Err(Refused::SubInterpreter);
        }
        come_back(this)
    }
}

/// Whether a thread whose state is not the current one is, or may be, in a sub-interpreter. Where each thread has a current
/// state of its own, another one says so. Where it is that of whoever holds the lock, a thread that can be elsewhere may be,
/// once there are sub-interpreters: Python's own check is switched off then.
///
/// # Safety
/// Python runs; `current` is the current state.
#[inline]
unsafe fn is_elsewhere(current: *mut ffi::PyThreadState, can_be: impl FnOnce() -> bool) -> bool {
    match more().own_current {
        true => !current.is_null(),
        // SAFETY: it only compares the thread's state with the current one.
        false => can_be() && more().check.is_none_or(|check| unsafe { check() == 1 }),
    }
}

/// The lock with the state that the thread keeps, just restored.
#[inline(always)]
fn kept() -> Held {
    let inside = !more().own_current && INSIDE.replace(true);
    held(How::Kept { inside })
}

/// # Safety
/// Python runs; the state is the thread's, and not current.
#[inline(always)]
unsafe fn restore(state: *mut ffi::PyThreadState) -> Result<Held, Refused> {
    if ends_elsewhere() {
        return Err(Refused::Ending);
    }
    // SAFETY: the caller's promise.
    staying(|| unsafe { ffi::PyEval_RestoreThread(state) });
    Ok(kept())
}

/// # Safety
/// Python runs, and the thread has no state.
unsafe fn ensure() -> Result<ffi::PyGILState_STATE, Refused> {
    if ends_elsewhere() {
        return Err(Refused::Ending);
    }
    // SAFETY: the caller's promise.
    Ok(staying(|| unsafe { ffi::PyGILState_Ensure() }))
}

/// # Safety
/// Python runs; `this` is the thread's state, which is not current.
unsafe fn come_back(this: *mut ffi::PyThreadState) -> Result<Held, Refused> {
    // SAFETY: the caller's promise.
    unsafe {
        let held = restore(this)?;
        match is_main_interpreter() {
            true => Ok(held),
            false => Err(Refused::SubInterpreter),
        }
    }
}

/// Runs a body that holds the lock, on a thread that cannot be in a sub-interpreter. Before 3.12 [`within`] has to refuse,
/// once there are any, all threads that have given the lock back; `None`: it is in one after all, or Python is going down.
///
/// # Safety
/// The thread does not hold the lock in a sub-interpreter.
pub unsafe fn within_main<T>(body: impl FnOnce() -> T) -> Option<T> {
    // SAFETY: the caller's promise.
    let _held = unsafe { enter_main() }?;
    Some(staying(body))
}

/// # Safety
/// As for [`within_main`].
unsafe fn enter_main() -> Option<Held> {
    match enter() {
        Ok(held) => Some(held),
        Err(Refused::SubInterpreter) if !more().own_current => {
            // SAFETY: the caller's promise: the thread has no lock, or `enter` had seen its own state as the current one.
            unsafe {
                let this = ffi::PyGILState_GetThisThreadState();
                match this.is_null() {
                    true => None,
                    false => come_back(this).ok(),
                }
            }
        }
        Err(_) => None,
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
                How::Kept { inside } => {
                    ffi::PyEval_SaveThread();
                    if !more().own_current {
                        INSIDE.set(inside);
                    }
                }
                How::Once(before) => ffi::PyGILState_Release(before),
            }
        }
    }
}

/// A state that [`enter`] has made. Invariant: it is this thread's, with the count of one `PyGILState_Ensure`.
struct Kept(*mut ffi::PyThreadState);

/// Whether Python was started here: then it is never finalized, and nobody need ask.
static STAYS: AtomicBool = AtomicBool::new(false);

/// Leaves the lock for the first time on the thread that has started Python. Its state stays as long as the process.
///
/// # Safety
/// This thread has initialized Python, and holds the lock.
pub unsafe fn leave_for_good() {
    STAYS.store(true, Ordering::Relaxed);
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
                staying(|| ffi::PyEval_RestoreThread(self.0));
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

/// Whether another thread takes Python down. The one that does may come back; it is the process's first.
#[inline]
fn ends_elsewhere() -> bool {
    !STAYS.load(Ordering::Relaxed) && finalizing() && !is_main()
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
#[inline]
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
