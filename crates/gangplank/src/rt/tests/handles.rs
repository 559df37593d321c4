//! Handles: what they name, what they refuse, and that a hammered table neither loses nor revives an object.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use super::testing::{PATIENCE, eventually};
use crate::abi::Status;
use crate::rt::{Context, Fault, FnMeta, Object, close, enter, insert, release, started, state};

static META: FnMeta = FnMeta {
    path: "demo::Thing::get",
};

struct Thing {
    value: u64,
    alive: AtomicBool,
    dropped: Arc<AtomicUsize>,
}

impl Object for Thing {
    const NAME: &'static str = "Thing";
}

impl Drop for Thing {
    fn drop(&mut self) {
        assert!(self.alive.swap(false, Ordering::SeqCst));
        self.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

struct Other;

impl Object for Other {
    const NAME: &'static str = "Other";
}

fn thing(value: u64, dropped: &Arc<AtomicUsize>) -> u64 {
    started().expect("started");
    let thing = Thing {
        value,
        alive: AtomicBool::new(true),
        dropped: dropped.clone(),
    };
    insert(Arc::new(thing), Context::new(&[], &[])).expect("a handle")
}

fn refused(handle: u64) -> Fault {
    enter::<Thing>(handle, &META).err().expect("refused")
}

#[test]
fn enter_close_and_what_follows() {
    let dropped = Arc::default();
    let (one, two) = (thing(1, &dropped), thing(2, &dropped));
    assert_eq!(enter::<Thing>(one, &META).expect("open").value, 1);
    assert_eq!(close(one, Duration::ZERO), Ok(()));
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
    let fault = refused(one);
    assert_eq!(fault.status, Status::Closed);
    assert_eq!(fault.message, "demo::Thing::get: this Thing is closed");
    assert_eq!(close(one, Duration::ZERO), Ok(()), "a second close is fine");
    assert_eq!(enter::<Thing>(two, &META).expect("still open").value, 2);
    release(two);
    release(two);
    assert_eq!(dropped.load(Ordering::SeqCst), 2);
}

#[test]
fn a_handle_outlives_its_slots_reuse_as_closed() {
    let dropped = Arc::default();
    let old = thing(1, &dropped);
    release(old);
    // The slot comes round again sooner or later; the old handle stays closed.
    for value in 0..200 {
        let next = thing(value, &dropped);
        assert_ne!(next, old);
        assert_eq!(refused(old).status, Status::Closed);
        release(next);
    }
}

#[test]
fn wrong_type_and_forged() {
    let handle = insert(Arc::new(Other), Context::new(&[], &[])).expect("a handle");
    let fault = refused(handle);
    assert_eq!(fault.status, Status::WrongType);
    assert_eq!(
        fault.message,
        "demo::Thing::get: the handle is that of a Other, not of a Thing"
    );
    let forged = [
        0,
        1,
        u64::MAX,
        handle ^ 1 << 50,
        handle | 0xff_ffff,
        handle + (1 << 24),
        handle | 0xff_ffff << 24,
        state::tag() << 48 | 0xff_fff0,
    ];
    for forged in forged {
        assert_eq!(refused(forged).status, Status::StaleHandle, "{forged:#x}");
        assert_eq!(
            close(forged, Duration::ZERO).expect_err("forged").status,
            Status::StaleHandle
        );
        release(forged);
    }
    assert!(enter::<Other>(handle, &META).is_ok());
    release(handle);
}

/// Also where something fails: nobody else ends those who look at it.
struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn hammer() {
    const ROUNDS: u64 = 300;
    let dropped = Arc::<AtomicUsize>::default();
    let shared: Vec<AtomicU64> = (0..4)
        .map(|value| AtomicU64::new(thing(value, &dropped)))
        .collect();
    let (entered, done) = (AtomicUsize::new(0), AtomicBool::new(false));
    let begin = Barrier::new(7);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                begin.wait();
                while !done.load(Ordering::Relaxed) {
                    for (value, handle) in shared.iter().enumerate() {
                        match enter::<Thing>(handle.load(Ordering::Relaxed), &META) {
                            Ok(thing) => {
                                assert!(thing.alive.load(Ordering::SeqCst));
                                assert_eq!(thing.value, value as u64);
                                entered.fetch_add(1, Ordering::Relaxed);
                            }
                            Err(fault) => assert_eq!(fault.status, Status::Closed),
                        }
                    }
                }
            });
        }
        begin.wait();
        let ends = SetOnDrop(&done);
        for round in 0..ROUNDS {
            let slot = &shared[(round % 4) as usize];
            let old = slot.swap(thing(round % 4, &dropped), Ordering::Relaxed);
            if round % 3 == 0 {
                release(old);
            } else {
                assert_eq!(close(old, PATIENCE), Ok(()));
            }
        }
        eventually("somebody entered", || entered.load(Ordering::Relaxed) > 0);
        drop(ends);
    });
    assert_eq!(dropped.load(Ordering::SeqCst), ROUNDS as usize);
    shared
        .iter()
        .for_each(|handle| release(handle.load(Ordering::Relaxed)));
    assert_eq!(dropped.load(Ordering::SeqCst), ROUNDS as usize + 4);
}
