//! What a call leaves: its result, its texts, and who frees them.
//!
//! Comes in: the `gp_call` of a caller. Goes out: values and texts in its scratch or in blocks of the library's, which hang on
//! `gp_call.owned` and go with one call of `gp_call.free_owned`.

use core::mem::size_of;

use super::arena::{Arena, Refused, give_back};
use super::list_end;
use super::owned::Owned;
use crate::abi::{RawCall, RawStr, Status};

/// Prepares `call` for one use: checks its size, frees what the last use left, clears what a caller reads.
///
/// # Safety
/// `call` is NULL or points to a `gp_call` of the size it states, which nobody else uses until the call has ended.
#[inline]
pub unsafe fn begin(call: *mut RawCall) -> Result<(), Status> {
    if call.is_null() {
        return Err(Status::BadArgument);
    }
    // SAFETY: not NULL, and the caller promises at least the size field.
    if unsafe { (*call).size } < size_of::<RawCall>() as u32 {
        return Err(Status::AbiMismatch);
    }
    // SAFETY: the size says that all fields are there; both are plain values.
    let (owned, free) = unsafe { ((*call).owned, (*call).free_owned) };
    if let (false, Some(free)) = (owned.is_null(), free) {
        // SAFETY: whoever set `owned`, this library or another, set the function that frees it beside it.
        unsafe { free(call) };
    }
    // SAFETY: as above; no other reference to the call is alive.
    let fields = unsafe { &mut *call };
    fields.owned = core::ptr::null_mut();
    fields.free_owned = None;
    fields.status = 0;
    fields.id = 0;
    fields.message = RawStr::EMPTY;
    fields.location = RawStr::EMPTY;
    fields.payload = core::ptr::null();
    fields.payload_len = 0;
    fields.causes = core::ptr::null();
    fields.causes_len = 0;
    Ok(())
}

/// Writes one value for `call`; `need` is where the size pass ended when it started at `0`.
///
/// # Errors
/// What [`Arena::fail`] was told.
///
/// # Safety
/// `call` went through [`begin`], and nothing that lies in its scratch is still in use.
#[inline]
pub unsafe fn write_result<T>(
    call: *mut RawCall,
    need: usize,
    write: impl FnOnce(&mut Arena) -> T,
) -> Result<T, Refused> {
    // SAFETY: the caller promises what `for_call` asks for.
    let mut arena = unsafe { Arena::for_call(call, need) };
    let value = write(&mut arena);
    // SAFETY: `call` is valid.
    unsafe { store_owned(call, arena.owned) };
    match arena.failed {
        None => Ok(value),
        Some(failed) => {
            give_back(arena.lent);
            Err(failed)
        }
    }
}

/// Hands `owned` to `call`.
///
/// # Safety
/// `call` went through [`begin`].
#[inline]
unsafe fn store_owned(call: *mut RawCall, owned: Owned) {
    if !owned.is_empty() {
        // SAFETY: the caller's promise is the same.
        unsafe { store_something(call, owned) }
    }
}

/// [`store_owned`] for what most results have none of.
///
/// # Safety
/// As there.
#[cold]
unsafe fn store_something(call: *mut RawCall, owned: Owned) {
    // SAFETY: the caller promises a valid call.
    let fields = unsafe { &mut *call };
    if fields.owned.is_null() {
        fields.owned = Box::into_raw(Box::new(owned)).cast();
    } else {
        // SAFETY: a non-null `owned` is the box that the branch above made.
        unsafe { &mut *fields.owned.cast::<Owned>() }.append(owned);
    }
    fields.free_owned = Some(free_owned_c);
}

/// What `gp_call.free_owned` points to.
unsafe extern "C" fn free_owned_c(call: *mut RawCall) {
    // SAFETY: C passes the call whose field it read.
    unsafe { free_owned(call) }
}

/// Frees what the library owns of `call`'s results. Buffers are plain data: no drop here can panic.
///
/// # Safety
/// `call` is NULL or valid, and its `owned` was written by this library.
pub unsafe fn free_owned(call: *mut RawCall) {
    if call.is_null() {
        return;
    }
    // SAFETY: not NULL, valid by the caller's promise.
    let fields = unsafe { &mut *call };
    let owned = core::mem::replace(&mut fields.owned, core::ptr::null_mut());
    fields.free_owned = None;
    if !owned.is_null() {
        // SAFETY: `store_owned` made it from a box, and it is taken out exactly once.
        drop(unsafe { Box::from_raw(owned.cast::<Owned>()) });
    }
}

/// Copies texts for `call`: an error's message, location, causes. Always into a block: scratch may hold a payload.
///
/// # Safety
/// `call` went through [`begin`].
pub unsafe fn write_texts(call: *mut RawCall, texts: &[String]) -> (*const RawStr, usize) {
    let need = texts
        .iter()
        .fold(list_end::<RawStr>(0, texts.len()), |at, text| {
            at + text.len()
        });
    let mut arena = Arena::allocated(need);
    let list = arena.list(texts.iter(), |arena, text| arena.copy(text.as_bytes()));
    // SAFETY: `call` is valid.
    unsafe { store_owned(call, arena.owned) };
    (list.ptr, list.len)
}

/// Copies one text for `call`; see [`write_texts`].
///
/// # Safety
/// `call` went through [`begin`].
pub unsafe fn write_text(call: *mut RawCall, text: &str) -> RawStr {
    let mut arena = Arena::allocated(text.len());
    let raw = arena.copy(text.as_bytes());
    // SAFETY: `call` is valid.
    unsafe { store_owned(call, arena.owned) };
    raw
}
