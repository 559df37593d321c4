//! Locks and atomics of the runtime, in one place so that a model checker can stand in for them.
//!
//! Comes in: `std`. Goes out: the same names. The state machine of the handles ([`super::word`]) takes its atomics only
//! from here.

pub(crate) use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, also after a panic: the runtime never runs code of others under a lock that protects an invariant, so a
/// poisoned lock still guards consistent data.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
