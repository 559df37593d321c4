//! Children of fork: their threads are gone, so what a module waits for may never come. A call there is an error.
//!
//! A flag that a fork handler sets costs a load per call, where asking for the process id costs a system call, and a host
//! can read it by itself before it calls through a pointer.

use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::error::{Error, Kind};

/// 1 in a child of a process that has used XLLR.
static FORKED: AtomicU32 = AtomicU32::new(0);

static WATCHING: Once = Once::new();

/// Where the flag lies; it lives as long as the process.
pub(crate) fn flag() -> *const u32 {
    FORKED.as_ptr()
}

/// Whether this is a child: for calls of what was found, so after [`started`].
#[inline]
pub(crate) fn is_child() -> bool {
    FORKED.load(Ordering::Relaxed) != 0
}

/// Goes before everything, above all before every lock: in a child another thread may hold it for ever.
#[inline]
pub(crate) fn started() -> Result<(), Error> {
    if is_child() {
        return Err(forked());
    }
    WATCHING.call_once(watch);
    Ok(())
}

#[cold]
fn forked() -> Error {
    Error::new(
        Kind::Forked,
        "forked: the process was forked after its first use of XLLR; a child may call it after exec only",
    )
}

fn watch() {
    unsafe extern "C" fn in_child() {
        FORKED.store(1, Ordering::Relaxed);
    }
    // SAFETY: `in_child` only touches an atomic, as a fork handler must, and this library is never unloaded (build.rs).
    // Without memory for the handler the process has other worries than its children.
    let _ = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
}
