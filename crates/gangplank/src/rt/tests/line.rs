//! Calls that wait for their first poll on the executor, and where they lie meanwhile.

use std::future::{poll_fn, ready};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::task::Poll;
use std::time::Duration;

use super::testing::{Log, PATIENCE, TestCall, alone, log_done, start};
use crate::abi::{RawCall, Status};
use crate::rt::sync::lock;
use crate::rt::{FnMeta, Hop, Inline, Phase, executor, exports, started};

static CALL: FnMeta = FnMeta { path: "demo::call" };

const OK: i32 = Status::Ok as i32;
const PENDING: i32 = Status::Pending as i32;

/// Starts a call that becomes pending, whose output becomes its status.
fn go<P: Phase>(
    call: &mut TestCall,
    log: &Arc<Log>,
    future: impl Future<Output = i32> + Send + 'static,
) {
    let finish = |status, call: *mut RawCall| {
        // SAFETY: the call and its scratch are the library's until its end; a result may take all of it.
        unsafe {
            if !(*call).scratch.is_null() {
                (*call).scratch.write_bytes(0xa5, (*call).scratch_len);
            }
        }
        status
    };
    let (raw, user_data) = (call.raw(), log.user_data());
    // SAFETY: the tests wait for the end before they drop the call or the log.
    let status =
        unsafe { start::<P, _, _>(&CALL, 0, raw, Some(log_done), user_data, future, finish) };
    assert_eq!(status, PENDING);
}

/// Keeps every thread of the executor busy for as long as it lives: what is called meanwhile is in line.
struct Busy(Arc<(Mutex<bool>, Condvar)>);

impl Busy {
    fn new() -> Self {
        let open = Arc::new((Mutex::new(false), Condvar::new()));
        let (entered, all) = mpsc::channel();
        for _ in 0..workers() {
            let (open, entered) = (open.clone(), entered.clone());
            let waits = async move {
                entered.send(()).expect("the test waits");
                let mut is_open = lock(&open.0);
                while !*is_open {
                    is_open = open.1.wait(is_open).expect("nobody panics with it");
                }
            };
            drop(executor::spawn(waits).expect("executor"));
        }
        let mut busy = 0;
        while busy < workers() {
            match all.recv_timeout(Duration::from_millis(100)) {
                Ok(()) => busy += 1,
                // Tokio may leave a task with a thread that is kept busy, and another one asleep, which this wakes.
                Err(_) => drop(executor::spawn(ready(())).expect("executor")),
            }
        }
        Self(open)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        *lock(&self.0.0) = true;
        self.0.1.notify_all();
    }
}

fn workers() -> usize {
    started().expect("started");
    let executor = executor::handle().expect("executor");
    executor.metrics().num_workers()
}

#[test]
fn a_call_that_is_cancelled_in_line_is_never_polled() {
    let _alone = alone();
    // A turn of the test before may be about to look for another call, on a thread that is none of the executor's any more.
    let heard = (0..100).any(|_| cancelled_in_line());
    assert!(heard, "polled each time");
}

/// Whether a call that is cancelled while all threads are busy is not polled.
fn cancelled_in_line() -> bool {
    let polled = Arc::new(AtomicBool::new(false));
    let busy = Busy::new();
    let (mut call, mut other, log) = (TestCall::new(), TestCall::new(), Log::new());
    let sets = polled.clone();
    go::<Hop>(&mut call, &log, async move {
        sets.store(true, Ordering::Relaxed);
        OK
    });
    // SAFETY: always safe.
    let _ = unsafe { exports::cancel(call.fields().id) };
    drop(busy);
    let status = log.wait(1)[0];
    // Nobody is looked for any more.
    go::<Hop>(&mut other, &log, ready(OK));
    assert_eq!(log.wait(2)[1], 0);
    let heard = !polled.load(Ordering::Relaxed);
    assert_eq!(heard, status == i64::from(Status::Cancelled as i32));
    heard
}

#[test]
fn a_call_that_is_aborted_before_its_task_is_polled() {
    let _alone = alone();
    let busy = Busy::new();
    let (mut call, log) = (TestCall::new(), Log::new());
    // Polled here first; its task cannot be.
    go::<Inline>(&mut call, &log, std::future::pending());
    // SAFETY: always safe.
    assert_eq!(unsafe { exports::cancel(call.fields().id) }, OK);
    drop(busy);
    assert_eq!(log.wait(1), [i64::from(Status::Cancelled as i32)]);
}

/// Calls of which each waits, in `wait`, for the one behind it, all in line at once.
fn wait_for_the_next(count: usize, wait: fn(mpsc::Receiver<()>) -> bool) {
    let _alone = alone();
    for _ in 0..20 {
        let busy = Busy::new();
        let (mut calls, log) = (Vec::new(), Log::new());
        calls.resize_with(count, TestCall::new);
        let mut next = None;
        let mut bodies: Vec<_> = std::iter::repeat_with(|| {
            let (sender, receiver) = mpsc::channel();
            let next = next.replace(receiver);
            async move {
                let came = next.is_none_or(wait);
                let _ = sender.send(());
                if came { OK } else { -1 }
            }
        })
        .take(count)
        .collect();
        for call in &mut calls {
            go::<Hop>(call, &log, bodies.pop().expect("one each"));
        }
        drop(busy);
        assert_eq!(log.wait(count), vec![0; count]);
    }
}

fn came(next: mpsc::Receiver<()>) -> bool {
    next.recv_timeout(PATIENCE / 2).is_ok()
}

#[test]
fn a_call_that_blocks_its_thread_leaves_the_line_to_the_others() {
    wait_for_the_next(workers(), came);
}

#[test]
fn calls_that_give_their_threads_away_may_wait_for_any_in_line() {
    wait_for_the_next(workers() + 3, |next| {
        tokio::task::block_in_place(|| came(next))
    });
}

#[test]
fn a_burst_of_calls_of_every_kind() {
    let log = Log::new();
    let kinds = |number: usize| async move {
        match number % 4 {
            0 => {}
            1 => tokio::task::yield_now().await,
            2 => tokio::time::sleep(Duration::from_millis(1)).await,
            _ => panic!("of this kind"),
        }
        OK
    };
    let burst = || {
        let mut calls: Vec<_> = (0..200).map(|_| TestCall::new()).collect();
        for (number, call) in calls.iter_mut().enumerate() {
            go::<Hop>(call, &log, kinds(number));
        }
        calls
    };
    let _calls: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(burst)).collect();
        threads.into_iter().map(|thread| thread.join()).collect()
    });
    let seen = log.wait(800);
    let panics = seen.iter().filter(|status| **status == 8).count();
    let fine = seen.iter().filter(|status| **status == 0).count();
    assert_eq!((panics, fine, log.seen().len()), (200, 600, 800));
}

/// Where the variables of a call's future are, which goes on in a task of its own.
fn place_of<P: Phase>(scratch: &mut [u128], variable: impl Send + 'static) -> usize {
    let (mut call, log) = (TestCall::new(), Log::new());
    call.fields().scratch = scratch.as_mut_ptr().cast();
    call.fields().scratch_len = size_of_val(scratch);
    let (sender, place) = mpsc::channel();
    let mut polls = 0;
    go::<P>(&mut call, &log, async move {
        let variable = variable;
        poll_fn(|context| {
            polls += 1;
            if polls == 6 {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        let _ = sender.send((&raw const variable).addr());
        OK
    });
    assert_eq!(log.wait(1), [0]);
    // What wrote the result has not lost what the call needed for its end.
    // SAFETY: always safe.
    let cancelled = unsafe { exports::cancel(call.fields().id) };
    assert_eq!(cancelled, Status::NotFound as i32);
    place.recv().expect("sent")
}

#[test]
fn a_call_lies_in_the_scratch_of_its_host_until_the_result_does() {
    #[repr(align(32))]
    struct Wide;
    started().expect("started");
    let mut scratch = [0_u128; 64];
    let Range { start, end } = scratch.as_ptr_range();
    let inside = |place: usize| (start.addr()..end.addr()).contains(&place);
    assert!(inside(place_of::<Hop>(&mut scratch, 7_u64)));
    assert_eq!(scratch, [u128::from_ne_bytes([0xa5; 16]); 64]);
    // Too large, too narrow, too little of it.
    assert!(!inside(place_of::<Hop>(&mut scratch, [0_u64; 200])));
    assert!(!inside(place_of::<Hop>(&mut scratch, Wide)));
    assert!(!inside(place_of::<Hop>(&mut scratch[..2], 7_u64)));
    // Polled by its caller first, where it stays.
    assert!(inside(place_of::<Inline>(&mut scratch, 7_u64)));
    assert_eq!(scratch, [u128::from_ne_bytes([0xa5; 16]); 64]);
}
