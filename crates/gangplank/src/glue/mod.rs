//! Between the exported C functions, which the macros write, and the runtime: one function per kind of crossing.
//!
//! Comes in: raw arguments, the place of the result, and a closure with the user's call. Goes out: the C return value.
//! What the macros expand to stays small and has no logic, because it lives here once.

mod asynchronous;
mod construct;
mod entry;
mod host;
mod message;
mod shape;
mod sync;

pub use asynchronous::{Ending, async_function, async_method};
pub use construct::{Constructed, Handle, async_constructor, constructor, load_injectable};
pub use entry::{concat, describe, flags, member, total};
pub use host::{BoxFuture, host_future};
pub use shape::{All, Shape};
pub use sync::{function, method};

use self::message::Message;
use crate::abi::{RawCall, RawStr};
use crate::memory;
use crate::rt::Fault;
use crate::types::{Arg, BadValue, Detail, ErrorType, Reader, checked_ref};

pub use crate::types::layout as param_layout;

impl From<BadValue> for Fault {
    fn from(bad: BadValue) -> Self {
        Self::new(bad.status(), bad.to_string())
    }
}

/// How long an argument may be borrowed: a local of the call that passes it. Without it a type that says `'static`
/// would get the host's memory for ever.
pub struct Scope;

/// Reads one argument of a function.
///
/// # Safety
/// `address` is NULL or points to the C struct of the argument, which stays unchanged for `'a`.
#[inline(always)]
pub unsafe fn load<'a, A: Arg<'a>>(
    _scope: &'a Scope,
    address: *const A::Abi,
    name: &'static str,
) -> Result<A, Fault> {
    // SAFETY: the caller vouches for the address.
    let raw = unsafe { checked_ref(address) };
    // SAFETY: the caller vouches for what the struct refers to.
    let value = raw.and_then(|raw| unsafe { A::load(raw, &mut Reader::default()) });
    value.map_err(|bad| refused(bad, name))
}

/// The fault of a bad argument.
#[cold]
fn refused(bad: BadValue, name: &'static str) -> Fault {
    bad.at_field(name).into()
}

/// Writes a typed error into `call`: the struct and, unless the host makes them itself, its text and its causes.
///
/// # Safety
/// `call` went through [`memory::begin`].
pub unsafe fn write_error<E: ErrorType>(error: E, call: *mut RawCall, detail: Detail) -> i32 {
    if detail == Detail::Payload {
        // SAFETY: the caller's promise is the same.
        return unsafe { write_payload(error, call, &[]).map_or_else(|status| status, |_| ERR) };
    }
    let message = Message::of(&error);
    let causes = error.causes();
    // SAFETY: the caller's promise is the same.
    let text = match unsafe { write_payload(error, call, message.as_bytes()) } {
        Ok(text) => text,
        Err(status) => return status,
    };
    // SAFETY: the caller promises a prepared call.
    let (causes, causes_len) = unsafe { memory::write_texts(call, &causes) };
    // SAFETY: as above; `write_texts` has returned its own reference.
    let fields = unsafe { &mut *call };
    fields.message = text;
    fields.causes = causes;
    fields.causes_len = causes_len;
    ERR
}

const ERR: i32 = crate::abi::Status::Err as i32;

/// Writes status and struct of a typed error, and `text` behind them; where the text is, or the status of why none of it
/// could be written.
///
/// # Safety
/// `call` went through [`memory::begin`].
#[inline]
unsafe fn write_payload<E: ErrorType>(
    error: E,
    call: *mut RawCall,
    text: &[u8],
) -> Result<RawStr, i32> {
    let need = memory::align_up::<E::Abi>(0) + size_of::<E::Abi>();
    let need = error.size(need) + text.len();
    // SAFETY: the caller promises a prepared call.
    let written = unsafe {
        memory::write_result(call, need, |arena| {
            let payload = arena.one(|arena| error.write(arena));
            (payload, arena.copy(text))
        })
    };
    let (payload, text) = match written {
        Ok(written) => written,
        // SAFETY: as above.
        Err(refused) => return Err(unsafe { Fault::new(refused.0, refused.1).write(call) }),
    };
    // SAFETY: as above; no other reference to the call is alive.
    let fields = unsafe { &mut *call };
    fields.status = ERR;
    fields.payload = payload.cast();
    fields.payload_len = size_of::<E::Abi>();
    Ok(text)
}
