//! A slot of the handle table: whoever enters finds its own object alive, and each object is taken out exactly once.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use super::explore;
use crate::rt::slots::Slot;
use crate::rt::word::{NotOpen, Refused};

/// A slot with objects that know their generation, and how many of them were taken out.
struct Place {
    slot: Slot<u32>,
    taken: [AtomicUsize; 2],
}

impl Place {
    /// Object 0 is open.
    fn open() -> Arc<Self> {
        let place = Self {
            slot: Slot::free(),
            taken: [AtomicUsize::new(0), AtomicUsize::new(0)],
        };
        place.publish(0);
        Arc::new(place)
    }

    fn publish(&self, object: u32) {
        // SAFETY: models publish what is new, or what they have just retired.
        assert_eq!(unsafe { self.slot.publish(object) }, object);
    }

    /// Looks at the object of a reference, and gives the reference back; whether that was the last one.
    fn look_and_leave(&self, object: u32) -> bool {
        // SAFETY: the caller has entered or closed.
        assert_eq!(unsafe { *self.slot.body() }, object, "another's object");
        let last = self.slot.word.leave();
        if last {
            // SAFETY: the word said so.
            assert_eq!(unsafe { self.slot.take() }, object);
            self.taken[object as usize].fetch_add(1, Ordering::Relaxed);
            assert_eq!(self.slot.word.retire(), object + 1);
        }
        last
    }

    /// A call of the object, or of one that has gone.
    fn call(&self, object: u32) -> Result<bool, Refused> {
        self.slot
            .word
            .enter(object)
            .map(|()| self.look_and_leave(object))
    }

    fn close(&self, object: u32) -> Result<bool, NotOpen> {
        self.slot
            .word
            .close(object)
            .map(|()| self.look_and_leave(object))
    }

    fn taken(&self, object: usize) -> usize {
        self.taken[object].load(Ordering::Relaxed)
    }
}

#[test]
fn calls_while_it_is_closed() {
    explore(|| {
        let place = Place::open();
        let callers = [(); 2].map(|()| {
            let place = place.clone();
            thread::spawn(move || place.call(0))
        });
        place.close(0).expect("the only closer");
        for caller in callers {
            if let Err(refused) = caller.join().expect("caller") {
                assert_eq!(refused, Refused::Closed);
            }
        }
        assert_eq!(place.taken(0), 1);
        assert_eq!(place.call(0), Err(Refused::Closed));
    });
}

#[test]
fn two_closers() {
    explore(|| {
        let place = Place::open();
        let (other, caller) = (place.clone(), place.clone());
        let other = thread::spawn(move || other.close(0).is_ok());
        let caller = thread::spawn(move || caller.call(0).is_ok());
        let here = place.close(0).is_ok();
        assert!(here != other.join().expect("closer"), "exactly one closes");
        caller.join().expect("caller");
        assert_eq!(place.taken(0), 1);
    });
}

#[test]
fn a_stale_caller_and_the_next_object() {
    explore(|| {
        let place = Place::open();
        let stale = place.clone();
        let stale = thread::spawn(move || stale.call(0));
        let last = place.close(0) == Ok(true);
        if last {
            // The slot is free again, and ours.
            place.publish(1);
            let fresh = place.clone();
            let fresh = thread::spawn(move || fresh.call(1));
            place.close(1).expect("open");
            if let Err(refused) = fresh.join().expect("caller") {
                assert_eq!(refused, Refused::Closed);
            }
        }
        let called = stale.join().expect("stale caller");
        assert!(last || called == Ok(true), "somebody was the last");
        assert_eq!([place.taken(0), place.taken(1)], [1, usize::from(last)]);
    });
}
