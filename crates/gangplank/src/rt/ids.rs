//! Numbers that are never used twice, and maps keyed by them.
//!
//! Comes in: nothing. Goes out: ids of listeners. They come from one sequence for the whole library, of which each thread
//! takes a block at a time, so an id that is late or belongs elsewhere can never name something new. Calls have ids of
//! their own, in [`super::shards`].

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

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
