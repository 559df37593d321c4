//! What holds for a whole process: limits, and that a library does nothing before its first use. A process of its own,
//! because other tests would see the limits and the threads.

use std::sync::Arc;

use gangplank::abi::{RawCall, RawStr, Status};
use gangplank::rt::{
    Context, FnMeta, Inline, Limits, Object, exports, insert, release, set_limits, start, started,
};

static CALL: FnMeta = FnMeta { path: "demo::call" };

struct Thing;

impl Object for Thing {
    const NAME: &'static str = "Thing";
}

fn call() -> RawCall {
    RawCall {
        size: size_of::<RawCall>() as u32,
        status: 0,
        scratch: std::ptr::null_mut(),
        scratch_len: 0,
        owned: std::ptr::null_mut(),
        free_owned: None,
        id: 0,
        timeout_ns: 0,
        traceparent: RawStr::EMPTY,
        message: RawStr::EMPTY,
        location: RawStr::EMPTY,
        payload: std::ptr::null(),
        payload_len: 0,
        causes: std::ptr::null(),
        causes_len: 0,
    }
}

unsafe extern "C" fn done(user_data: *mut std::ffi::c_void, _: *mut RawCall, status: i32) {
    // SAFETY: passed together with a sender that outlives the call.
    let sender = unsafe { &*user_data.cast::<std::sync::mpsc::Sender<i32>>() };
    let _ = sender.send(status);
}

#[cfg(target_os = "linux")]
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

#[cfg(not(target_os = "linux"))]
fn threads() -> usize {
    0
}

#[test]
fn limits_and_threads() {
    let before = threads();
    started().expect("started");
    set_limits(Limits {
        pending_calls: 2,
        handles: 3,
        workers: 1,
    });

    let object = || insert(Arc::new(Thing), Context::new(&[], &[]));
    let open: Vec<u64> = (0..3).map(|_| object().expect("a handle")).collect();
    let full = object().expect_err("one too many");
    assert_eq!(full.status, Status::Limit);
    assert_eq!(
        full.message,
        "3 objects are open, no more are allowed; close some"
    );
    release(open[1]);
    release(object().expect("room again"));
    assert_eq!(threads(), before, "sync use starts no thread");

    let (sender, ended) = std::sync::mpsc::channel::<i32>();
    let user_data = (&raw const sender).cast_mut().cast();
    let mut calls = [call(), call(), call()];
    let mut begin = |at: usize| {
        // SAFETY: the calls and the sender live until all of them have ended.
        unsafe {
            start::<Inline, _, _>(
                &CALL,
                0,
                &mut calls[at],
                Some(done),
                user_data,
                std::future::pending::<()>(),
                |(), _| 0,
            )
        }
    };
    assert_eq!(
        (begin(0), begin(1)),
        (Status::Pending as i32, Status::Pending as i32)
    );
    assert_eq!(begin(2), Status::Limit as i32);
    assert_eq!(
        threads(),
        if before == 0 { 0 } else { before + 1 },
        "one worker, as configured"
    );
    // SAFETY: always safe; `free` gets a call that has ended.
    unsafe {
        assert_eq!(exports::cancel(calls[0].id), 0);
        assert_eq!(exports::cancel(calls[1].id), 0);
        exports::free(&mut calls[2]);
    }
    let statuses = [ended.recv().expect("ended"), ended.recv().expect("ended")];
    assert_eq!(statuses, [Status::Cancelled as i32; 2]);
    for call in &mut calls {
        // SAFETY: all calls have ended.
        unsafe { exports::free(call) };
    }
}
