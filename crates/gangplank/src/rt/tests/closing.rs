//! Closing: what it waits for, what it names, and closes that come from inside.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Barrier};
use std::time::Duration;

use super::testing::{PATIENCE, TestCall, closed_by};
use crate::abi::Status;
use crate::rt::{Context, FnMeta, Object, close, enter, insert, release, running, started};

static WORK: FnMeta = FnMeta {
    path: "demo::Door::work",
};
static REST: FnMeta = FnMeta {
    path: "demo::Door::rest",
};

/// Sends when it is dropped; may panic then.
struct Door(mpsc::Sender<()>, bool);

impl Object for Door {
    const NAME: &'static str = "Door";
}

impl Drop for Door {
    fn drop(&mut self) {
        let _ = self.0.send(());
        assert!(!self.1, "the door fell off");
    }
}

fn door(panics: bool) -> (u64, mpsc::Receiver<()>) {
    started().expect("started");
    let (sender, dropped) = mpsc::channel();
    let handle = insert(Arc::new(Door(sender, panics)), Context::new(&[], &[])).expect("handle");
    (handle, dropped)
}

#[test]
fn waits_for_a_running_call() {
    let (handle, dropped) = door(false);
    let (inside, leaves) = (Barrier::new(2), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _door = enter::<Door>(handle, &WORK).expect("open");
            let _running = running(handle, &WORK);
            inside.wait();
            std::thread::sleep(Duration::from_millis(60));
            leaves.store(true, Ordering::SeqCst);
        });
        inside.wait();
        assert_eq!(close(handle, PATIENCE), Ok(()));
        assert!(leaves.load(Ordering::SeqCst), "it did not wait");
    });
    dropped.try_recv().expect("dropped before close returned");
}

#[test]
fn names_what_is_stuck_and_the_last_to_leave_drops() {
    let (handle, dropped) = door(false);
    let (inside, leave) = (Barrier::new(3), Barrier::new(3));
    std::thread::scope(|scope| {
        for meta in [&WORK, &REST] {
            let (inside, leave) = (&inside, &leave);
            scope.spawn(move || {
                let _door = enter::<Door>(handle, meta).expect("open");
                let _running = running(handle, meta);
                inside.wait();
                leave.wait();
            });
        }
        inside.wait();
        let mut call = TestCall::with_timeout(Duration::from_millis(20));
        assert_eq!(closed_by(handle, &mut call), Status::Stuck as i32);
        assert_eq!(
            call.message(),
            "closing this Door gave up after 20ms: still running: demo::Door::rest, demo::Door::work"
        );
        assert_eq!(
            enter::<Door>(handle, &WORK).err().expect("closing").status,
            Status::Closed
        );
        assert!(dropped.try_recv().is_err());
        leave.wait();
    });
    dropped
        .recv_timeout(PATIENCE)
        .expect("dropped by the last to leave");
    assert_eq!(close(handle, Duration::ZERO), Ok(()));
}

#[test]
fn from_inside_a_call_it_marks_and_returns() {
    let (handle, dropped) = door(false);
    {
        let _door = enter::<Door>(handle, &WORK).expect("open");
        let _running = running(handle, &WORK);
        assert_eq!(close(handle, PATIENCE), Ok(()));
        assert!(dropped.try_recv().is_err());
        assert_eq!(
            enter::<Door>(handle, &WORK).err().expect("closing").status,
            Status::Closed
        );
    }
    dropped.try_recv().expect("dropped when the call left");
}

#[test]
fn many_closers_and_callers() {
    for _ in 0..100 {
        let (handle, dropped) = door(false);
        let start = Barrier::new(6);
        std::thread::scope(|scope| {
            for number in 0..6 {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    match number % 3 {
                        0 => assert_eq!(close(handle, PATIENCE), Ok(())),
                        1 => release(handle),
                        _ => {
                            for _ in 0..50 {
                                let _door = enter::<Door>(handle, &WORK);
                            }
                        }
                    }
                });
            }
        });
        dropped.try_recv().expect("dropped once");
        assert!(dropped.try_recv().is_err());
    }
}

#[test]
fn a_panic_in_drop_is_the_closers_error() {
    let (handle, dropped) = door(true);
    let mut call = TestCall::new();
    assert_eq!(closed_by(handle, &mut call), Status::Panic as i32);
    assert_eq!(call.message(), "the door fell off");
    dropped.try_recv().expect("dropped");
    assert_eq!(closed_by(handle, &mut call), Status::Ok as i32);
    // Without a closer it goes to standard error, and the library goes on.
    release(door(true).0);
    release(door(false).0);
}
