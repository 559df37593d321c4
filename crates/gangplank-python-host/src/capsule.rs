//! What lives as long as the process, as an object of Python.

use std::ffi::{CStr, c_void};

use gangplank_cpython::{Fault, Object, Raw, ffi};

/// # Safety
/// The thread holds Python's lock; capsules of this name hold a `T` only.
pub(crate) unsafe fn make<T>(name: &'static CStr, value: &'static T) -> Result<Object, Fault> {
    let address: *const T = value;
    // SAFETY: the caller's promise.
    unsafe {
        let address = address.cast_mut().cast::<c_void>();
        Object::new(ffi::PyCapsule_New(address, name.as_ptr(), None))
    }
}

/// # Safety
/// `capsule` is an object; the thread holds Python's lock; capsules of this name hold a `T` only.
pub(crate) unsafe fn take<T>(name: &'static CStr, capsule: Raw) -> Result<&'static T, Fault> {
    // SAFETY: the caller's promise; [`make`] was given what lives as long as the process.
    unsafe {
        let address = ffi::PyCapsule_GetPointer(capsule, name.as_ptr()).cast::<T>();
        match address.is_null() {
            true => Err(Fault::Raised),
            false => Ok(&*address),
        }
    }
}
