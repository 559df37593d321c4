//! Sync functions and methods.

use super::shape::Shape;
use crate::rt::{self, Fault, FnMeta};
use crate::types::{ObjectType, Return};

/// A method: enters the object, reads the arguments and calls (`body`), hands the result over.
///
/// # Safety
/// `out` and `call` are what C passed for the shape `S`.
#[inline(always)]
pub unsafe fn method<S, T, R>(
    meta: &'static FnMeta,
    this: u64,
    out: S::Out,
    call: S::Call,
    body: impl FnOnce(&T) -> Result<R, Fault>,
) -> S::Ret
where
    S: Shape<R::Ok>,
    T: ObjectType,
    R: Return,
{
    // SAFETY: the caller's promise is the same.
    unsafe {
        finish::<S, R>(out, call, || {
            let object = rt::enter::<T>(this, meta)?;
            let _running = rt::running(this, meta);
            body(&object)
        })
    }
}

/// A function without an object.
///
/// # Safety
/// `out` and `call` are what C passed for the shape `S`.
#[inline(always)]
pub unsafe fn function<S, R>(
    out: S::Out,
    call: S::Call,
    body: impl FnOnce() -> Result<R, Fault>,
) -> S::Ret
where
    S: Shape<R::Ok>,
    R: Return,
{
    // SAFETY: the caller's promise is the same.
    unsafe { finish::<S, R>(out, call, body) }
}

/// The guard around everything that runs the user's code, lowering included.
///
/// # Safety
/// `out` and `call` are what C passed for the shape `S`.
#[inline(always)]
pub(super) unsafe fn finish<S, R>(
    out: S::Out,
    call: S::Call,
    body: impl FnOnce() -> Result<R, Fault>,
) -> S::Ret
where
    S: Shape<R::Ok>,
    R: Return,
{
    let run = || {
        // SAFETY: the caller promises what C passed.
        unsafe { S::begin(out, call)? };
        rt::started()?;
        Ok(match body()?.split() {
            // SAFETY: `begin` accepted both.
            Ok(value) => unsafe { S::succeed(value, out, call) },
            // SAFETY: `begin` accepted the call.
            Err(error) => unsafe { S::fail(error, call) },
        })
    };
    // SAFETY: the caller promises what C passed.
    let refuse = |fault| unsafe { S::fault(fault, call) };
    S::join(rt::guard_or(|| run().unwrap_or_else(refuse), refuse))
}
