//! The queue: every kind of record, the descriptor's edges, and memory that stays until the next drain.

use core::ffi::c_void;
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::events::{emit, listen, object};
use super::testing::{Log, PATIENCE, TestCall, alone, eventually, on_the_executor, raw, start};
use crate::abi::{
    RECORD_COMPLETION, RECORD_EVENT, RECORD_HOST_CALL, RECORD_HOST_CANCEL, RECORD_LOST,
    RECORD_RELEASE, RawCall, RawRecord, Status,
};
use crate::memory::Lowered;
use crate::rt::listeners::MOST;
use crate::rt::{
    Context, EventsLink, FnMeta, HostError, HostLink, Inline, Object, executor, exports, host_call,
    insert, release, started,
};

static CALL: FnMeta = FnMeta { path: "demo::call" };

const KEY: *mut c_void = std::ptr::without_provenance_mut(77);

struct Thing;

impl Object for Thing {
    const NAME: &'static str = "Thing";
}

/// Drains at most `max` records.
fn drain(max: usize) -> Vec<RawRecord> {
    let mut records = Vec::with_capacity(max);
    // SAFETY: room for `max` records, of which the returned number is written.
    unsafe {
        let count = exports::drain(records.as_mut_ptr(), max);
        records.set_len(count);
    }
    records
}

/// Waits until a drain finds something.
fn wait() -> Vec<RawRecord> {
    wait_for(256)
}

/// Waits for the next record and leaves those behind it, which may be there already.
fn next() -> RawRecord {
    wait_for(1)[0]
}

fn wait_for(max: usize) -> Vec<RawRecord> {
    let until = Instant::now() + PATIENCE;
    loop {
        let records = drain(max);
        if !records.is_empty() {
            return records;
        }
        assert!(Instant::now() < until, "nothing arrived");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Empties the queue of what other tests left.
fn emptied() {
    while !drain(256).is_empty() {}
}

fn ends_on_the_executor(call: &mut TestCall, status: i32) -> i32 {
    let future = async move {
        on_the_executor().await;
        status
    };
    // SAFETY: the test waits for the completion.
    unsafe {
        start::<Inline, _, _>(
            &CALL,
            0,
            call.raw(),
            Some(exports::queue_done),
            KEY,
            future,
            |status, _: *mut RawCall| status,
        )
    }
}

#[test]
fn completions_and_edges() {
    let _alone = alone();
    started().expect("started");
    // SAFETY: always safe.
    let fd = unsafe { exports::queue_fd() };
    assert!(fd >= 0);
    // SAFETY: as above.
    assert_eq!(unsafe { exports::queue_fd() }, fd);
    // Edge-triggered, never read, as Go's poller does it.
    // SAFETY: plain system calls.
    let epoll = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
    let mut event = libc::epoll_event {
        events: (libc::EPOLLIN | libc::EPOLLET) as u32,
        u64: 1,
    };
    // SAFETY: `event` is valid for the call.
    let added = unsafe { libc::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, fd, &raw mut event) };
    assert_eq!(added, 0);
    let edge = |timeout_ms| {
        let mut event = libc::epoll_event { events: 0, u64: 0 };
        // SAFETY: room for one event.
        unsafe { libc::epoll_wait(epoll, &raw mut event, 1, timeout_ms) == 1 }
    };
    for round in 0..5 {
        emptied();
        while edge(0) {}
        let mut call = TestCall::new();
        assert_eq!(
            ends_on_the_executor(&mut call, round),
            Status::Pending as i32
        );
        assert!(
            edge(60_000),
            "an edge for the first record after an empty drain"
        );
        let records = wait();
        assert_eq!(records.len(), 1);
        let record = records[0];
        assert_eq!(
            (record.kind, record.status, record.key),
            (RECORD_COMPLETION, round, 77)
        );
    }
    // SAFETY: made above.
    unsafe { libc::close(epoll) };
}

unsafe fn lift(_: i32, _: *const c_void, _: usize) -> Result<i64, HostError> {
    Ok(3)
}

/// The same future; sets `once` when it has been polled.
async fn polled<F: Future>(future: F, once: Arc<AtomicBool>) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| {
        let polled = future.as_mut().poll(context);
        once.store(true, Ordering::SeqCst);
        polled
    })
    .await
}

#[test]
fn host_calls_and_cancels() {
    let _alone = alone();
    started().expect("started");
    emptied();
    let context = Context::new(&["fetch"], &[]);
    let handle = insert(Arc::new(Thing), context.clone()).expect("handle");
    // SAFETY: the queue's own callbacks.
    let registered = unsafe {
        exports::register_host_fn(
            handle,
            raw("fetch"),
            Some(exports::queue_host_fn),
            Some(exports::queue_host_cancel),
            KEY,
            Some(exports::queue_release),
        )
    };
    assert_eq!(registered, 0);
    let link = HostLink::new(&context);
    let call_of = |value: i64, deadline_ms: u64| {
        let request = Lowered::plain(8, |_| value);
        host_call(&link, "fetch", deadline_ms, request, lift)
    };
    let ask = |value: i64, deadline_ms: u64| {
        let call = call_of(value, deadline_ms);
        executor::handle().expect("executor").spawn(call)
    };
    // SAFETY: records of host calls in these tests point to an `i64`.
    let value = |record: &RawRecord| unsafe { record.data.cast::<i64>().read() };

    let asked = ask(41, 0);
    let call = next();
    assert_eq!(
        (call.kind, call.key, value(&call)),
        (RECORD_HOST_CALL, 77, 41)
    );
    assert!(drain(256).is_empty());
    assert_eq!(value(&call), 41, "until it is answered");
    // SAFETY: the result is not read by `lift`.
    let answered = unsafe { exports::host_complete(call.id, 0, std::ptr::null(), 0) };
    assert_eq!(answered, 0);
    assert_eq!(
        executor::handle()
            .expect("executor")
            .block_on(asked)
            .expect("joined"),
        Ok(3)
    );

    // Given up on before it was drained: call and cancel arrive in order, and the request can still be read.
    let asked = Arc::new(AtomicBool::new(false));
    let given_up = executor::handle()
        .expect("executor")
        .spawn(polled(call_of(42, 0), asked.clone()));
    eventually("asked", || asked.load(Ordering::SeqCst));
    given_up.abort();
    let ended = executor::handle().expect("executor").block_on(given_up);
    assert!(ended.expect_err("aborted").is_cancelled());
    let (call, cancel) = (next(), next());
    assert_eq!((call.kind, value(&call)), (RECORD_HOST_CALL, 42));
    assert_eq!(
        (cancel.kind, cancel.status, cancel.key, cancel.id),
        (RECORD_HOST_CANCEL, Status::Cancelled as i32, 77, call.id)
    );
    assert_eq!(value(&call), 42, "until the drain after the cancel");

    // Given up on because of the time, and because the object is closed.
    let cancel = |call: RawRecord| {
        let cancel = next();
        assert_eq!((cancel.kind, cancel.id), (RECORD_HOST_CANCEL, call.id));
        cancel.status
    };
    let late = ask(43, 10);
    assert_eq!(cancel(next()), Status::Deadline as i32);
    let closed = ask(44, 0);
    let call = next();
    crate::rt::host::fail_closed(&context);
    assert_eq!(cancel(call), Status::Closed as i32);
    for asked in [late, closed] {
        let answer = executor::handle().expect("executor").block_on(asked);
        answer.expect("joined").expect_err("given up on");
    }
    release(handle);
    let released = next();
    assert_eq!((released.kind, released.key), (RECORD_RELEASE, 77));
    assert!(drain(256).is_empty());
}

#[test]
fn events_direct_and_through_the_dispatcher() {
    let _alone = alone();
    for direct in [true, false] {
        emptied();
        exports::declare_queue_listener(if direct {
            Some(exports::queue_listener)
        } else {
            None
        });
        let (handle, link) = object();
        let mut id = 0;
        // SAFETY: the queue's own callbacks.
        let added = unsafe {
            exports::add_listener(
                handle,
                raw("ticked"),
                Some(exports::queue_listener),
                KEY,
                Some(exports::queue_release),
                &raw mut id,
            )
        };
        assert_eq!(added, 0);
        (0..20).for_each(|value| emit(&link, value));
        let mut seen = Vec::new();
        while seen.len() < 20 {
            for record in wait() {
                assert_eq!((record.kind, record.key, record.id), (RECORD_EVENT, 77, 0));
                // SAFETY: an event of an `i64`, before the next drain.
                seen.push(unsafe { record.data.cast::<i64>().read() });
            }
        }
        assert_eq!(seen, (0..20).collect::<Vec<_>>());
        emit(&link, 20);
        release(handle);
        let mut kinds: Vec<_> = wait().iter().map(|record| record.kind).collect();
        while kinds.len() < 2 {
            kinds.extend(wait().iter().map(|record| record.kind));
        }
        assert_eq!(
            kinds,
            [RECORD_EVENT, RECORD_RELEASE],
            "delivered, then released"
        );
        assert!(drain(256).is_empty());
    }
    exports::declare_queue_listener(Some(exports::queue_listener));
}

/// Events that cannot be lowered: told by the next one, or by themselves where none waits, each once.
#[test]
fn lost_events_are_told_without_another_one() {
    let _alone = alone();
    emptied();
    exports::declare_queue_listener(Some(exports::queue_listener));
    let (handle, link) = object();
    let mut id = 0;
    // SAFETY: a queue's listener has a number for `user_data`.
    let added = unsafe {
        exports::add_listener(
            handle,
            raw("ticked"),
            Some(exports::queue_listener),
            KEY,
            Some(exports::queue_release),
            &raw mut id,
        )
    };
    assert_eq!(added, 0);
    let lose = |link: &EventsLink| {
        let full = Box::new((Status::Limit, "no place is left".to_owned()));
        link.emit("ticked", Err(full));
    };
    let seen = || {
        let all = drain(256);
        all.iter()
            .map(|record| (record.kind, record.key, record.id))
            .collect::<Vec<_>>()
    };
    (0..3).for_each(|_| lose(&link));
    assert_eq!(seen(), [(RECORD_LOST, 77, 3)]);
    // One that waits tells of those that are lost behind it.
    emit(&link, 1);
    lose(&link);
    emit(&link, 2);
    assert_eq!(seen(), [(RECORD_EVENT, 77, 1), (RECORD_EVENT, 77, 0)]);
    // One that comes afterwards finds it told.
    lose(&link);
    emit(&link, 3);
    assert_eq!(seen(), [(RECORD_LOST, 77, 1), (RECORD_EVENT, 77, 0)]);
    // Before the end, and not for a listener that is gone.
    lose(&link);
    release(handle);
    assert_eq!(seen(), [(RECORD_LOST, 77, 1)]);
    assert_eq!(seen(), [(RECORD_RELEASE, 77, 0)]);

    let (handle, link) = object();
    let log = Log::new();
    let id = listen(handle, "ticked", Some(exports::queue_listener), &log).expect("added");
    lose(&link);
    // SAFETY: always safe.
    assert_eq!(unsafe { exports::remove_listener(id) }, 0);
    assert!(drain(256).is_empty());
    release(handle);
}

#[test]
fn events_overflow_and_removal() {
    let _alone = alone();
    emptied();
    exports::declare_queue_listener(Some(exports::queue_listener));
    let (handle, link) = object();
    let log = Log::new();
    let id = listen(handle, "ticked", Some(exports::queue_listener), &log).expect("added");
    (0..MOST as i64 + 5).for_each(|value| emit(&link, value));
    for expected in [(5, 5), (0, 6)] {
        let record = drain(1)[0];
        // SAFETY: an event of an `i64`, before the next drain.
        let value = unsafe { record.data.cast::<i64>().read() };
        assert_eq!((record.id, value), expected);
    }
    // SAFETY: always safe.
    assert_eq!(unsafe { exports::remove_listener(id) }, 0);
    assert_eq!(log.seen(), [-1]);
    assert!(drain(256).is_empty(), "nothing after the removal");
    release(handle);
}

#[test]
fn a_cancelled_call_completes_over_the_queue() {
    let _alone = alone();
    emptied();
    let mut call = TestCall::new();
    let future = pending::<i32>();
    // SAFETY: the test waits for the completion.
    let status = unsafe {
        start::<Inline, _, _>(
            &CALL,
            0,
            call.raw(),
            Some(exports::queue_done),
            KEY,
            future,
            |status, _: *mut RawCall| status,
        )
    };
    assert_eq!(status, Status::Pending as i32);
    // SAFETY: always safe.
    assert_eq!(unsafe { exports::cancel(call.fields().id) }, 0);
    let record = next();
    assert_eq!(
        (record.kind, record.status, record.key),
        (RECORD_COMPLETION, Status::Cancelled as i32, 77)
    );
}
