//! What the runtime's tests share: a C caller's side of calls, and a lock for tests that look at shared counters.

use core::ffi::c_void;
use std::future::poll_fn;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::task::Poll;
use std::time::{Duration, Instant};

use crate::abi::{RawCall, RawDone, RawStr};
use crate::memory;
use crate::rt::sync::lock;
use crate::rt::{FnMeta, Phase, begin, guard};

/// A `gp_call` at a stable address.
pub(crate) struct TestCall(*mut RawCall);

// SAFETY: a sole owner of its call; the tests hand it from thread to thread.
unsafe impl Send for TestCall {}

impl TestCall {
    pub(crate) fn new() -> Self {
        let call = RawCall {
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
        };
        Self(Box::into_raw(Box::new(call)))
    }

    pub(crate) fn with_timeout(timeout: Duration) -> Self {
        let mut call = Self::new();
        call.fields().timeout_ns = timeout.as_nanos() as i64;
        call
    }

    pub(crate) fn raw(&mut self) -> *mut RawCall {
        self.0
    }

    pub(crate) fn fields(&mut self) -> &mut RawCall {
        // SAFETY: made from a box; the library is done with the call when a test looks at it.
        unsafe { &mut *self.0 }
    }

    pub(crate) fn message(&mut self) -> String {
        text(self.fields().message)
    }
}

impl Drop for TestCall {
    fn drop(&mut self) {
        // SAFETY: the call is over, and the box is freed once.
        unsafe {
            memory::free_owned(self.0);
            drop(Box::from_raw(self.0));
        }
    }
}

/// Starts a call as an exported function does, and returns `GP_PENDING`, or how it ended.
///
/// # Safety
/// As [`begin`].
pub(crate) unsafe fn start<P, F, W>(
    meta: &'static FnMeta,
    object: u64,
    call: *mut RawCall,
    done: RawDone,
    user_data: *mut c_void,
    future: F,
    finish: W,
) -> i32
where
    P: Phase,
    F: Future + Send + 'static,
    F::Output: Send,
    W: FnOnce(F::Output, *mut RawCall) -> i32 + Send + 'static,
{
    // SAFETY: the caller's promise is the same.
    let begun = guard(|| unsafe {
        begin::<P, F, W>(meta, object, call, done, user_data, || Ok(future), finish)
    });
    // SAFETY: the call has not become pending, so nobody else uses it.
    begun.unwrap_or_else(|fault| unsafe { fault.write(call) })
}

/// `<lib>_close`.
pub(crate) fn closed_by(handle: u64, call: &mut TestCall) -> i32 {
    // SAFETY: the test's own call.
    unsafe { crate::rt::exports::close(handle, call.raw()) }
}

/// A C string as Rust text.
pub(crate) fn text(raw: RawStr) -> String {
    // SAFETY: tests look at texts while their owner lives.
    String::from_utf8_lossy(unsafe { raw.as_slice() }).into_owned()
}

/// Rust text as a C string, for the duration of a call.
pub(crate) fn raw(text: &str) -> RawStr {
    RawStr::of(text.as_bytes())
}

/// Whoever counts in shared counters or drains the queue holds this.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    lock(&ALONE)
}

/// How long is waited for what is bound to happen: a machine may be so busy that nothing does for seconds.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Ready on the executor: it asks for more polls than its caller's thread gives.
pub(crate) fn on_the_executor() -> impl Future<Output = ()> + Send {
    let mut polls = 0;
    poll_fn(move |context| {
        polls += 1;
        if polls == 8 {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
}

/// Numbers that callbacks leave behind. Passed as `user_data`.
#[derive(Default)]
pub(crate) struct Log {
    seen: Mutex<Vec<i64>>,
    more: Condvar,
}

impl Log {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// As `user_data`. The log must outlive the callbacks; tests keep it on their stack.
    pub(crate) fn user_data(self: &Arc<Self>) -> *mut c_void {
        Arc::as_ptr(self).cast_mut().cast()
    }

    /// # Safety
    /// `user_data` came from [`Log::user_data`].
    pub(crate) unsafe fn from<'a>(user_data: *mut c_void) -> &'a Self {
        // SAFETY: the caller's promise.
        unsafe { &*user_data.cast::<Self>() }
    }

    pub(crate) fn add(&self, value: i64) {
        // Under the lock: who sees the entry may drop the log.
        let mut seen = lock(&self.seen);
        seen.push(value);
        self.more.notify_all();
    }

    pub(crate) fn seen(&self) -> Vec<i64> {
        lock(&self.seen).clone()
    }

    /// Waits until there are `count` entries.
    pub(crate) fn wait(&self, count: usize) -> Vec<i64> {
        let (seen, timeout) = self
            .more
            .wait_timeout_while(lock(&self.seen), PATIENCE, |seen| seen.len() < count)
            .expect("lock");
        assert!(
            !timeout.timed_out(),
            "waited for {count} entries, got {seen:?}"
        );
        seen.clone()
    }
}

/// A `gp_done` that logs the status.
pub(crate) unsafe extern "C" fn log_done(user_data: *mut c_void, _call: *mut RawCall, status: i32) {
    // SAFETY: passed together with a log.
    unsafe { Log::from(user_data) }.add(i64::from(status));
}

/// A `gp_release` that logs -1.
pub(crate) unsafe extern "C" fn log_release(user_data: *mut c_void) {
    // SAFETY: passed together with a log.
    unsafe { Log::from(user_data) }.add(-1);
}

/// Waits until `condition` holds.
pub(crate) fn eventually(what: &str, condition: impl Fn() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < until, "never: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
