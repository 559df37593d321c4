//! Which objects the host knows, and how often: an object that crosses twice keeps one handle.
//!
//! Comes in: objects on their way to the host, and releases. Goes out: the handle of an object that the host already
//! has, or a new one; and whether a release was the last. A constructor's handle starts with one share, each later
//! crossing adds one, `<lib>_release` takes one away; `<lib>_close` does not ask.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use super::sync::lock;

/// Handle and shares, by the address of the object, which is the handle's own for as long as the handle is open.
static SHARED: LazyLock<Mutex<HashMap<usize, Share>>> = LazyLock::new(Mutex::default);

struct Share {
    handle: u64,
    count: u64,
}

fn key(value: *const ()) -> usize {
    value.addr()
}

/// A new handle: one share. Replaces that of a handle which is closing.
pub(crate) fn add(value: *const (), handle: u64) {
    lock(&SHARED).insert(key(value), Share { handle, count: 1 });
}

/// One share more of the handle that `value` has, if it is still `open`, which is asked under the lock and so must not
/// take or give references.
pub(crate) fn again(value: *const (), open: impl FnOnce(u64) -> bool) -> Option<u64> {
    let mut shared = lock(&SHARED);
    let share = shared
        .get_mut(&key(value))
        .filter(|share| open(share.handle))?;
    share.count += 1;
    Some(share.handle)
}

/// One share less; whether it was the last.
pub(crate) fn less(value: *const (), handle: u64) -> bool {
    let mut shared = lock(&SHARED);
    let Some(share) = shared
        .get_mut(&key(value))
        .filter(|share| share.handle == handle)
    else {
        return true;
    };
    // A host that releases more often than it was given shares gets its object closed, no more.
    share.count = share.count.saturating_sub(1);
    if share.count > 0 {
        return false;
    }
    // Nobody is given this handle any more: its object is about to close.
    shared.remove(&key(value));
    true
}

/// Forgets a handle, before its object can be dropped and the address be another's.
pub(crate) fn forget(value: *const (), handle: u64) {
    let mut shared = lock(&SHARED);
    if shared
        .get(&key(value))
        .is_some_and(|share| share.handle == handle)
    {
        shared.remove(&key(value));
    }
}
