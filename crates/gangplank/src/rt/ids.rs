//! Numbers that are never used twice, and maps keyed by them.
//!
//! Comes in: nothing. Goes out: ids of pending calls, host calls and listeners. They come from one sequence for the whole
//! library, of which each thread takes a block at a time, so an id that is late or belongs elsewhere can never name
//! something new.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use super::sync::modelled::{Mutex, MutexGuard, lock};
use super::sync::{AtomicU64, Ordering};

static NEXT: AtomicU64 = AtomicU64::new(1);

/// How many numbers a thread takes at a time.
const BLOCK: u64 = 64;

thread_local! {
    /// The thread's next number, and the end of its block.
    static OWN: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

/// A number that was never returned before.
pub(crate) fn next() -> u64 {
    let (id, end) = own();
    OWN.set((id + 1, end));
    id
}

/// What [`next`] returns next on this thread.
#[cfg(all(test, loom))]
pub(crate) fn upcoming() -> u64 {
    let own = own();
    OWN.set(own);
    own.0
}

/// The thread's block, or a new one when that is used up.
fn own() -> (u64, u64) {
    match OWN.get() {
        (id, end) if id < end => (id, end),
        _ => {
            let id = NEXT.fetch_add(BLOCK, Ordering::Relaxed);
            (id, id + BLOCK)
        }
    }
}

/// A map from ids.
pub(crate) type IdMap<V> = HashMap<u64, V, BuildHasherDefault<IdHasher>>;
/// A set of ids.
pub(crate) type IdSet = HashSet<u64, BuildHasherDefault<IdHasher>>;

/// An empty map, for statics.
pub(crate) const fn map<V>() -> IdMap<V> {
    HashMap::with_hasher(BuildHasherDefault::new())
}

/// An empty set, for statics.
pub(crate) const fn set() -> IdSet {
    HashSet::with_hasher(BuildHasherDefault::new())
}

/// How many locks a [`Shards`] has.
const SHARDS: usize = if cfg!(loom) { 2 } else { 16 };

/// A map from ids behind several locks, by the last digits of the id: threads that work at the same time seldom meet.
pub(crate) struct Shards<V>([Mutex<IdMap<V>>; SHARDS]);

impl<V> Shards<V> {
    /// An empty one, for statics.
    #[cfg(not(all(test, loom)))]
    pub(crate) const fn new() -> Self {
        Self([const { Mutex::new(map()) }; SHARDS])
    }

    /// An empty one; loom's locks are not for statics.
    #[cfg(all(test, loom))]
    pub(crate) fn new() -> Self {
        Self(std::array::from_fn(|_| Mutex::new(map())))
    }

    /// The map that has this id, if any has.
    pub(crate) fn of(&self, id: u64) -> MutexGuard<'_, IdMap<V>> {
        lock(&self.0[id as usize % SHARDS])
    }

    /// The maps, one after the other.
    pub(crate) fn all(&self) -> impl Iterator<Item = MutexGuard<'_, IdMap<V>>> {
        self.0.iter().map(lock)
    }
}

/// Spreads sequential numbers; they come from the library itself, so nobody can aim at collisions.
#[derive(Default)]
pub(crate) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, id: u64) {
        self.0 = (self.0 ^ id)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(29);
    }
}
