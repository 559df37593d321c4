//! Async calls: every way to end, each exactly once, the future always dropped before `done`.

use std::future::{pending, poll_fn, ready};
use std::sync::Arc;
use std::task::Poll;
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use super::testing::{Log, PATIENCE, TestCall, log_done, on_the_executor, start};
use crate::abi::{RawCall, Status};
use crate::rt::{
    Context, FnMeta, Hop, Inline, Object, Phase, close, enter, exports, insert, started,
};

static CALL: FnMeta = FnMeta { path: "demo::call" };

const OK: i32 = Status::Ok as i32;
const PENDING: i32 = Status::Pending as i32;
const CANCELLED: i32 = Status::Cancelled as i32;

/// Starts a call on no object whose output becomes its status.
fn go<P: Phase, F: Future<Output = i32> + Send + 'static>(
    _phase: P,
    call: &mut TestCall,
    log: &Arc<Log>,
    future: F,
) -> i32 {
    started().expect("started");
    // SAFETY: tests wait for the end of a pending call before they drop it or the log.
    unsafe {
        start::<P, _, _>(
            &CALL,
            0,
            call.raw(),
            Some(log_done),
            log.user_data(),
            future,
            |status, _: *mut RawCall| status,
        )
    }
}

fn cancel(id: u64) -> i32 {
    // SAFETY: always safe.
    unsafe { exports::cancel(id) }
}

/// Logs -7 when it is dropped.
struct Dropped(Arc<Log>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.add(-7);
    }
}

struct PanicOnDrop;

impl Drop for PanicOnDrop {
    fn drop(&mut self) {
        panic!("in drop");
    }
}

#[test]
fn ready_at_once_never_runs_done() {
    let (mut call, log) = (TestCall::new(), Log::new());
    assert_eq!(go(Inline, &mut call, &log, ready(1)), 1);
    assert_eq!((call.fields().status, call.fields().id), (1, 0));
    // Wakes itself three times: still on this thread.
    let here = std::thread::current().id();
    let mut polls = 0;
    let future = poll_fn(move |context| {
        polls += 1;
        context.waker().wake_by_ref();
        assert_eq!(std::thread::current().id(), here);
        if polls == 4 {
            Poll::Ready(OK)
        } else {
            Poll::Pending
        }
    });
    assert_eq!(go(Inline, &mut call, &log, future), OK);
    assert!(log.seen().is_empty());
}

#[test]
fn pending_then_done_once() {
    let (mut call, log) = (TestCall::new(), Log::new());
    let dropped = Dropped(log.clone());
    let future = async move {
        let _dropped = dropped;
        on_the_executor().await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        OK
    };
    assert_eq!(go(Inline, &mut call, &log, future), PENDING);
    assert_eq!(log.wait(2), [-7, 0], "the future is dropped before done");
    let id = call.fields().id;
    assert_ne!(id, 0);
    assert_eq!(cancel(id), Status::NotFound as i32);
    assert_eq!(cancel(u64::MAX), Status::NotFound as i32);
}

#[test]
fn an_id_is_gone_before_done_runs() {
    unsafe extern "C" fn cancel_in_done(
        user_data: *mut std::ffi::c_void,
        call: *mut RawCall,
        _: i32,
    ) {
        // SAFETY: passed below together with a log; the call is the host's again.
        let (log, id) = unsafe { (Log::from(user_data), (*call).id) };
        log.add(cancel(id).into());
    }
    started().expect("started");
    let (mut call, log) = (TestCall::new(), Log::new());
    // SAFETY: the test waits for the end.
    let status = unsafe {
        start::<Hop, _, _>(
            &CALL,
            0,
            call.raw(),
            Some(cancel_in_done),
            log.user_data(),
            ready(()),
            |(), _| OK,
        )
    };
    assert_eq!(status, PENDING);
    assert_eq!(log.wait(1), [i64::from(Status::NotFound as i32)]);
}

#[test]
fn hop_is_never_polled_here() {
    let (mut call, log) = (TestCall::new(), Log::new());
    let here: ThreadId = std::thread::current().id();
    assert_eq!(
        go(Hop, &mut call, &log, async move {
            i32::from(std::thread::current().id() == here)
        }),
        PENDING
    );
    assert_eq!(log.wait(1), [0]);
}

#[test]
fn without_done_it_is_not_started() {
    let mut call = TestCall::new();
    // SAFETY: the call ends at once.
    let status = unsafe {
        start::<Inline, _, _>(
            &CALL,
            0,
            call.raw(),
            None,
            std::ptr::null_mut(),
            async { panic!("polled") },
            |status: i32, _| status,
        )
    };
    assert_eq!(status, Status::BadArgument as i32);
    assert_eq!(
        call.message(),
        "demo::call: an async function needs a done callback"
    );
}

#[test]
fn panics_wherever_they_happen() {
    let (mut call, log) = (TestCall::new(), Log::new());
    let panic = Status::Panic as i32;
    assert_eq!(
        go(Inline, &mut call, &log, async { panic!("at once") }),
        panic
    );
    assert_eq!(call.message(), "at once");
    let carried = PanicOnDrop;
    let ready_but_panics = poll_fn(move |_| {
        let _carried = &carried;
        Poll::Ready(OK)
    });
    assert_eq!(go(Inline, &mut call, &log, ready_but_panics), panic);
    assert_eq!(call.message(), "in drop");
    assert!(log.seen().is_empty());

    assert_eq!(
        go(Hop, &mut call, &log, async { std::panic::panic_any(5) }),
        PENDING
    );
    assert_eq!(log.wait(1), [8]);
    assert_eq!(call.message(), "panic with a payload that is not text");

    let carried = PanicOnDrop;
    let never = async move {
        let _carried = carried;
        pending::<i32>().await
    };
    let mut call = TestCall::new();
    assert_eq!(go(Inline, &mut call, &log, never), PENDING);
    assert_eq!(cancel(call.fields().id), OK);
    assert_eq!(log.wait(2), [8, 8]);
    assert_eq!(call.message(), "in drop");
    // The library goes on.
    assert_eq!(go(Inline, &mut call, &log, ready(OK)), OK);
}

#[test]
fn a_panic_in_finish_ends_the_call() {
    fn status_of<P: Phase>(call: &mut TestCall, log: &Arc<Log>) -> i32 {
        let finish = |(), _: *mut RawCall| -> i32 { panic!("lowering") };
        // SAFETY: the test waits for the pending one.
        unsafe {
            start::<P, _, _>(
                &CALL,
                0,
                call.raw(),
                Some(log_done),
                log.user_data(),
                ready(()),
                finish,
            )
        }
    }
    let (mut call, log) = (TestCall::new(), Log::new());
    started().expect("started");
    assert_eq!(status_of::<Inline>(&mut call, &log), Status::Panic as i32);
    assert_eq!(status_of::<Hop>(&mut call, &log), PENDING);
    assert_eq!(log.wait(1), [8]);
    assert_eq!(call.message(), "lowering");
}

#[test]
fn cancelled_before_the_first_poll_on_the_executor() {
    for _ in 0..200 {
        let (mut call, log) = (TestCall::new(), Log::new());
        let dropped = Dropped(log.clone());
        let future = async move {
            let _dropped = dropped;
            pending::<i32>().await
        };
        assert_eq!(go(Hop, &mut call, &log, future), PENDING);
        assert_eq!(cancel(call.fields().id), OK);
        assert_eq!(log.wait(2), [-7, CANCELLED.into()]);
        assert_eq!(call.message(), "demo::call: the call was cancelled");
    }
}

#[test]
fn cancel_racing_completion_ends_once() {
    for _ in 0..20 {
        let (log, mut calls) = (Log::new(), Vec::new());
        for round in 0..50 {
            let mut call = TestCall::new();
            let future = async move {
                for _ in 0..round % 7 {
                    tokio::task::yield_now().await;
                }
                OK
            };
            assert_eq!(go(Hop, &mut call, &log, future), PENDING);
            let id = call.fields().id;
            calls.push((call, std::thread::spawn(move || (cancel(id), cancel(id)))));
        }
        for (_, thread) in &mut calls {
            while !thread.is_finished() {
                std::thread::yield_now();
            }
        }
        let seen = log.wait(50);
        assert!(
            seen.iter()
                .all(|status| *status == 0 || *status == i64::from(CANCELLED))
        );
        std::thread::sleep(Duration::from_millis(2));
        assert_eq!(log.seen().len(), 50);
    }
}

#[test]
fn deadlines() {
    deadlines_of(|| Inline);
    deadlines_of(|| Hop);
}

fn deadlines_of<P: Phase>(phase: fn() -> P) {
    let (mut call, log) = (
        TestCall::with_timeout(Duration::from_millis(30)),
        Log::new(),
    );
    let begun = Instant::now();
    assert_eq!(go(phase(), &mut call, &log, pending()), PENDING);
    assert_eq!(log.wait(1), [i64::from(Status::Deadline as i32)]);
    assert!(begun.elapsed() >= Duration::from_millis(30));
    assert_eq!(call.message(), "demo::call: the call's time was up");
    call.fields().timeout_ns = -1;
    assert_eq!(
        go(phase(), &mut call, &log, async { panic!("polled") }),
        Status::Deadline as i32
    );
    call.fields().timeout_ns = i64::MAX;
    if go(phase(), &mut call, &log, ready(OK)) == PENDING {
        assert_eq!(log.wait(2)[1], i64::from(OK));
    }
}

struct Thing;

impl Object for Thing {
    const NAME: &'static str = "Thing";
}

/// Starts a call that holds the object entered, as the glue does.
fn on_object(
    handle: u64,
    call: &mut TestCall,
    log: &Arc<Log>,
    body: impl Future<Output = i32> + Send + 'static,
) -> i32 {
    let entered = enter::<Thing>(handle, &CALL).expect("open");
    let future = async move {
        let _entered = entered;
        body.await
    };
    // SAFETY: as in `go`.
    unsafe {
        start::<Inline, _, _>(
            &CALL,
            handle,
            call.raw(),
            Some(log_done),
            log.user_data(),
            future,
            |status, _: *mut RawCall| status,
        )
    }
}

fn thing() -> u64 {
    started().expect("started");
    insert(Arc::new(Thing), Context::new(&[], &[])).expect("handle")
}

#[test]
fn close_ends_pending_calls_as_closed() {
    let (handle, log) = (thing(), Log::new());
    let mut calls: Vec<_> = (0..20).map(|_| TestCall::new()).collect();
    for call in &mut calls {
        assert_eq!(on_object(handle, call, &log, pending()), PENDING);
    }
    assert_eq!(close(handle, PATIENCE), Ok(()));
    assert_eq!(log.wait(20), [i64::from(Status::Closed as i32); 20]);
    assert_eq!(
        calls[0].message(),
        "demo::call: the object was closed during the call"
    );
}

#[test]
fn close_from_inside_an_async_call() {
    let (handle, log, mut call) = (thing(), Log::new(), TestCall::new());
    // In the inline phase, then ready: the call keeps its result.
    let closes = async move { close(handle, PATIENCE).map_or(-1, |()| 0) };
    assert_eq!(on_object(handle, &mut call, &log, closes), OK);
    assert_eq!(
        enter::<Thing>(handle, &CALL).err().expect("closed").status,
        Status::Closed
    );

    // In the inline phase, then not ready: refused at once.
    let handle = thing();
    let closes = async move {
        close(handle, PATIENCE).expect("marked");
        pending().await
    };
    assert_eq!(
        on_object(handle, &mut call, &log, closes),
        Status::Closed as i32
    );
    assert!(log.seen().is_empty());

    // On the executor.
    let handle = thing();
    let closes = async move {
        on_the_executor().await;
        close(handle, PATIENCE).expect("marked");
        pending().await
    };
    assert_eq!(on_object(handle, &mut call, &log, closes), PENDING);
    assert_eq!(log.wait(1), [i64::from(Status::Closed as i32)]);
}

#[test]
fn close_from_done_on_a_worker_does_not_wait_for_itself() {
    unsafe extern "C" fn close_in_done(user_data: *mut std::ffi::c_void, _: *mut RawCall, _: i32) {
        // SAFETY: passed below.
        let (handle, log) = unsafe { &*user_data.cast::<(u64, Arc<Log>)>() };
        log.add(close(*handle, PATIENCE).map_or(-1, |()| 0));
    }
    let (handle, log) = (thing(), Log::new());
    let mut others: Vec<_> = (0..8).map(|_| TestCall::new()).collect();
    for call in &mut others {
        assert_eq!(on_object(handle, call, &log, pending()), PENDING);
    }
    let (mut call, passed) = (TestCall::new(), (handle, log.clone()));
    let user_data = std::ptr::from_ref(&passed).cast_mut().cast();
    // SAFETY: the test waits for all of it.
    let status = unsafe {
        start::<Inline, _, _>(
            &CALL,
            0,
            call.raw(),
            Some(close_in_done),
            user_data,
            on_the_executor(),
            |(), _| OK,
        )
    };
    assert_eq!(status, PENDING);
    let mut seen = log.wait(9);
    seen.sort_unstable();
    assert_eq!(seen, [0, 5, 5, 5, 5, 5, 5, 5, 5]);
}

#[test]
fn pending_calls_are_counted() {
    let (mut call, log) = (TestCall::new(), Log::new());
    assert_eq!(go(Inline, &mut call, &log, pending()), PENDING);
    assert!(crate::rt::stats::read().pending_calls >= 1);
    assert_eq!(cancel(call.fields().id), OK);
    log.wait(1);
}
