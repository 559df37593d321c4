//! Events to listeners in C: order, overflow, removal, and that nobody waits for a slow listener.

use core::ffi::c_void;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier, OnceLock};
use std::time::{Duration, Instant};

use super::testing::{Log, PATIENCE, alone, eventually, log_release, raw};
use crate::abi::{RawListener, Status};
use crate::memory::Lowered;
use crate::rt::listeners::{self, MOST};
use crate::rt::{Context, EventsLink, Object, close, exports, insert, release, started, stats};

struct Thing;

impl Object for Thing {
    const NAME: &'static str = "Thing";
}

pub(super) fn object() -> (u64, EventsLink) {
    started().expect("started");
    let context = Context::new(&[], &["ticked", "tocked"]);
    (
        insert(Arc::new(Thing), context.clone()).expect("handle"),
        EventsLink::new(&context),
    )
}

pub(super) fn listen(
    this: u64,
    event: &str,
    function: RawListener,
    log: &Arc<Log>,
) -> Result<u64, i32> {
    let mut id = 0;
    // SAFETY: the tests keep the log until it is released.
    let status = unsafe {
        exports::add_listener(
            this,
            raw(event),
            function,
            log.user_data(),
            Some(log_release),
            &raw mut id,
        )
    };
    if status == 0 { Ok(id) } else { Err(status) }
}

pub(super) fn emit(link: &EventsLink, value: i64) {
    if link.wanted("ticked") {
        link.emit("ticked", Ok(Lowered::plain(8, |_| value)));
    }
}

fn remove(id: u64) -> i32 {
    // SAFETY: always safe.
    unsafe { exports::remove_listener(id) }
}

/// Logs the event, and what was dropped before it as a number from a million on.
unsafe extern "C" fn log_event(event: *const c_void, dropped: u64, user_data: *mut c_void) {
    // SAFETY: registered with a log; the event is an `i64`.
    let (log, value) = unsafe { (Log::from(user_data), event.cast::<i64>().read()) };
    if dropped > 0 {
        log.add(1_000_000 + dropped as i64);
    }
    log.add(value);
}

#[test]
fn in_order_to_everybody_who_listens() {
    let (handle, link) = object();
    assert!(!link.wanted("ticked"));
    let (one, two, other) = (Log::new(), Log::new(), Log::new());
    listen(handle, "ticked", Some(log_event), &one).expect("added");
    listen(handle, "ticked", Some(log_event), &two).expect("added");
    listen(handle, "tocked", Some(log_event), &other).expect("added");
    assert!(link.wanted("ticked") && link.wanted("tocked"));
    (0..100).for_each(|value| emit(&link, value));
    let expected: Vec<_> = (0..100).collect();
    assert_eq!((one.wait(100), two.wait(100)), (expected.clone(), expected));
    assert!(other.seen().is_empty());
    release(handle);
    one.wait(101);
    two.wait(101);
    assert_eq!(other.wait(1), [-1]);
}

#[test]
fn who_is_known_hears() {
    for _ in 0..500 {
        let (handle, link) = object();
        let (log, id) = (Log::new(), AtomicU64::new(0));
        std::thread::scope(|scope| {
            // SAFETY: log and id live until the listener has been released.
            let adding = scope.spawn(|| unsafe {
                exports::add_listener(
                    handle,
                    raw("ticked"),
                    Some(log_event),
                    log.user_data(),
                    Some(log_release),
                    id.as_ptr(),
                )
            });
            let known = |id| id != 0 && listeners::tell_lost(id).is_ok();
            while !known(id.load(Ordering::SeqCst)) && !adding.is_finished() {
                std::hint::spin_loop();
            }
            emit(&link, 7);
        });
        assert_eq!(log.wait(1), [7]);
        release(handle);
        log.wait(2);
    }
}

#[test]
fn refused() {
    let (handle, _link) = object();
    let log = Log::new();
    assert_eq!(
        listen(handle, "unknown", Some(log_event), &log),
        Err(Status::NotFound as i32)
    );
    assert_eq!(
        listen(handle, "ticked", None, &log),
        Err(Status::BadArgument as i32)
    );
    assert_eq!(
        listen(handle ^ 1 << 60, "ticked", Some(log_event), &log),
        Err(Status::StaleHandle as i32)
    );
    close(handle, Duration::ZERO).expect("closed");
    assert_eq!(
        listen(handle, "ticked", Some(log_event), &log),
        Err(Status::Closed as i32)
    );
    assert_eq!(log.seen(), [-1; 4], "released although refused");
    assert_eq!(remove(u64::MAX), Status::NotFound as i32);
}

/// Blocks the dispatcher at one event until the test lets it go on.
struct Gate {
    reached: Barrier,
    open: Barrier,
    log: Arc<Log>,
}

impl Gate {
    fn new() -> Self {
        Self {
            reached: Barrier::new(2),
            open: Barrier::new(2),
            log: Log::new(),
        }
    }

    fn listen(&self, handle: u64) -> u64 {
        let mut id = 0;
        let user_data = std::ptr::from_ref(self).cast_mut().cast();
        // SAFETY: the test keeps the gate until it has removed the listener.
        let status = unsafe {
            exports::add_listener(
                handle,
                raw("ticked"),
                Some(gate),
                user_data,
                Some(gate_release),
                &raw mut id,
            )
        };
        assert_eq!(status, 0);
        id
    }
}

unsafe extern "C" fn gate(event: *const c_void, dropped: u64, user_data: *mut c_void) {
    // SAFETY: registered with a gate; the event is an `i64`.
    let (gate, value) = unsafe { (&*user_data.cast::<Gate>(), event.cast::<i64>().read()) };
    if value == 0 {
        gate.reached.wait();
        gate.open.wait();
    }
    // SAFETY: as `log_event`.
    unsafe { log_event(event, dropped, gate.log.user_data()) };
}

unsafe extern "C" fn gate_release(user_data: *mut c_void) {
    // SAFETY: registered with a gate.
    unsafe { &*user_data.cast::<Gate>() }.log.add(-1);
}

#[test]
fn overflow_drops_the_oldest_and_counts() {
    let _alone = alone();
    let (handle, link) = object();
    let gate = Gate::new();
    let id = gate.listen(handle);
    emit(&link, 0);
    gate.reached.wait();
    let before = stats::read().dropped_events;
    let begun = Instant::now();
    (1..=MOST as i64 + 10).for_each(|value| emit(&link, value));
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "publishing does not wait for a listener"
    );
    assert_eq!(stats::read().dropped_events, before + 10);
    gate.open.wait();
    let seen = gate.log.wait(2 + MOST);
    assert_eq!(seen[..3], [0, 1_000_010, 11]);
    assert_eq!(seen.last(), Some(&(MOST as i64 + 10)));
    emit(&link, 5_000);
    assert_eq!(gate.log.wait(3 + MOST).last(), Some(&5_000));
    assert_eq!(remove(id), 0);
    release(handle);
}

#[test]
fn what_makes_room_ends_where_it_may_publish() {
    static ENDS: OnceLock<(EventsLink, Arc<Log>)> = OnceLock::new();
    /// An object that tells of its end.
    fn ends(value: u64) {
        let (link, ended) = ENDS.get().expect("set");
        link.emit("tocked", Ok(Lowered::plain(8, |_| value)));
        ended.add(value as i64);
    }
    let _alone = alone();
    let (handle, link) = object();
    let (gate, other, ended) = (Gate::new(), Log::new(), Log::new());
    assert!(ENDS.set((link.clone(), ended.clone())).is_ok());
    listen(handle, "tocked", Some(log_event), &other).expect("added");
    let id = gate.listen(handle);
    emit(&link, 0);
    gate.reached.wait();
    for value in 1..=MOST as u64 + 3 {
        let carries = Lowered::new(8, |arena| {
            arena.lend(value, ends);
            value
        });
        link.emit("ticked", carries);
    }
    assert_eq!(ended.seen(), [1, 2, 3], "what made room");
    gate.open.wait();
    gate.log.wait(2 + MOST);
    assert_eq!(remove(id), 0);
    assert_eq!(ended.wait(3 + MOST).len(), 3 + MOST);
    release(handle);
    eventually("released", || other.seen().last() == Some(&-1));
}

/// Loses an event, as one that finds no handle for its object.
fn lose(link: &EventsLink) {
    let full = Box::new((Status::Limit, "no place is left".to_owned()));
    link.emit("ticked", Err(full));
}

/// Logs events as `log_event`, and what is told without one in the same way.
unsafe extern "C" fn log_lost(event: *const c_void, dropped: u64, user_data: *mut c_void) {
    if event.is_null() {
        // SAFETY: registered with a log.
        unsafe { Log::from(user_data) }.add(1_000_000 + dropped as i64);
    } else {
        // SAFETY: as `log_event`.
        unsafe { log_event(event, dropped, user_data) };
    }
}

fn tell_lost(id: u64) -> i32 {
    // SAFETY: the listeners of this file that ask for it look for events that are not there.
    unsafe { exports::tell_lost(id) }
}

#[test]
fn losses_are_told_without_an_event_to_those_who_ask() {
    let _alone = alone();
    let (handle, link) = object();
    let (told, untold) = (Log::new(), Log::new());
    let id = listen(handle, "ticked", Some(log_lost), &told).expect("added");
    listen(handle, "ticked", Some(log_event), &untold).expect("added");
    // What was lost before it asked, and each time from then on.
    lose(&link);
    lose(&link);
    assert_eq!(tell_lost(id), 0);
    assert_eq!(told.wait(1), [1_000_002]);
    lose(&link);
    assert_eq!(told.wait(2), [1_000_002, 1_000_001]);
    emit(&link, 5);
    assert_eq!(told.wait(3), [1_000_002, 1_000_001, 5], "told once");
    assert_eq!(untold.wait(2), [1_000_003, 5], "the event tells the others");
    // Before the end.
    lose(&link);
    release(handle);
    assert_eq!(told.wait(5)[3..], [1_000_001, -1]);
    assert_eq!(untold.wait(3)[2..], [-1]);
    assert_eq!(tell_lost(id), Status::NotFound as i32);
}

#[test]
fn a_listener_that_is_removed_is_told_of_no_losses() {
    let _alone = alone();
    let (handle, link) = object();
    let gate = Gate::new();
    let blocking = gate.listen(handle);
    let log = Log::new();
    let id = listen(handle, "ticked", Some(log_lost), &log).expect("added");
    assert_eq!(tell_lost(id), 0);
    emit(&link, 0);
    gate.reached.wait();
    // The dispatcher stands still, the token for this one waits.
    assert_eq!(remove(id), 0);
    lose(&link);
    let id = listen(handle, "ticked", Some(log_lost), &log).expect("added");
    assert_eq!(tell_lost(id), 0);
    lose(&link);
    assert_eq!(remove(id), 0);
    gate.open.wait();
    assert_eq!(remove(blocking), 0);
    assert_eq!(log.wait(2), [-1, -1]);
    release(handle);
}

#[test]
fn removal_waits_for_the_invocation_and_nothing_follows() {
    let _alone = alone();
    let (handle, link) = object();
    let gate = Gate::new();
    let id = gate.listen(handle);
    let listener = listeners::find(id).expect("added");
    (0..10).for_each(|value| emit(&link, value));
    gate.reached.wait();
    std::thread::scope(|scope| {
        let removing = scope.spawn(|| remove(id));
        eventually("it is being removed", || listener.is_removed());
        std::thread::sleep(Duration::from_millis(30));
        assert!(!removing.is_finished());
        assert!(gate.log.seen().is_empty());
        gate.open.wait();
        assert_eq!(removing.join().expect("joined"), 0);
    });
    eventually("released", || gate.log.seen() == [0, -1]);
    emit(&link, 11);
    assert_eq!(remove(id), Status::NotFound as i32);
    std::thread::sleep(Duration::from_millis(20));
    assert_eq!(gate.log.seen(), [0, -1]);
    release(handle);
}

#[test]
fn removal_from_inside_the_listener() {
    static ID: AtomicU64 = AtomicU64::new(0);
    unsafe extern "C" fn removes(event: *const c_void, dropped: u64, user_data: *mut c_void) {
        assert_eq!(remove(ID.load(Ordering::SeqCst)), 0);
        // SAFETY: as `log_event`.
        unsafe { log_event(event, dropped, user_data) };
    }
    let (handle, link) = object();
    let log = Log::new();
    ID.store(
        listen(handle, "ticked", Some(removes), &log).expect("added"),
        Ordering::SeqCst,
    );
    (0..3).for_each(|value| emit(&link, value));
    assert_eq!(log.wait(2), [0, -1], "released after the invocation");
    assert!(!link.wanted("ticked"));
    release(handle);
}

#[test]
fn close_from_inside_a_listener_and_what_waits_is_delivered() {
    static HANDLE: AtomicU64 = AtomicU64::new(0);
    unsafe extern "C" fn closes(event: *const c_void, dropped: u64, user_data: *mut c_void) {
        close(HANDLE.load(Ordering::SeqCst), PATIENCE).expect("closed");
        // SAFETY: as `log_event`.
        unsafe { log_event(event, dropped, user_data) };
    }
    let (handle, link) = object();
    HANDLE.store(handle, Ordering::SeqCst);
    let log = Log::new();
    let other = Log::new();
    listen(handle, "tocked", Some(log_event), &other).expect("added");
    listen(handle, "ticked", Some(closes), &log).expect("added");
    (0..3).for_each(|value| emit(&link, value));
    let seen = log.wait(2);
    // How many events were published before the close took effect is a race; each of them arrives, then the release.
    let published = seen.iter().filter(|value| **value >= 0).count();
    eventually("released", || log.seen().last() == Some(&-1));
    let seen = log.seen();
    assert!(
        seen.len() > published.min(1)
            && seen[..seen.len() - 1]
                .iter()
                .enumerate()
                .all(|(at, value)| *value == at as i64)
    );
    assert_eq!(other.wait(1), [-1]);
    emit(&link, 9);
    assert!(!link.wanted("ticked"));
}
