//! The host's `user_data`, released exactly once.
//!
//! Comes in: a pointer and a release callback. Goes out: the pointer for as long as the value lives; the callback runs
//! when it is dropped. Whoever may still use the pointer holds the value, usually behind an `Arc`.

use core::ffi::c_void;

use crate::abi::RawRelease;

/// Owns one `user_data`.
pub(crate) struct UserData {
    ptr: *mut c_void,
    release: RawRelease,
}

// SAFETY: the host promises that `user_data` and its release callback may be used from any thread.
unsafe impl Send for UserData {}
// SAFETY: as above; the pointer is only passed on.
unsafe impl Sync for UserData {}

impl UserData {
    pub(crate) const fn new(ptr: *mut c_void, release: RawRelease) -> Self {
        Self { ptr, release }
    }

    pub(crate) const fn get(&self) -> *mut c_void {
        self.ptr
    }
}

impl Drop for UserData {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: the host passed both together, and a value is dropped once.
            super::guard::report("a release callback", || unsafe { release(self.ptr) });
        }
    }
}
