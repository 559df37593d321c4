//! The size pass: offsets, counted in the steps in which the write pass writes.
//!
//! Comes in: the offset so far, and what stands there next. Goes out: the offset behind it.

use core::mem::{align_of, size_of};

use gangplank_descriptor::MOVE_FROM;

/// `at` rounded up to where a `T` may stand.
pub const fn align_up<T>(at: usize) -> usize {
    let align = align_of::<T>();
    (at + align - 1) & !(align - 1)
}

/// Whether `len` values of `T` are moved out instead of copied: one rule for both passes.
pub const fn is_moved<T>(len: usize) -> bool {
    len * size_of::<T>() >= MOVE_FROM
}

/// The offset after `len` plain values of `T` that start at or after `at`.
pub const fn plain_end<T>(at: usize, len: usize) -> usize {
    if len == 0 || is_moved::<T>(len) {
        at
    } else {
        align_up::<T>(at) + len * size_of::<T>()
    }
}

/// The offset after `len` structs of `T` that start at or after `at`, not counting what they own.
pub const fn list_end<T>(at: usize, len: usize) -> usize {
    if len == 0 {
        at
    } else {
        align_up::<T>(at) + len * size_of::<T>()
    }
}
