//! Memory that crosses: bytes that are borrowed from a caller, and results from `malloc`.

use std::ffi::c_void;
use std::ptr;

/// What a caller passes as pointer and length; nothing for NULL.
///
/// # Safety
/// `ptr` is NULL or points to `len` bytes that stay unchanged for `'a`.
pub(crate) unsafe fn bytes<'a>(ptr: *const u8, len: usize) -> &'a [u8] {
    if ptr.is_null() || len == 0 {
        return &[];
    }
    // SAFETY: the caller promises `len` bytes behind the pointer.
    unsafe { std::slice::from_raw_parts(ptr, len) }
}

/// Writes through a pointer that may be NULL.
///
/// # Safety
/// `place` is NULL or writable.
pub(crate) unsafe fn set<T>(place: *mut T, value: T) {
    if !place.is_null() {
        // SAFETY: the caller promises that it is writable.
        unsafe { place.write(value) };
    }
}

/// A copy from `malloc`; NULL when there is nothing to copy, or no memory.
pub(crate) fn copy(bytes: &[u8]) -> *mut c_void {
    if bytes.is_empty() {
        return ptr::null_mut();
    }
    // SAFETY: malloc may be called with any size that is not 0.
    let memory = unsafe { libc::malloc(bytes.len()) };
    if !memory.is_null() {
        // SAFETY: the new block has this many bytes.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), memory.cast(), bytes.len()) };
    }
    memory
}

/// Leaves a copy of the bytes for the caller; nothing when it does not want them.
///
/// # Safety
/// Both pointers are NULL or writable.
pub(crate) unsafe fn give(bytes: &[u8], out: *mut *mut c_void, out_len: *mut u64) {
    if out.is_null() {
        return;
    }
    let memory = copy(bytes);
    let len = if memory.is_null() { 0 } else { bytes.len() };
    // SAFETY: the caller promises both.
    unsafe {
        set(out, memory);
        set(out_len, len as u64);
    }
}

/// Frees memory from `malloc`.
///
/// # Safety
/// `memory` is NULL or a block of `malloc` that nobody else uses.
pub(crate) unsafe fn free(memory: *mut c_void) {
    // SAFETY: the caller promises the same.
    unsafe { libc::free(memory) }
}
