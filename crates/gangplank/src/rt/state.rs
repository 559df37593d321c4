//! Start and fork: whether the runtime may be used at all.
//!
//! Comes in: the first use. Goes out: a library tag, a panic hook, a fork handler, each set up once; after that one load
//! and one comparison. Nothing happens before the first use, and no thread starts here. A forked child has none of the
//! parent's threads and possibly locks held for ever, so every use there is the error `Forked`.

use std::hash::{BuildHasher, RandomState};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, AtomicUsize};

use super::sync::{AtomicU64, Ordering};
use super::{Fault, guard};
use crate::abi::Status;

const NEW: u32 = 0;
const STARTING: u32 = 1;
const READY: u32 = 2;
const FORKED: u32 = 3;

static STATE: AtomicU32 = AtomicU32::new(NEW);
static TAG: AtomicU64 = AtomicU64::new(0);

/// What a library takes at most, and how many threads its executor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Async calls that have not completed; one more is `GP_LIMIT`.
    pub pending_calls: usize,
    /// Objects that exist at the same time; one more is `GP_LIMIT`.
    pub handles: usize,
    /// Threads of the executor; 0: one per processor.
    pub workers: usize,
}

impl Limits {
    /// What holds unless [`set_limits`] says otherwise.
    pub const DEFAULT: Self = Self {
        pending_calls: 100_000,
        handles: 1_000_000,
        workers: 0,
    };
}

static PENDING_CALLS: AtomicUsize = AtomicUsize::new(Limits::DEFAULT.pending_calls);
static HANDLES: AtomicUsize = AtomicUsize::new(Limits::DEFAULT.handles);
static WORKERS: AtomicUsize = AtomicUsize::new(Limits::DEFAULT.workers);

/// Sets the limits from now on; `workers` counts until the executor starts.
pub fn set_limits(limits: Limits) {
    PENDING_CALLS.store(limits.pending_calls, Ordering::Relaxed);
    HANDLES.store(limits.handles, Ordering::Relaxed);
    WORKERS.store(limits.workers, Ordering::Relaxed);
}

/// The limits that hold now.
pub(crate) fn limits() -> Limits {
    Limits {
        pending_calls: PENDING_CALLS.load(Ordering::Relaxed),
        handles: HANDLES.load(Ordering::Relaxed),
        workers: WORKERS.load(Ordering::Relaxed),
    }
}

/// Makes sure that the runtime is set up and that this process may use it.
#[inline]
pub fn started() -> Result<(), Fault> {
    if STATE.load(Ordering::Acquire) == READY {
        Ok(())
    } else {
        start()
    }
}

/// The library's tag: 16 random bits, never 0 once started.
#[inline]
pub(crate) fn tag() -> u64 {
    TAG.load(Ordering::Relaxed)
}

#[cold]
fn start() -> Result<(), Fault> {
    match STATE.load(Ordering::Acquire) {
        FORKED => return Err(forked()),
        READY => return Ok(()),
        NEW => watch_forks()?,
        _ => {}
    }
    // From here on a fork marks the child, so the locks below can never be waited for in one.
    let _ = STATE.compare_exchange(NEW, STARTING, Ordering::AcqRel, Ordering::Acquire);
    TAG_ONCE.call_once(|| TAG.store(random_tag(), Ordering::Relaxed));
    if std::thread::panicking() {
        // The hook cannot be set now: the next use tries again.
        return Ok(());
    }
    HOOK_ONCE.call_once(guard::install_hook);
    match STATE.compare_exchange(STARTING, READY, Ordering::AcqRel, Ordering::Acquire) {
        Err(FORKED) => Err(forked()),
        _ => Ok(()),
    }
}

static TAG_ONCE: Once = Once::new();
static HOOK_ONCE: Once = Once::new();

fn forked() -> Fault {
    Fault::new(
        Status::Forked,
        "the process was forked after the library's first use; a forked child cannot call it",
    )
}

/// Has children of this process marked. Threads that race here register twice, which changes nothing.
fn watch_forks() -> Result<(), Fault> {
    unsafe extern "C" fn in_child() {
        // A child of a process that never used the library is as good as new.
        if STATE.load(Ordering::Relaxed) != NEW {
            STATE.store(FORKED, Ordering::Relaxed);
        }
    }
    // SAFETY: `in_child` only touches an atomic, as a fork handler must.
    let failed = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    if failed == 0 {
        Ok(())
    } else {
        Err(Fault::new(Status::Limit, "no memory for a fork handler"))
    }
}

/// Random bits from the standard library's own seed: two libraries in one process differ.
fn random_tag() -> u64 {
    let hash = RandomState::new().hash_one(std::process::id());
    ((hash ^ hash >> 16 ^ hash >> 32 ^ hash >> 48) & 0xffff).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rt::exports;
    use crate::rt::tests::testing::TestCall;

    #[test]
    fn first_use_from_many_threads() {
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| started().expect("started"));
            }
        });
        assert_ne!(tag(), 0);
        assert!(tag() < 1 << 16);
        let before = tag();
        started().expect("started");
        assert_eq!(tag(), before);
    }

    #[test]
    fn tags_fit_and_are_never_zero() {
        assert!((0..10_000).all(|_| (1..1 << 16).contains(&random_tag())));
    }

    #[test]
    fn a_forked_child_gets_forked() {
        started().expect("started");
        let mut call = TestCall::new();
        // SAFETY: the child calls only what refuses at once, and `_exit`s without running anything of the parent's.
        let child = unsafe { libc::fork() };
        if child == 0 {
            // SAFETY: ends a child that waits for something.
            unsafe { libc::alarm(60) };
            let mut record = core::mem::MaybeUninit::uninit();
            // SAFETY: a valid call, and room for one record.
            let (closed, cancelled, fd, drained) = unsafe {
                let closed = exports::close(1, call.raw());
                (
                    closed,
                    exports::cancel(1),
                    exports::queue_fd(),
                    exports::drain(record.as_mut_ptr(), 1),
                )
            };
            let right = started().is_err_and(|fault| fault.status == Status::Forked)
                && closed == Status::Forked as i32
                && cancelled == Status::Forked as i32
                && fd == -1
                && drained == 0;
            // SAFETY: ends the child.
            unsafe { libc::_exit(if right { 0 } else { 1 }) }
        }
        assert!(child > 0);
        let mut status = 0;
        // SAFETY: waits for the child made above.
        assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
        assert!(
            libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0,
            "status {status:x}"
        );
        started().expect("the parent goes on");
    }
}
