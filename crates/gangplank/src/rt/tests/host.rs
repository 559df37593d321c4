//! Host functions: every way an answer comes or does not, and that callbacks and `user_data` are used as promised.

use core::ffi::c_void;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::testing::{Log, PATIENCE, TestCall, alone, closed_by, eventually, log_release, raw};
use crate::abi::{RawHostFn, RawRelease, Status};
use crate::memory::Lowered;
use crate::rt::sync::lock;
use crate::rt::{
    Context, FnMeta, HostError, HostLink, Object, close, executor, exports, host_call, insert,
    release, running, started, stats,
};

static CALL: FnMeta = FnMeta {
    path: "demo::Thing::call",
};

struct Thing;

impl Object for Thing {
    const NAME: &'static str = "Thing";
}

type Answer = Result<Result<i64, i64>, HostError>;

/// Reads an `int64_t`: the result, or the error.
unsafe fn lift(status: i32, result: *const c_void, len: usize) -> Answer {
    if len != 8 {
        return Err(HostError::from_status(
            Status::BadArgument as i32,
            "",
            &format!("{len} bytes instead of 8"),
        ));
    }
    // SAFETY: the tests answer with an `i64`.
    let value = unsafe { result.cast::<i64>().read_unaligned() };
    Ok(if status == Status::Ok as i32 {
        Ok(value)
    } else {
        Err(value)
    })
}

fn object() -> (u64, HostLink) {
    started().expect("started");
    let context = Context::new(&["fetch"], &[]);
    (
        insert(Arc::new(Thing), context.clone()).expect("handle"),
        HostLink::new(&context),
    )
}

fn register(
    this: u64,
    name: &str,
    function: RawHostFn,
    user_data: *mut c_void,
    release: RawRelease,
) -> i32 {
    // SAFETY: the tests keep what `user_data` points to until it is released.
    unsafe {
        exports::register_host_fn(
            this,
            raw(name),
            function,
            Some(log_cancel),
            user_data,
            release,
        )
    }
}

fn answer(id: u64, value: i64) -> i32 {
    // SAFETY: a result of 8 bytes.
    unsafe { exports::host_complete(id, Status::Ok as i32, (&raw const value).cast(), 8) }
}

fn answer_text(id: u64, status: Status, text: &str) -> i32 {
    // SAFETY: a text of its length.
    unsafe { exports::host_complete(id, status as i32, text.as_ptr().cast(), text.len()) }
}

fn call(link: &HostLink, deadline_ms: u64) -> impl Future<Output = Answer> + Send + 'static {
    let request = Lowered::plain(8, |_| 20_i64);
    host_call(link, "fetch", deadline_ms, request, lift)
}

fn wait<F: Future>(future: F) -> F::Output {
    let bounded = async { tokio::time::timeout(PATIENCE, future).await };
    let ended = executor::handle().expect("executor").block_on(bounded);
    ended.expect("it ends")
}

fn text(answer: Answer) -> String {
    answer.expect_err("an error").to_string()
}

/// Answers at once with the request plus one.
unsafe extern "C" fn plus_one(id: u64, request: *const c_void, _: *mut c_void) {
    // SAFETY: the request is an `i64`.
    let value = unsafe { request.cast::<i64>().read() };
    assert_eq!(answer(id, value + 1), 0);
    assert_eq!(
        answer(id, value + 2),
        Status::NotFound as i32,
        "a second answer"
    );
}

/// Keeps the id in the log and does not answer.
unsafe extern "C" fn keep(id: u64, _: *const c_void, user_data: *mut c_void) {
    // SAFETY: registered with a log.
    unsafe { Log::from(user_data) }.add(id as i64);
}

/// Logs -2.
unsafe extern "C" fn log_cancel(_: u64, user_data: *mut c_void) {
    if !user_data.is_null() {
        // SAFETY: registered with a log.
        unsafe { Log::from(user_data) }.add(-2);
    }
}

#[test]
fn answered_inline_twice_and_counted() {
    let _alone = alone();
    let (handle, link) = object();
    assert_eq!(
        register(handle, "fetch", Some(plus_one), std::ptr::null_mut(), None),
        0
    );
    let late = stats::read().late_completions;
    assert_eq!(wait(call(&link, 0)), Ok(Ok(21)));
    assert_eq!(answer(u64::MAX, 1), Status::NotFound as i32);
    assert!(stats::read().late_completions >= late + 2);
    release(handle);
}

#[test]
fn not_registered_unknown_and_taken_back() {
    let (handle, link) = object();
    assert_eq!(text(wait(call(&link, 0))), "host fn 'fetch' not registered");
    let log = Log::new();
    let not_found = register(
        handle,
        "other",
        Some(keep),
        log.user_data(),
        Some(log_release),
    );
    assert_eq!(not_found, Status::NotFound as i32);
    assert_eq!(log.seen(), [-1], "released although refused");
    assert_eq!(
        register(1, "fetch", Some(keep), log.user_data(), Some(log_release)),
        Status::StaleHandle as i32
    );
    assert_eq!(
        register(handle, "\u{0}", None, log.user_data(), Some(log_release)),
        Status::NotFound as i32
    );
    // SAFETY: as `register`; the name is not UTF-8.
    let bad = unsafe {
        exports::register_host_fn(
            handle,
            crate::abi::RawStr::of(&[0xff]),
            Some(keep),
            None,
            log.user_data(),
            Some(log_release),
        )
    };
    assert_eq!(bad, Status::BadUtf8 as i32);
    assert_eq!(log.seen(), [-1; 4]);
    assert_eq!(
        register(
            handle,
            "fetch",
            Some(keep),
            log.user_data(),
            Some(log_release)
        ),
        0
    );
    assert_eq!(
        register(handle, "fetch", None, std::ptr::null_mut(), None),
        0
    );
    assert_eq!(log.seen(), [-1; 5]);
    assert_eq!(text(wait(call(&link, 0))), "host fn 'fetch' not registered");
    release(handle);
}

#[test]
fn answered_from_another_thread_with_everything_it_can_say() {
    let (handle, link) = object();
    let log = Log::new();
    assert_eq!(
        register(handle, "fetch", Some(keep), log.user_data(), None),
        0
    );
    let ask = |answer: &(dyn Fn(u64) -> i32 + Sync)| {
        let before = log.seen().len();
        std::thread::scope(|scope| {
            let answering = scope.spawn(|| answer(log.wait(before + 1)[before] as u64));
            (wait(call(&link, 0)), answering.join().expect("joined"))
        })
    };
    assert_eq!(ask(&|id| answer(id, 7)), (Ok(Ok(7)), 0));
    // SAFETY: an error of 8 bytes.
    let error = |id| unsafe { exports::host_complete(id, 1, (&raw const ERROR).cast(), 8) };
    static ERROR: i64 = 9;
    assert_eq!(ask(&error), (Ok(Err(9)), 0));
    let (panicked, status) = ask(&|id| answer_text(id, Status::HostPanic, "boom"));
    assert_eq!(
        (text(panicked).as_str(), status),
        ("host fn 'fetch' panicked: boom", 0)
    );
    let (failed, _) = ask(&|id| answer_text(id, Status::HostError, "no \u{0} luck"));
    assert_eq!(text(failed), "host fn 'fetch' failed: no \u{0} luck");
    // SAFETY: NULL and 0.
    let (lost, _) = ask(&|id| unsafe { exports::host_complete(id, 16, std::ptr::null(), 0) });
    assert_eq!(text(lost), "host fn 'fetch' lost its host");
    // SAFETY: a result of 4 bytes, which is wrong.
    let (bad, status) =
        ask(&|id| unsafe { exports::host_complete(id, 0, (&raw const ERROR).cast(), 4) });
    assert_eq!(
        text(bad),
        "host fn 'fetch' answered with a bad value: 4 bytes instead of 8"
    );
    assert_eq!(status, Status::BadArgument as i32);
    release(handle);
}

#[test]
fn a_panic_in_lift_is_a_bad_value() {
    unsafe fn panics(_: i32, _: *const c_void, _: usize) -> Result<(), HostError> {
        panic!("lifting")
    }
    let (handle, link) = object();
    let log = Log::new();
    assert_eq!(
        register(handle, "fetch", Some(keep), log.user_data(), None),
        0
    );
    let asked = executor::handle().expect("executor").spawn(host_call(
        &link,
        "fetch",
        0,
        Lowered::empty(),
        panics,
    ));
    assert_eq!(answer(log.wait(1)[0] as u64, 1), Status::BadArgument as i32);
    let error = wait(asked).expect("joined").expect_err("an error");
    assert_eq!(
        error.to_string(),
        "host fn 'fetch' answered with a bad value: lifting"
    );
    release(handle);
}

#[test]
fn never_answered() {
    let (handle, link) = object();
    let log = Log::new();
    assert_eq!(
        register(
            handle,
            "fetch",
            Some(keep),
            log.user_data(),
            Some(log_release)
        ),
        0
    );
    let missed = text(wait(call(&link, 20)));
    assert_eq!(
        missed,
        "host fn 'fetch' missed its deadline: no answer within 20 ms"
    );
    let id = log.seen()[0] as u64;
    assert_eq!(log.seen(), [id as i64, -2], "told once that nobody waits");
    let late = stats::read().late_completions;
    assert_eq!(answer(id, 1), Status::NotFound as i32);
    // Other tests are late as well.
    assert!(stats::read().late_completions > late);
    // Dropped by the guest while the host works on it.
    let asked = executor::handle().expect("executor").spawn(call(&link, 0));
    log.wait(3);
    asked.abort();
    assert_eq!(log.wait(4)[3], -2);
    // Never polled, never called.
    drop(call(&link, 0));
    assert_eq!(log.seen().len(), 4);
    release(handle);
    assert_eq!(log.wait(5)[4], -1);
}

#[test]
fn replaced_while_in_flight() {
    let (handle, link) = object();
    let log = Log::new();
    assert_eq!(
        register(
            handle,
            "fetch",
            Some(keep),
            log.user_data(),
            Some(log_release)
        ),
        0
    );
    let asked = executor::handle().expect("executor").spawn(call(&link, 0));
    let id = log.wait(1)[0];
    assert_eq!(
        register(handle, "fetch", Some(plus_one), std::ptr::null_mut(), None),
        0
    );
    assert_eq!(wait(call(&link, 0)), Ok(Ok(21)));
    assert_eq!(log.seen(), [id], "still used by the call in flight");
    assert_eq!(answer(id as u64, 5), 0);
    assert_eq!(wait(asked).expect("joined"), Ok(Ok(5)));
    eventually("the old registration is released", || {
        log.seen() == [id, -1]
    });
    release(handle);
}

#[test]
fn closing_fails_what_is_outstanding() {
    let (handle, link) = object();
    let log = Log::new();
    assert_eq!(
        register(
            handle,
            "fetch",
            Some(keep),
            log.user_data(),
            Some(log_release)
        ),
        0
    );
    let asked: Vec<_> = (0..1_000)
        .map(|_| executor::handle().expect("executor").spawn(call(&link, 0)))
        .collect();
    log.wait(1_000);
    assert_eq!(close(handle, PATIENCE), Ok(()));
    for asked in asked {
        assert_eq!(
            text(wait(asked).expect("joined")),
            "host fn 'fetch' was called on a closed object"
        );
    }
    eventually("each cancelled once, then released once", || {
        let seen = log.seen();
        let count = |value| seen.iter().filter(|seen| **seen == value).count();
        count(-2) == 1_000 && count(-1) == 1 && seen.last() == Some(&-1)
    });
    assert_eq!(
        text(wait(call(&link, 0))),
        "host fn 'fetch' was called on a closed object"
    );
    assert_eq!(
        register(
            handle,
            "fetch",
            Some(keep),
            log.user_data(),
            Some(log_release)
        ),
        Status::Closed as i32
    );
}

#[test]
fn closed_from_inside_the_host_function() {
    static HANDLE: AtomicU64 = AtomicU64::new(0);
    unsafe extern "C" fn closes(id: u64, request: *const c_void, user_data: *mut c_void) {
        let mut call = TestCall::new();
        assert_eq!(closed_by(HANDLE.load(Ordering::Relaxed), &mut call), 0);
        // SAFETY: as this function; the request is still there although the call is over.
        unsafe {
            assert_eq!(request.cast::<i64>().read(), 20);
            keep(id, request, user_data);
        }
    }
    let (handle, link) = object();
    HANDLE.store(handle, Ordering::Relaxed);
    let log = Log::new();
    assert_eq!(
        register(
            handle,
            "fetch",
            Some(closes),
            log.user_data(),
            Some(log_release)
        ),
        0
    );
    let inside = running(handle, &CALL);
    assert_eq!(
        text(wait(call(&link, 0))),
        "host fn 'fetch' was called on a closed object"
    );
    drop(inside);
    let seen = log.wait(3);
    assert_eq!(
        seen[1..],
        [-2, -1],
        "cancelled after the function returned, then released"
    );
}

#[test]
fn objects_inherit_what_is_registered_for_all() {
    static SEEN: Mutex<Vec<u64>> = Mutex::new(Vec::new());
    unsafe extern "C" fn seen(id: u64, _: *const c_void, _: *mut c_void) {
        lock(&SEEN).push(id);
        assert_eq!(answer(id, 1), 0);
    }
    started().expect("started");
    let call_all = |context: &Arc<Context>| {
        wait(host_call(
            &HostLink::new(context),
            "inherited",
            0,
            Lowered::empty(),
            lift,
        ))
    };
    let before = Context::new(&["inherited"], &[]);
    let log = Log::new();
    assert_eq!(
        register(
            0,
            "inherited",
            Some(seen),
            log.user_data(),
            Some(log_release)
        ),
        0
    );
    let (after, stranger) = (
        Context::new(&["inherited"], &[]),
        Context::new(&["fetch"], &[]),
    );
    assert_eq!(
        register(0, "inherited", None, std::ptr::null_mut(), None),
        0
    );
    assert_eq!(call_all(&after), Ok(Ok(1)));
    assert!(call_all(&before).is_err() && call_all(&stranger).is_err());
    assert_eq!(lock(&SEEN).len(), 1);
    assert!(log.seen().is_empty(), "still used by the object");
    drop(after);
    assert_eq!(log.seen(), [-1]);
}
