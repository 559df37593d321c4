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
use crate::abi::RawCall;
use crate::memory;
use crate::rt::Fault;
use crate::types::{Arg, BadValue, ErrorType, Reader, checked_ref};

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

/// Writes a typed error into `call`: the struct, its text and its causes.
///
/// # Safety
/// `call` went through [`memory::begin`].
pub unsafe fn write_error<E: ErrorType>(error: E, call: *mut RawCall) -> i32 {
    let message = Message::of(&error);
    let causes = error.causes();
    let need = memory::align_up::<E::Abi>(0) + size_of::<E::Abi>();
    let need = error.size(need) + message.as_bytes().len();
    // SAFETY: the caller promises a prepared call.
    let written = unsafe {
        memory::write_result(call, need, |arena| {
            let payload = arena.one(|arena| error.write(arena));
            (payload, arena.copy(message.as_bytes()))
        })
    };
    let (payload, text) = match written {
        Ok(written) => written,
        // SAFETY: as above.
        Err(refused) => return unsafe { Fault::new(refused.0, refused.1).write(call) },
    };
    // SAFETY: as above.
    let (causes, causes_len) = unsafe { memory::write_texts(call, &causes) };
    // SAFETY: as above; `write_texts` has returned its own reference.
    let fields = unsafe { &mut *call };
    fields.status = crate::abi::Status::Err as i32;
    fields.payload = payload.cast();
    fields.payload_len = size_of::<E::Abi>();
    fields.message = text;
    fields.causes = causes;
    fields.causes_len = causes_len;
    fields.status
}
