//! Error slots of the scalar form.
//!
//! Comes in: what would fill a `gp_call`, from functions that have none. Goes out: a slot number, and later the filled
//! call. A host that never asks costs a bounded amount: the oldest error makes room.

use std::sync::Mutex;
use std::sync::atomic::AtomicU32;

use super::guard;
use super::sync::{Ordering, lock};
use crate::abi::{RawCall, Status};
use crate::rt::Fault;
use crate::types::Detail;

/// Fills a call with as much of one error as is asked for, and returns its status.
type Write = Box<dyn FnOnce(*mut RawCall, Detail) -> i32 + Send>;

/// How many errors wait at most; far more than threads can be between a call and its `take_error`.
const MOST: usize = 4096;

/// An error and the number of its slot.
struct Waiting(u32, Write);

static NEXT: AtomicU32 = AtomicU32::new(1);
/// Errors by their numbers' last digits: one takes the place of those that came `MOST` or more before it, and gives way
/// to those that came after it.
static PLACES: [Mutex<Option<Waiting>>; MOST] = [const { Mutex::new(None) }; MOST];

fn place(id: u32) -> &'static Mutex<Option<Waiting>> {
    &PLACES[id as usize % MOST]
}

/// Keeps an error until `take_error`; never returns 0.
pub fn store_error(write: Write) -> u32 {
    let id = match NEXT.fetch_add(1, Ordering::Relaxed) {
        0 => NEXT.fetch_add(1, Ordering::Relaxed),
        id => id,
    };
    let new = Waiting(id, write);
    let mut place = lock(place(id));
    let overtaken = place
        .as_ref()
        .is_some_and(|there| (there.0.wrapping_sub(id) as i32) > 0);
    // A thread that was slow to come here has been overtaken by thousands of errors.
    let oldest = match overtaken {
        true => Some(new),
        false => place.replace(new),
    };
    drop(place);
    if oldest.is_some() {
        guard::report("the drop of an error", || drop(oldest));
    }
    id
}

/// Moves the error of a slot into `call` and frees the slot.
///
/// # Safety
/// `call` went through [`crate::memory::begin`].
pub(crate) unsafe fn take(id: u32, call: *mut RawCall, detail: Detail) -> Result<i32, Fault> {
    let waiting = lock(place(id)).take_if(|waiting| waiting.0 == id);
    match waiting {
        Some(Waiting(_, write)) => guard::guard(|| Ok(write(call, detail))),
        None => Err(Fault::new(
            Status::NotFound,
            format!("error slot {id} is empty: it was taken, or never filled"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rt::tests::testing::{TestCall, alone};

    fn fault(text: &str) -> u32 {
        let fault = Fault::new(Status::Limit, text);
        // SAFETY: `take` passes a begun call.
        store_error(Box::new(move |call, _| unsafe { fault.write(call) }))
    }

    fn taken(id: u32, call: &mut TestCall) -> Result<i32, Fault> {
        // SAFETY: the tests' calls are valid and theirs.
        unsafe { take(id, call.raw(), Detail::All) }
    }

    #[test]
    fn stored_taken_once_and_bounded() {
        // It drives out what others have stored.
        let _alone = alone();
        let (first, mut call) = (fault("first"), TestCall::new());
        assert_eq!(taken(first, &mut call), Ok(Status::Limit as i32));
        assert_eq!(call.message(), "first");
        assert_eq!(
            taken(first, &mut call).expect_err("taken").status,
            Status::NotFound
        );

        let old = fault("old");
        (1..MOST).for_each(|_| _ = fault("more"));
        let last = fault("last");
        assert!(taken(old, &mut call).is_err());
        assert!(taken(last, &mut call).is_ok());
    }

    #[test]
    fn a_panic_while_writing_is_a_fault() {
        let _alone = alone();
        crate::rt::started().expect("started");
        let id = store_error(Box::new(|_, _| panic!("lowering")));
        assert_eq!(
            taken(id, &mut TestCall::new()).expect_err("panic").message,
            "lowering"
        );
    }
}
