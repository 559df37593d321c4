//! Entries: what a function says about itself to whoever found its symbol.

use core::ffi::c_void;
use std::collections::HashSet;

use crate::abi::{FLAG_ASYNC, FLAG_CONSTRUCTOR, FLAG_METHOD, FLAG_SCALAR, RawSink};
use crate::rt;
use crate::types::Sink;

/// The flags of an entry.
pub const fn flags(is_async: bool, constructor: bool, method: bool, scalar: bool) -> u32 {
    (if is_async { FLAG_ASYNC } else { 0 })
        | (if constructor { FLAG_CONSTRUCTOR } else { 0 })
        | (if method { FLAG_METHOD } else { 0 })
        | (if scalar { FLAG_SCALAR } else { 0 })
}

/// Passes each item that `visit` reports to C, once.
///
/// # Safety
/// `sink` is what C passed and may be called with `user_data`.
pub unsafe fn describe(sink: RawSink, user_data: *mut c_void, visit: impl FnOnce(Sink<'_>)) {
    let Some(sink) = sink else { return };
    let mut seen = HashSet::new();
    let mut each = |item: &'static [u8]| {
        let new = seen.insert(item.as_ptr());
        if new {
            // SAFETY: the caller vouches for the pair.
            unsafe { sink(user_data, item.as_ptr(), item.len()) };
        }
        new
    };
    // A panic here would be a defect of the toolkit; the guard keeps it from the host.
    drop(rt::guard(|| {
        visit(&mut each);
        Ok(())
    }));
}

/// The address `offset` bytes into the struct at `params`; NULL when there is no struct. What is injected takes no room
/// in it and is somewhere in any case: a constructor that has nothing else is called with NULL.
pub fn member<P, T>(params: *const P, offset: usize) -> *const T {
    match (params.is_null(), size_of::<T>()) {
        (false, _) => params.wrapping_byte_add(offset).cast(),
        (true, 0) => core::ptr::NonNull::dangling().as_ptr(),
        (true, _) => core::ptr::null(),
    }
}

/// How many names `lists` hold.
pub const fn total(lists: &[&[&str]]) -> usize {
    let (mut count, mut index) = (0, 0);
    while index < lists.len() {
        count += lists[index].len();
        index += 1;
    }
    count
}

/// The names of `lists` in one array; `N` is their [`total`].
pub const fn concat<const N: usize>(lists: &[&[&'static str]]) -> [&'static str; N] {
    let mut all = [""; N];
    let (mut at, mut list) = (0, 0);
    while list < lists.len() {
        let mut index = 0;
        while index < lists[list].len() {
            all[at] = lists[list][index];
            at += 1;
            index += 1;
        }
        list += 1;
    }
    all
}
