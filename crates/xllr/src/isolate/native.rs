//! The native form of a function in a helper, for its host.
//!
//! Comes in: a call as `docs/abi.md` has it for entries, `self` a [`Context`]. Goes out: the same results, in memory that the
//! call owns.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::time::Duration;

use gangplank_descriptor::status;

use super::answer::{self, CAUSES, HEAD, LOCATION, MESSAGE, PAYLOAD};
use super::flat::{Malformed, Writer};
use super::payload::Payload;
use super::remote::Context;
use super::wire::{Header, Word};
use crate::abi::{RawCall, RawDone, RawText};
use crate::dynamic;
use crate::error::{Error, Kind};
use crate::fork;

/// The native form of every function in a helper. Nothing of this completes later.
pub(super) unsafe extern "C" fn call(
    this: u64,
    params: *const c_void,
    out: *mut c_void,
    call: *mut RawCall,
    _: RawDone,
    _: *mut c_void,
) -> i32 {
    // SAFETY: the caller of an entry passes NULL or a call; its first field says how much of it there is.
    if call.is_null() || unsafe { (*call).size } < size_of::<RawCall>() as u32 {
        return status::ABI_MISMATCH;
    }
    // SAFETY: whole, as checked, and the caller's for this call.
    let call = unsafe { &mut *call };
    // SAFETY: `self` is the context that stands beside this function, whose module the caller holds.
    let context = unsafe { &*(this as *const Context) };
    // SAFETY: the caller promises the structs of the function (docs/abi.md, "Entries").
    let done = catch_unwind(AssertUnwindSafe(|| unsafe {
        remote_call(context, params.cast(), out.cast(), call)
    }));
    let status = match done {
        Ok(Ok(status)) => status,
        Ok(Err(error)) => failed(call, &error),
        Err(_) => failed(call, &Error::new(Kind::Panic, "panic in xllr")),
    };
    call.status = status;
    status
}

/// # Safety
/// As for entries.
unsafe fn remote_call(
    context: &Context,
    params: *const u8,
    out: *mut u8,
    call: &mut RawCall,
) -> Result<i32, Error> {
    fork::started()?;
    let timeout = match call.timeout_ns {
        0 => None,
        spent if spent < 0 => {
            return Err(Error::new(Kind::Deadline, "deadline: no time was left"));
        }
        some => Some(Duration::from_nanos(some.unsigned_abs())),
    };
    let library = &context.shapes.library;
    let flat = context.flat()?;
    let bad = |Malformed(text)| {
        let text = format!("`{}`: the parameters are malformed: {text}", context.name);
        Error::new(Kind::BadArgument, text)
    };
    let mut writer = Writer::new(library, flat.params_size);
    for part in &flat.params {
        // SAFETY: the parameter lies in the struct of all.
        unsafe { writer.value(part.ty, params.add(part.offset), part.offset) }.map_err(bad)?;
    }
    let header = Header {
        function: context.index,
        ..Header::new(Word::Native)
    };
    let mut answered = context.helper.ask(header, &writer.into_bytes(), timeout)?;
    if let Some(error) = answered.error() {
        return Err(error);
    }
    let status = answered.frame.header.status;
    let payload = &mut answered.frame.payload;
    let own_size =
        answer::read(&context.shapes, flat, payload, status).map_err(|Malformed(text)| {
            context
                .helper
                .misbehaves(&answered, &format!("a bad answer: {text}"))
        })?;
    let mut payload = answered.frame.payload;
    let start = payload.start();
    // SAFETY: the answer has its head and the results, as [`answer::read`] has found; `out` has room for them. The call's
    // earlier memory is no longer used: the parameters were copied.
    unsafe {
        dynamic::free(call);
        if status == status::OK && !out.is_null() {
            ptr::copy_nonoverlapping(start.add(HEAD), out, flat.results_size);
        }
        clear(call);
        if status == status::OK && !flat.heap {
            return Ok(status);
        }
        let text = |at: usize| start.add(at).cast::<RawText>().read();
        call.message = text(MESSAGE);
        call.location = text(LOCATION);
        let causes = text(CAUSES);
        (call.causes, call.causes_len) = (causes.ptr.cast(), causes.len);
        let own = text(PAYLOAD);
        (call.payload, call.payload_len) = (own.ptr.cast(), own_size);
    }
    call.owned = Box::into_raw(Box::new(payload)).cast();
    call.free_owned = Some(free_payload);
    Ok(status)
}

/// Nothing of an earlier use is left, whose memory is gone.
fn clear(call: &mut RawCall) {
    (call.message, call.location) = (RawText::EMPTY, RawText::EMPTY);
    (call.payload, call.payload_len) = (ptr::null(), 0);
    (call.causes, call.causes_len) = (ptr::null(), 0);
}

/// Leaves an error that no function has made.
fn failed(call: &mut RawCall, error: &Error) -> i32 {
    let text = error.text().as_bytes();
    let mut payload = Payload::block(text.len());
    payload.bytes_mut().copy_from_slice(text);
    // SAFETY: what an earlier use of the call has left.
    unsafe { dynamic::free(call) };
    clear(call);
    call.message = RawText {
        ptr: payload.start(),
        len: text.len(),
    };
    call.owned = Box::into_raw(Box::new(payload)).cast();
    call.free_owned = Some(free_payload);
    match error.kind() {
        Kind::BadArgument => status::BAD_ARGUMENT,
        Kind::Panic => status::PANIC,
        Kind::Deadline => status::DEADLINE,
        Kind::Mismatch => status::ABI_MISMATCH,
        Kind::Limit => status::LIMIT,
        Kind::Forked => status::FORKED,
        _ => status::PEER_LOST,
    }
}

/// What `gp_call.free_owned` points to after a call through a helper.
pub(super) unsafe extern "C" fn free_payload(call: *mut RawCall) {
    // SAFETY: the caller passes the call that such a function has filled; `owned` is its payload, or was taken before.
    unsafe {
        let payload = std::mem::replace(&mut (*call).owned, ptr::null_mut());
        (*call).free_owned = None;
        if !payload.is_null() {
            drop(Box::from_raw(payload.cast::<Payload>()));
        }
    }
}
