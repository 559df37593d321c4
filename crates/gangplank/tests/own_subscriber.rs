//! A library that passes its log to a `tracing` subscriber of its own keeps it: a host is told so. A process of its own,
//! because there is one such subscriber per process.

use std::ffi::c_void;
use std::sync::atomic::{AtomicU32, Ordering};

use gangplank::abi::{RawStr, Status};
use gangplank::rt::exports;

static RELEASED: AtomicU32 = AtomicU32::new(0);

unsafe extern "C" fn hear(_: u32, _: RawStr, _: RawStr, _: *mut c_void) {
    panic!("this record is the library's own subscriber's");
}

unsafe extern "C" fn released(_: *mut c_void) {
    RELEASED.fetch_add(1, Ordering::Relaxed);
}

#[test]
fn the_library_s_own_subscriber_stays() {
    tracing::subscriber::set_global_default(tracing::subscriber::NoSubscriber::new())
        .expect("the first");
    // SAFETY: `user_data` is not used.
    let status = unsafe { exports::set_log(5, Some(hear), std::ptr::null_mut(), Some(released)) };
    assert_eq!(status, Status::Limit as i32);
    assert_eq!(RELEASED.load(Ordering::Relaxed), 1);
    tracing::error!("not for the host");
}
