//! Pending calls: whatever races, a call ends once, its future is gone before that, and its id too;
//! and nobody is left in line.

use core::ffi::c_void;
use std::future::{pending, poll_fn, ready};
use std::sync::Arc;
use std::task::Poll;

use loom::sync::Mutex;
use loom::thread;

use super::{executor, explore};
use crate::abi::{RawCall, Status};
use crate::rt::pending::{self, Reason};
use crate::rt::sync::modelled::lock;
use crate::rt::tests::testing::{TestCall, start};
use crate::rt::{Context, FnMeta, Hop};

static HOP: FnMeta = FnMeta { path: "demo::hop" };

/// What was seen of one call, in this order. As `user_data`.
struct Seen(Mutex<Vec<Step>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Its future was dropped.
    Dropped,
    /// `done` ran; whether a cancel in it still found the call.
    Done { status: i32, pending: bool },
}

/// Says that it was dropped.
struct Witness(Arc<Seen>);

impl Drop for Witness {
    fn drop(&mut self) {
        lock(&self.0.0).push(Step::Dropped);
    }
}

unsafe extern "C" fn done(user_data: *mut c_void, call: *mut RawCall, status: i32) {
    // SAFETY: the models pass a call and a `Seen` that they keep until the end.
    let (id, seen) = unsafe { ((*call).id, &*user_data.cast::<Seen>()) };
    let pending = pending::cancel(id, Reason::Cancelled).is_ok();
    lock(&seen.0).push(Step::Done { status, pending });
}

/// Starts a call on the executor.
fn go(call: &mut TestCall, future: impl Future<Output = i32> + Send + 'static) -> Arc<Seen> {
    let seen = Arc::new(Seen(Mutex::new(Vec::new())));
    let witness = Witness(seen.clone());
    let future = async move {
        let _witness = witness;
        future.await
    };
    let user_data = Arc::as_ptr(&seen).cast_mut().cast();
    // SAFETY: the models keep `call` and `seen` until the call has ended.
    let status = unsafe {
        start::<Hop, _, _>(
            &HOP,
            0,
            call.raw(),
            Some(done),
            user_data,
            future,
            |status, _: *mut RawCall| status,
        )
    };
    assert_eq!(status, Status::Pending as i32);
    seen
}

/// The status with which a call ended, after all tasks have: once, and in the right order.
fn ended(seen: &Seen) -> i32 {
    executor::join_all();
    assert_eq!(pending::count(), 0);
    match lock(&seen.0)[..] {
        [
            Step::Dropped,
            Step::Done {
                status,
                pending: false,
            },
        ] => status,
        ref other => panic!("not: dropped, then done, whose cancel finds nothing: {other:?}"),
    }
}

/// Ready at its second poll.
fn yields() -> impl Future<Output = i32> {
    let mut polled = false;
    poll_fn(move |context| {
        if polled {
            return Poll::Ready(0);
        }
        polled = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
}

/// Ready when it is polled once more, which it does not ask for.
fn goes_on() -> impl Future<Output = i32> {
    let mut polled = false;
    poll_fn(move |_| match std::mem::replace(&mut polled, true) {
        true => Poll::Ready(0),
        false => Poll::Pending,
    })
}

#[test]
fn nobody_is_left_in_line() {
    explore(|| {
        let (mut one, mut other) = (TestCall::new(), TestCall::new());
        // The first one leaves the line to a turn that the second one, or nobody but the first one's, sends for.
        let seen = [go(&mut one, goes_on()), go(&mut other, ready(0))];
        assert_eq!(seen.each_ref().map(|seen| ended(seen)), [0, 0]);
    });
}

#[test]
fn ended_by_its_future_or_by_a_cancel() {
    explore(|| {
        let mut call = TestCall::new();
        let seen = go(&mut call, yields());
        let id = call.fields().id;
        let cancelled = pending::cancel(id, Reason::Cancelled).is_ok();
        let status = ended(&seen);
        assert!(status == 0 || status == Status::Cancelled as i32);
        assert!(cancelled || status == 0, "nobody cancelled it");
    });
}

#[test]
fn a_cancel_always_arrives() {
    explore(|| {
        let mut call = TestCall::new();
        // As close does it: from the moment at which the call is listed, before its task is spawned.
        let id = pending::upcoming();
        let early = thread::spawn(move || pending::cancel(id, Reason::Closed).is_ok());
        let seen = go(&mut call, pending());
        let mut expected = Status::Closed;
        if !early.join().expect("canceller") {
            pending::cancel(id, Reason::Cancelled).expect("pending");
            expected = Status::Cancelled;
        }
        assert_eq!(ended(&seen), expected as i32);
    });
}

#[test]
fn two_cancels_end_a_call_once() {
    explore(|| {
        let mut call = TestCall::new();
        let seen = go(&mut call, pending());
        let id = call.fields().id;
        let other = thread::spawn(move || pending::cancel(id, Reason::Closed).is_ok());
        let here = pending::cancel(id, Reason::Cancelled).is_ok();
        assert!(other.join().expect("canceller") || here);
        let status = ended(&seen);
        assert!([Status::Closed as i32, Status::Cancelled as i32].contains(&status));
    });
}

#[test]
fn a_close_cancels_what_is_listed() {
    explore(|| {
        let context = Context::new(&[], &[]);
        let closed = context.clone();
        let closer = thread::spawn(move || closed.close());
        if let Ok(id) = pending::register(Some(context), HOP.path) {
            // Ends only if close finds the call, before or after it has a task.
            let abort = executor::spawn(pending()).expect("a thread");
            pending::spawned(id, abort);
            executor::join_all();
            assert_eq!(pending::remove(id), Some(Reason::Closed));
        }
        closer.join().expect("closer");
        assert_eq!(pending::count(), 0);
    });
}
