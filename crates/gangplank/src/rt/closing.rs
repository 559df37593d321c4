//! Waiting for an object's end.
//!
//! Comes in: closers that wait, and finalizers that report. Goes out: the outcome of the object's drop, to every closer
//! that registered before the object could have ended. A leaf: the table of handles calls it, nothing is called back.

use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use super::Fault;
use super::sync::lock;

static WAITERS: Mutex<Vec<Arc<Shared>>> = Mutex::new(Vec::new());

struct Shared {
    handle: u64,
    outcome: Mutex<Option<Result<(), Fault>>>,
    ended: Condvar,
}

/// A closer's place in the line; leaves it when dropped.
pub(crate) struct Waiter(Arc<Shared>);

impl Waiter {
    /// Registers for the end of `handle`. Before the handle is marked closing, or its end could be missed.
    pub(crate) fn register(handle: u64) -> Self {
        let shared = Arc::new(Shared {
            handle,
            outcome: Mutex::new(None),
            ended: Condvar::new(),
        });
        lock(&WAITERS).push(shared.clone());
        Self(shared)
    }

    /// Waits until the object has been dropped; `None`: the time is up.
    pub(crate) fn wait(&self, timeout: Duration) -> Option<Result<(), Fault>> {
        let until = Instant::now().checked_add(timeout);
        let mut outcome = lock(&self.0.outcome);
        loop {
            if let Some(ended) = outcome.take() {
                return Some(ended);
            }
            let left = match until {
                Some(until) => until
                    .checked_duration_since(Instant::now())
                    .filter(|left| !left.is_zero())?,
                None => Duration::from_secs(3600),
            };
            outcome = match self.0.ended.wait_timeout(outcome, left) {
                Ok((outcome, _)) => outcome,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        lock(&WAITERS).retain(|other| !Arc::ptr_eq(other, &self.0));
    }
}

/// Tells everybody who waits for `handle` how its drop went; false: nobody waits.
pub(crate) fn report(handle: u64, outcome: &Result<(), Fault>) -> bool {
    let waiting: Vec<_> = lock(&WAITERS)
        .iter()
        .filter(|waiter| waiter.handle == handle)
        .cloned()
        .collect();
    for waiter in &waiting {
        *lock(&waiter.outcome) = Some(outcome.clone());
        waiter.ended.notify_all();
    }
    !waiting.is_empty()
}
