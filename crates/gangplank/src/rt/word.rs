//! The state machine of one slot of the handle table: a single atomic word.
//!
//! Comes in: publish, enter, leave, close, retire. Goes out: whether that was allowed, and who was last. It is a layer of
//! its own so that it can be checked exhaustively: nothing else in the table needs an atomic.
//!
//! The word is `generation 32 | closing 1 | references 31`; the lowest bit of the generation says whether an object lives
//! here, the rest is the generation of the handle.
//!
//! 1. A word moves `free(g) → live(g) → closing(g) → free(g + 1)`; each move but the first enter is made by one thread.
//! 2. References are only added while live and not closing, so after `close` they only fall.
//! 3. Exactly one `leave` of a closing word returns true: the one that takes the references to 0.

use super::sync::Ordering;
use super::sync::modelled::{AtomicU64, fence};

const CLOSING: u64 = 1 << 31;
const REFERENCES: u64 = CLOSING - 1;
const LIVE: u64 = 1 << 32;
/// Where the handle's generation starts.
const GENERATION: u32 = 33;

/// See the module.
pub(crate) struct Word(AtomicU64);

/// Why a handle does not name an open object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It did, and the object has been closed.
    Closed,
    /// It never did.
    Never,
    /// As many references are held as fit, less the one that is kept for the closer.
    Full,
}

/// What [`Word::close`] found instead of an open object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotOpen {
    /// Somebody closes it; the last one to leave finalizes.
    Closing,
    /// It has been finalized.
    Gone,
    /// The handle never named an object.
    Never,
}

const fn live(generation: u32) -> u64 {
    (generation as u64) << GENERATION | LIVE
}

impl Word {
    /// A free slot at generation 0.
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Opens a free slot and returns the generation of its handle. Only for the thread that took it from the free list.
    pub(crate) fn publish(&self) -> u32 {
        let generation = (self.0.load(Ordering::Relaxed) >> GENERATION) as u32;
        self.0.store(live(generation), Ordering::Release);
        generation
    }

    /// Adds a reference if the object of this generation is open.
    #[inline]
    pub(crate) fn enter(&self, generation: u32) -> Result<(), Refused> {
        let mut now = self.0.load(Ordering::Relaxed);
        loop {
            if now & !REFERENCES != live(generation) {
                return Err(refusal(now, generation));
            }
            if now & REFERENCES == REFERENCES - 1 {
                return Err(Refused::Full);
            }
            match self
                .0
                .compare_exchange_weak(now, now + 1, Ordering::Acquire, Ordering::Relaxed)
            {
                Ok(_) => return Ok(()),
                Err(other) => now = other,
            }
        }
    }

    /// Whether the object of this generation is open, without keeping it so.
    pub(crate) fn is_open(&self, generation: u32) -> bool {
        self.0.load(Ordering::Relaxed) & !REFERENCES == live(generation)
    }

    /// Gives a reference back; true: the caller was the last and finalizes.
    #[inline]
    #[must_use]
    pub(crate) fn leave(&self) -> bool {
        let before = self.0.fetch_sub(1, Ordering::Release);
        if before & (CLOSING | REFERENCES) != CLOSING | 1 {
            return false;
        }
        fence(Ordering::Acquire);
        true
    }

    /// Marks an open object closing and adds a reference for the closer, which keeps what belongs to it alive.
    pub(crate) fn close(&self, generation: u32) -> Result<(), NotOpen> {
        let mut now = self.0.load(Ordering::Relaxed);
        loop {
            if now & !REFERENCES != live(generation) {
                return Err(match refusal(now, generation) {
                    _ if now & !REFERENCES == (live(generation) | CLOSING) => NotOpen::Closing,
                    Refused::Closed => NotOpen::Gone,
                    _ => NotOpen::Never,
                });
            }
            match self.0.compare_exchange_weak(
                now,
                (now | CLOSING) + 1,
                Ordering::Acquire,
                Ordering::Relaxed,
            ) {
                Ok(_) => return Ok(()),
                Err(other) => now = other,
            }
        }
    }

    /// Frees the slot after finalization and returns the generation of its next handle. Only for the last to leave.
    pub(crate) fn retire(&self) -> u32 {
        let next = (self.0.load(Ordering::Relaxed) >> GENERATION) as u32 + 1;
        self.0
            .store(u64::from(next) << GENERATION, Ordering::Release);
        next
    }
}

/// Why a word that is not open for `generation` refuses.
#[cold]
fn refusal(now: u64, generation: u32) -> Refused {
    let present = (now >> GENERATION) as u32;
    let was_issued = generation < present || generation == present && now & LIVE != 0;
    if was_issued {
        Refused::Closed
    } else {
        Refused::Never
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_life() {
        let word = Word::new();
        assert_eq!(word.enter(0), Err(Refused::Never));
        assert_eq!(word.publish(), 0);
        assert_eq!(word.enter(1), Err(Refused::Never));
        assert_eq!(word.enter(0), Ok(()));
        assert!(!word.leave());
        assert_eq!(word.enter(0), Ok(()));
        assert_eq!(word.close(0), Ok(()));
        assert_eq!(word.close(0), Err(NotOpen::Closing));
        assert_eq!(word.enter(0), Err(Refused::Closed));
        assert!(!word.leave());
        assert!(word.leave());
        assert_eq!(word.retire(), 1);
        assert_eq!(word.enter(0), Err(Refused::Closed));
        assert_eq!(word.close(0), Err(NotOpen::Gone));
        assert_eq!(word.enter(1), Err(Refused::Never));
        assert_eq!(word.close(1), Err(NotOpen::Never));
        assert_eq!(word.publish(), 1);
        assert_eq!(word.enter(1), Ok(()));
    }

    #[test]
    fn exactly_one_is_last() {
        use std::sync::atomic::AtomicU32;
        for _ in 0..200 {
            let word = Word::new();
            word.publish();
            let last = AtomicU32::new(0);
            std::thread::scope(|scope| {
                for closer in [true, false, false] {
                    let (word, last) = (&word, &last);
                    scope.spawn(move || {
                        let held = if closer {
                            word.close(0).is_ok()
                        } else {
                            word.enter(0).is_ok()
                        };
                        if held && word.leave() {
                            last.fetch_add(1, Ordering::Relaxed);
                        }
                    });
                }
            });
            assert_eq!(last.into_inner(), 1);
        }
    }
}
