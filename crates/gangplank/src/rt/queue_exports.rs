//! The C functions of the queue: its descriptor, its records, and the callbacks that become records.
//!
//! Comes in: a host's drains, and the library's own calls of these callbacks. Goes out: records of [`queue`]. Part of
//! [`super::exports`], whose rules hold here.

use core::ffi::c_void;
use core::mem::MaybeUninit;

use super::log::Waiting;
use super::queue::{self, Item};
use super::{Fault, guard::guard, started};
use crate::abi::{RawCall, RawRecord, RawStr, Status};

/// `<lib>_queue_fd`; -1 when there is none: out of descriptors, or a forked child.
///
/// # Safety
/// None; unsafe like all exports.
pub unsafe extern "C" fn queue_fd() -> i32 {
    let fd = guard(|| {
        started()?;
        queue::fd().map_err(|error| Fault::new(Status::Limit, error.to_string()))
    });
    fd.unwrap_or(-1)
}

/// `<lib>_drain`
///
/// # Safety
/// `records` has room for `max` records.
pub unsafe extern "C" fn drain(records: *mut RawRecord, max: usize) -> usize {
    if records.is_null() || max == 0 {
        return 0;
    }
    let count = guard(|| {
        started()?;
        // SAFETY: the caller promises room for `max` records, which need not be initialized.
        let out = unsafe {
            core::slice::from_raw_parts_mut(records.cast::<MaybeUninit<RawRecord>>(), max)
        };
        Ok(queue::drain(out))
    });
    count.unwrap_or(0)
}

/// The integer behind a `user_data` that belongs to the queue.
fn key(user_data: *mut c_void) -> u64 {
    user_data.expose_provenance() as u64
}

/// `<lib>_queue_done`, a `gp_done`
///
/// # Safety
/// Called by the library.
pub unsafe extern "C" fn queue_done(user_data: *mut c_void, _call: *mut RawCall, status: i32) {
    queue::push(Item::Completion {
        status,
        key: key(user_data),
    });
}

/// `<lib>_queue_host_fn`, a `gp_host_fn`
///
/// # Safety
/// Called by the library.
pub unsafe extern "C" fn queue_host_fn(
    call_id: u64,
    request: *const c_void,
    user_data: *mut c_void,
) {
    queue::push(Item::HostCall {
        key: key(user_data),
        call_id,
        request: queue::data(request),
    });
}

/// `<lib>_queue_host_cancel`, a `gp_host_cancel`
///
/// # Safety
/// Called by the library.
pub unsafe extern "C" fn queue_host_cancel(call_id: u64, user_data: *mut c_void) {
    let (request, why) = queue::shown().unzip();
    queue::push(Item::HostCancel {
        key: key(user_data),
        call_id,
        why: why.unwrap_or(0),
        request,
    });
}

/// `<lib>_queue_listener`, a `gp_listener`
///
/// # Safety
/// Called by the library.
pub unsafe extern "C" fn queue_listener(
    event: *const c_void,
    dropped: u64,
    user_data: *mut c_void,
) {
    queue::push(Item::Event {
        key: key(user_data),
        dropped,
        event: queue::data(event),
    });
}

/// `<lib>_queue_log`, a `gp_log`
///
/// # Safety
/// Called by the library.
pub unsafe extern "C" fn queue_log(
    level: u32,
    target: RawStr,
    message: RawStr,
    user_data: *mut c_void,
) {
    // SAFETY: the library passes texts that live for the duration of the call.
    let (target, message) = unsafe { (target.as_slice(), message.as_slice()) };
    if let Some(waiting) = Waiting::new(key(user_data), level, target, message) {
        queue::push(Item::Log(waiting));
    }
}

/// `<lib>_queue_release`, a `gp_release`
///
/// # Safety
/// Called by the library.
pub unsafe extern "C" fn queue_release(user_data: *mut c_void) {
    queue::push(Item::Release {
        key: key(user_data),
    });
}
