//! Where the objects stand: slots in chunks that are never moved or freed.
//!
//! Comes in: slot numbers. Goes out: slots with a `'static` address, so that entering needs no lock and a stale handle
//! only ever reads a slot's word.
//!
//! Invariants of [`Slot`]:
//! 1. `body` is initialized exactly while the word is live (closing included).
//! 2. It is written by the thread that owns the free slot before `publish`, read under a reference, and taken out by the
//!    last to leave before `retire`.

use std::any::TypeId;
use std::mem::MaybeUninit;
use std::sync::atomic::AtomicPtr;
use std::sync::{Arc, Mutex};

use super::sync::modelled::UnsafeCell;
use super::sync::{Ordering, lock};
use super::word::Word;
use super::{Context, Fault, state};
use crate::abi::Status;

/// Bits of a slot number, and of a generation.
pub(crate) const SLOT_BITS: u32 = 24;
const GENERATIONS: u32 = 1 << 24;
const FIRST: usize = 64;
const CHUNKS: usize = (SLOT_BITS - FIRST.trailing_zeros() + 1) as usize;

/// One place for an object; a cache line of its own.
#[repr(align(64))]
pub(crate) struct Slot<B = Body> {
    pub(crate) word: Word,
    body: UnsafeCell<MaybeUninit<B>>,
}

// SAFETY: `body` is only touched as invariant 2 says, which orders all accesses.
unsafe impl<B: Send + Sync> Sync for Slot<B> {}

/// What lives in a slot.
pub(crate) struct Body {
    pub(crate) type_id: TypeId,
    pub(crate) name: &'static str,
    /// `Arc::into_raw` of the object.
    pub(crate) value: *const (),
    /// Drops `value`.
    pub(crate) drop: unsafe fn(*const ()),
    pub(crate) context: Arc<Context>,
}

// SAFETY: `value` is an object, and objects are `Send + Sync`; so is everything else.
unsafe impl Send for Body {}
// SAFETY: as above.
unsafe impl Sync for Body {}

impl<B> Slot<B> {
    /// A slot that was never used.
    pub(crate) fn free() -> Self {
        Self {
            word: Word::new(),
            body: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// Puts `body` here and opens the slot; the generation of its handle.
    ///
    /// # Safety
    /// The caller owns the free slot: it has just been taken from the free list, or retired by the caller.
    pub(crate) unsafe fn publish(&self, body: B) -> u32 {
        // SAFETY: the free slot is the caller's (invariant 2).
        self.body.with_mut(|place| unsafe { (*place).write(body) });
        self.word.publish()
    }

    /// What lives here.
    ///
    /// # Safety
    /// The caller holds a reference of the word for as long as it uses the result.
    #[inline]
    pub(crate) unsafe fn body(&self) -> &B {
        // SAFETY: the reference keeps the slot live and `body` where it is (invariants 1 and 2).
        self.body
            .with(|place| unsafe { (*place).assume_init_ref() })
    }

    /// Takes out what lives here. `word.retire` comes next.
    ///
    /// # Safety
    /// The word made the caller the last to leave, and this is called once for it.
    pub(crate) unsafe fn take(&self) -> B {
        // SAFETY: nobody else touches the body until `retire` (invariant 2), which leaves nothing initialized behind.
        self.body
            .with_mut(|place| unsafe { (*place).assume_init_read() })
    }
}

static DIRECTORY: [AtomicPtr<Slot>; CHUNKS] =
    [const { AtomicPtr::new(std::ptr::null_mut()) }; CHUNKS];

/// Chunk and place in it: chunk `k` holds `FIRST << k` slots.
#[inline]
const fn place(slot: u32) -> (usize, usize) {
    let at = slot as usize + FIRST;
    let chunk = (at.ilog2() - FIRST.ilog2()) as usize;
    (chunk, at - (FIRST << chunk))
}

/// The slot of this number, if it exists yet.
#[inline]
pub(crate) fn find(slot: u32) -> Option<&'static Slot> {
    let (chunk, at) = place(slot);
    let start = DIRECTORY[chunk].load(Ordering::Acquire);
    if start.is_null() {
        return None;
    }
    // SAFETY: a non-null entry of chunk `k` points to `FIRST << k` leaked slots, and `place` keeps `at` below that.
    Some(unsafe { &*start.add(at) })
}

/// Which slots are free and how many objects exist.
struct Free {
    /// Used again in the order they were given back, so that generations grow slowly.
    returned: std::collections::VecDeque<u32>,
    /// The first slot that was never used.
    fresh: u32,
    used: usize,
}

static FREE: Mutex<Free> = Mutex::new(Free {
    returned: std::collections::VecDeque::new(),
    fresh: 0,
    used: 0,
});

/// Takes a free slot for the caller alone.
pub(crate) fn take() -> Result<(u32, &'static Slot), Fault> {
    let mut free = lock(&FREE);
    let limit = state::limits().handles;
    if free.used >= limit {
        return Err(full(limit));
    }
    let slot = match free.returned.pop_front() {
        Some(slot) => slot,
        None if free.fresh >> SLOT_BITS == 0 => {
            free.fresh += 1;
            free.fresh - 1
        }
        None => return Err(full(1 << SLOT_BITS)),
    };
    free.used += 1;
    // Under the lock: two threads must not make the same chunk.
    Ok((slot, find(slot).unwrap_or_else(|| grow(slot))))
}

/// Gives a slot back; it is not used again once its generations are used up.
pub(crate) fn give_back(slot: u32, next_generation: u32) {
    let mut free = lock(&FREE);
    free.used -= 1;
    if next_generation < GENERATIONS {
        free.returned.push_back(slot);
    }
}

/// How many objects exist.
pub(crate) fn used() -> usize {
    lock(&FREE).used
}

#[cold]
fn grow(slot: u32) -> &'static Slot {
    let (chunk, at) = place(slot);
    let slots: &'static [Slot] = Vec::leak((0..FIRST << chunk).map(|_| Slot::free()).collect());
    DIRECTORY[chunk].store(slots.as_ptr().cast_mut(), Ordering::Release);
    &slots[at]
}

#[cold]
fn full(limit: usize) -> Fault {
    Fault::new(
        Status::Limit,
        format!("the limit of open objects is reached ({limit}); close some"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_number_has_its_place() {
        let mut next = (0, 0);
        for slot in 0..100_000 {
            assert_eq!(place(slot), next, "slot {slot}");
            next = if next.1 + 1 == FIRST << next.0 {
                (next.0 + 1, 0)
            } else {
                (next.0, next.1 + 1)
            };
        }
        assert!(place((1 << SLOT_BITS) - 1).0 < CHUNKS);
        assert!(find((1 << SLOT_BITS) - 1).is_none());
    }
}
