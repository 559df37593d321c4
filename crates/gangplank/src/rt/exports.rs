//! The C functions that every library has, as `docs/abi.md` fixes them.
//!
//! Comes in: raw arguments of any host. Goes out: statuses and filled calls. `library!` emits one exported function per
//! function here, under the library's name. Each goes through the guard and starts with [`started`], except those that
//! a forked child may call as well: freeing memory does not need the runtime.

use core::ffi::c_void;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use super::pending::Reason;
use super::registry::{self, Registration};
use super::sync::Ordering;
use super::user::UserData;
use super::{
    Fault, errors, guard::guard, handles, host, listeners, log, pending, started, stats as counters,
};
use crate::abi::{
    RawCall, RawHostCancel, RawHostFn, RawListener, RawLog, RawRelease, RawStats, RawStr, Status,
};
use crate::memory;
use crate::types::Detail;

pub use super::queue_exports::*;

/// How long `close` waits unless the call says otherwise.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// Runs an export that has no `gp_call`; only the status of what went wrong is left.
fn status(f: impl FnOnce() -> Result<(), Fault>) -> i32 {
    let result = guard(|| {
        started()?;
        f()
    });
    result.map_or_else(|fault| fault.status as i32, |()| Status::Ok as i32)
}

/// Runs an export that fills `call`.
///
/// # Safety
/// `call` is NULL or a `gp_call` that nobody else uses.
unsafe fn with_call(call: *mut RawCall, f: impl FnOnce() -> Result<i32, Fault>) -> i32 {
    // SAFETY: the caller promises a call.
    if let Err(refused) = unsafe { memory::begin(call) } {
        return refused as i32;
    }
    let result = guard(|| {
        started()?;
        f()
    });
    match result {
        // SAFETY: begun above.
        Ok(status) => unsafe {
            (*call).status = status;
            status
        },
        // SAFETY: as above.
        Err(fault) => unsafe { fault.write(call) },
    }
}

/// The text of a name.
///
/// # Safety
/// `name` points to its bytes, which stay unchanged for `'a`.
unsafe fn name<'a>(name: RawStr) -> Result<&'a str, Fault> {
    // SAFETY: the caller promises the same.
    let bytes = unsafe { name.as_slice() };
    str::from_utf8(bytes).map_err(|_| Fault::new(Status::BadUtf8, "the name is not UTF-8"))
}

/// `<lib>_abi_version`
#[must_use]
pub extern "C" fn abi_version() -> u32 {
    crate::abi::VERSION
}

/// `<lib>_free`
///
/// # Safety
/// `call` is NULL or a `gp_call` of this library that nobody else uses.
pub unsafe extern "C" fn free(call: *mut RawCall) {
    super::guard::report("freeing a result", || {
        // SAFETY: the caller promises the same.
        unsafe { memory::free_owned(call) }
    });
}

/// `<lib>_take_error`
///
/// # Safety
/// `call` is NULL or a `gp_call` that nobody else uses.
pub unsafe extern "C" fn take_error(error: u32, call: *mut RawCall) {
    // SAFETY: the caller promises a call, and `with_call` begins it.
    unsafe { with_call(call, || errors::take(error, call, Detail::All)) };
}

/// `<lib>_take_payload`
///
/// # Safety
/// `call` is NULL or a `gp_call` that nobody else uses.
pub unsafe extern "C" fn take_payload(error: u32, call: *mut RawCall) {
    // SAFETY: the caller promises a call, and `with_call` begins it.
    unsafe { with_call(call, || errors::take(error, call, Detail::Payload)) };
}

/// `<lib>_cancel`
///
/// # Safety
/// None; unsafe like all exports.
pub unsafe extern "C" fn cancel(id: u64) -> i32 {
    status(|| pending::cancel(id, Reason::Cancelled))
}

/// `<lib>_close`
///
/// # Safety
/// `call` is NULL or a `gp_call` that nobody else uses.
pub unsafe extern "C" fn close(this: u64, call: *mut RawCall) -> i32 {
    let body = || {
        // SAFETY: `with_call` has begun the call.
        let timeout = match unsafe { (*call).timeout_ns } {
            0 => CLOSE_TIMEOUT,
            left => Duration::from_nanos(u64::try_from(left).unwrap_or(0)),
        };
        handles::close(this, timeout).map(|()| Status::Ok as i32)
    };
    // SAFETY: the caller promises a call.
    unsafe { with_call(call, body) }
}

/// `<lib>_share`
///
/// # Safety
/// None; unsafe like all exports.
pub unsafe extern "C" fn share(this: u64) -> i32 {
    status(|| handles::share(this))
}

/// `<lib>_release`
///
/// # Safety
/// None; unsafe like all exports.
pub unsafe extern "C" fn release(this: u64) {
    status(|| {
        handles::release(this);
        Ok(())
    });
}

/// `<lib>_register_host_fn`. Whatever is returned, `release` runs once, when `user_data` is no longer used.
///
/// # Safety
/// `name` points to its bytes; the callbacks may be called with `user_data` from any thread until `release` runs.
pub unsafe extern "C" fn register_host_fn(
    this: u64,
    name: RawStr,
    function: RawHostFn,
    cancel: RawHostCancel,
    user_data: *mut c_void,
    release: RawRelease,
) -> i32 {
    let user = UserData::new(user_data, release);
    status(move || {
        // SAFETY: the caller promises a name.
        let name = unsafe { self::name(name)? };
        let registration = Registration::new(name, function, cancel, user);
        if this == 0 {
            registry::register_default(name, registration);
            return Ok(());
        }
        handles::context(this)?.register(name, registration)
    })
}

/// `<lib>_host_complete`
///
/// # Safety
/// `result` is the C struct of `len` bytes that the status promises, UTF-8 text, or NULL.
pub unsafe extern "C" fn host_complete(
    call_id: u64,
    status: i32,
    result: *const c_void,
    len: usize,
) -> i32 {
    // SAFETY: the caller promises the same.
    self::status(|| unsafe { host::complete(call_id, status, result, len) })
}

/// The address that a host passes when it wants a listener served by the queue.
static QUEUE_LISTENER: AtomicUsize = AtomicUsize::new(0);

/// Tells the runtime which exported function is `<lib>_queue_listener`, so that [`add_listener`] recognizes it and
/// events go to the queue without passing through the dispatcher's thread. Where it is not recognized, events take that
/// way and arrive as well.
pub fn declare_queue_listener(function: RawListener) {
    QUEUE_LISTENER.store(address(function), Ordering::Relaxed);
}

fn address(function: RawListener) -> usize {
    function.map_or(0, |function| function as usize)
}

/// `<lib>_add_listener`. Whatever is returned, `release` runs once, when `user_data` is no longer used.
///
/// # Safety
/// `event` points to its bytes, `listener` is NULL or writable; `function` may be called with `user_data` from any
/// thread until `release` runs.
pub unsafe extern "C" fn add_listener(
    this: u64,
    event: RawStr,
    function: RawListener,
    user_data: *mut c_void,
    release: RawRelease,
    listener: *mut u64,
) -> i32 {
    let user = UserData::new(user_data, release);
    status(move || {
        // SAFETY: the caller promises a name.
        let event = unsafe { name(event)? };
        let callback = function
            .ok_or_else(|| Fault::new(Status::BadArgument, "a listener needs a function"))?;
        if listener.is_null() {
            return Err(Fault::new(
                Status::BadArgument,
                "listener: must point to memory for the id",
            ));
        }
        let queued = address(function) == QUEUE_LISTENER.load(Ordering::Relaxed);
        // SAFETY: not NULL, so writable.
        let publish = |id| unsafe { listener.write(id) };
        listeners::add(
            &handles::context(this)?,
            event,
            callback,
            queued,
            user,
            publish,
        )
    })
}

/// `<lib>_remove_listener`
///
/// # Safety
/// None; unsafe like all exports.
pub unsafe extern "C" fn remove_listener(listener: u64) -> i32 {
    status(|| listeners::remove(listener))
}

/// `<lib>_tell_lost`
///
/// # Safety
/// The listener's function may be called without an event.
pub unsafe extern "C" fn tell_lost(listener: u64) -> i32 {
    status(|| listeners::tell_lost(listener))
}

/// `<lib>_stats`
///
/// # Safety
/// `stats` is NULL or writable.
pub unsafe extern "C" fn stats(stats: *mut RawStats) {
    if stats.is_null() {
        return;
    }
    let mut now = RawStats::default();
    status(|| {
        now = counters::read();
        Ok(())
    });
    // SAFETY: not NULL, so writable.
    unsafe { stats.write(now) }
}

/// `<lib>_explain`
///
/// # Safety
/// `item` points to `len` bytes; `call` is NULL or a `gp_call` that nobody else uses.
pub unsafe extern "C" fn explain(item: *const u8, len: usize, call: *mut RawCall) {
    let body = || {
        // SAFETY: the caller promises `len` bytes.
        let bytes = unsafe { RawStr { ptr: item, len }.as_slice() };
        let item = gangplank_descriptor::decode(bytes).map_err(|error| {
            Fault::new(
                Status::BadArgument,
                format!("not a descriptor item: {error}"),
            )
        })?;
        // SAFETY: `with_call` has begun the call.
        unsafe { (*call).message = memory::write_text(call, &item.to_string()) };
        Ok(Status::Ok as i32)
    };
    // SAFETY: the caller promises a call.
    unsafe { with_call(call, body) };
}

/// `<lib>_set_log`. Whatever is returned, `release` runs once, when `user_data` is no longer used.
///
/// # Safety
/// `function` may be called with `user_data` from any thread until `release` runs.
pub unsafe extern "C" fn set_log(
    max_level: u32,
    function: RawLog,
    user_data: *mut c_void,
    release: RawRelease,
) -> i32 {
    let user = UserData::new(user_data, release);
    status(move || log::set(max_level, function, user))
}
