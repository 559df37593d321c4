//! The queue of an event loop as an object of Python, which the helper keeps with the loop.

use std::ffi::{CStr, c_void};
use std::sync::Arc;

use gangplank_cpython::{Fault, Object, Raw, ffi};

use crate::pending::Wake;

const NAME: &CStr = c"gangplank wake";

/// # Safety
/// The thread holds Python's lock.
pub(crate) unsafe fn to_capsule(wake: Arc<Wake>) -> Result<Object, Fault> {
    let address = Arc::into_raw(wake).cast_mut().cast::<c_void>();
    // SAFETY: the caller's promise; the name is static. The capsule's share is given back with it.
    unsafe {
        let made = Object::new(ffi::PyCapsule_New(address, NAME.as_ptr(), Some(forget)));
        if made.is_err() {
            drop(Arc::from_raw(address.cast::<Wake>()));
        }
        made
    }
}

unsafe extern "C" fn forget(capsule: Raw) {
    // SAFETY: CPython passes a capsule of `to_capsule`, once.
    unsafe {
        let address = ffi::PyCapsule_GetPointer(capsule, NAME.as_ptr());
        if !address.is_null() {
            drop(Arc::from_raw(address.cast::<Wake>()));
        }
    }
}

/// # Safety
/// `capsule` is an object; the thread holds Python's lock.
pub(crate) unsafe fn of_capsule(capsule: Raw) -> Result<Arc<Wake>, Fault> {
    // SAFETY: a capsule of this name holds a share of a queue.
    unsafe {
        let address = ffi::PyCapsule_GetPointer(capsule, NAME.as_ptr()).cast::<Wake>();
        if address.is_null() {
            return Err(Fault::Raised);
        }
        Arc::increment_strong_count(address);
        Ok(Arc::from_raw(address))
    }
}
