//! The two forms of a sync function, selected by the kinds of its parameters and result.
//!
//! The exported function has the parameters `out: S::Out` and `call: S::Call` in both forms. In the scalar form they are
//! [`Absent`], zero-sized, and C does not see them.

use core::mem::ManuallyDrop;

use crate::abi::{Absent, RawCall, Status};
use crate::memory;
use crate::rt::{self, Fault};
use crate::types::{And, Compound, Detail, Failure, Output, Scalar};

/// The conjunction of two kinds, for macros to fold.
pub type All<A, B> = <A as And<B>>::Out;

/// A form of a function with the result `O`.
pub trait Shape<O: Output> {
    /// Whether it is the scalar form.
    const SCALAR: bool;
    /// The `out` parameter.
    type Out: Copy;
    /// The `call` parameter.
    type Call: Copy;
    /// The return value.
    type Ret;
    /// What it is made of, at most two words: three would go through memory at every step of the guard, written in one
    /// width and read in another, which stalls.
    type Parts;

    /// Makes the return value.
    fn join(parts: Self::Parts) -> Self::Ret;

    /// Prepares the place of the result.
    ///
    /// # Safety
    /// `call` is what C passed: NULL or a valid `gp_call`.
    unsafe fn begin(out: Self::Out, call: Self::Call) -> Result<(), Fault>;

    /// Hands a success over.
    ///
    /// # Safety
    /// [`Shape::begin`] accepted `out` and `call`.
    unsafe fn succeed(value: O, out: Self::Out, call: Self::Call) -> Self::Parts;

    /// Hands the function's own error over.
    ///
    /// # Safety
    /// [`Shape::begin`] accepted `call`.
    unsafe fn fail<E: Failure>(error: E, call: Self::Call) -> Self::Parts;

    /// Hands an error of the toolkit over.
    ///
    /// # Safety
    /// `call` is what C passed: NULL or a valid `gp_call`.
    unsafe fn fault(fault: Fault, call: Self::Call) -> Self::Parts;
}

/// Status and slot of an error in one word.
#[derive(Clone, Copy)]
pub struct Ended(u64);

impl Ended {
    #[inline(always)]
    fn new(status: i32, slot: u32) -> Self {
        Self(u64::from(slot) << 32 | u64::from(status.cast_unsigned()))
    }

    #[inline(always)]
    fn status(self) -> i32 {
        (self.0 as u32).cast_signed()
    }

    #[inline(always)]
    fn slot(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

impl<O: Output> Shape<O> for Scalar {
    const SCALAR: bool = true;
    type Out = Absent;
    type Call = Absent;
    type Ret = O::Ret;
    type Parts = (O::Abi, Ended);

    #[inline(always)]
    fn join((value, ended): Self::Parts) -> O::Ret {
        O::ret(value, ended.status(), ended.slot())
    }

    unsafe fn begin(_: Absent, _: Absent) -> Result<(), Fault> {
        Ok(())
    }

    #[inline]
    unsafe fn succeed(value: O, _: Absent, _: Absent) -> Self::Parts {
        // A scalar puts nothing into it, so there is nothing to drop.
        let mut arena = ManuallyDrop::new(memory::Arena::allocated(0));
        (value.write(&mut arena), Ended::new(Status::Ok as i32, 0))
    }

    unsafe fn fail<E: Failure>(error: E, _: Absent) -> Self::Parts {
        let slot = rt::store_error(Box::new(move |call, detail| {
            // SAFETY: `take_error` runs this with a call that it has prepared.
            unsafe { error.write(call, detail) }
        }));
        (
            // SAFETY: `Abi` is plain data, valid when zeroed (contract of `Output`).
            unsafe { core::mem::zeroed() },
            Ended::new(Status::Err as i32, slot),
        )
    }

    unsafe fn fault(fault: Fault, _: Absent) -> Self::Parts {
        let status = fault.status as i32;
        // In a forked child the place's lock may be held for ever; `take_error` says `Forked` by itself there.
        let slot = if fault.status == Status::Forked {
            0
        } else {
            rt::store_error(Box::new(move |call, _| {
                // SAFETY: `take_error` runs this with a call that it has prepared.
                unsafe { fault.write(call) }
            }))
        };
        // SAFETY: `Abi` is plain data, valid when zeroed (contract of `Output`).
        (unsafe { core::mem::zeroed() }, Ended::new(status, slot))
    }
}

impl<O: Output> Shape<O> for Compound {
    const SCALAR: bool = false;
    type Out = O::Out;
    type Call = *mut RawCall;
    type Ret = i32;
    type Parts = i32;

    #[inline(always)]
    fn join(status: i32) -> i32 {
        status
    }

    #[inline]
    unsafe fn begin(out: O::Out, call: *mut RawCall) -> Result<(), Fault> {
        // SAFETY: the caller promises what C passed.
        unsafe { begin_call(call)? };
        // SAFETY: `begin_call` has checked it.
        if unsafe { (*call).timeout_ns } < 0 {
            return Err(too_late());
        }
        match O::address(out) {
            Some(address) if address.is_null() || !address.is_aligned() => Err(bad_out()),
            _ => Ok(()),
        }
    }

    #[inline]
    unsafe fn succeed(value: O, out: O::Out, call: *mut RawCall) -> i32 {
        // SAFETY: `begin` accepted both.
        unsafe { write_success(value, out, call) }
    }

    unsafe fn fail<E: Failure>(error: E, call: *mut RawCall) -> i32 {
        // SAFETY: `begin` accepted the call.
        unsafe { error.write(call, Detail::All) }
    }

    unsafe fn fault(fault: Fault, call: *mut RawCall) -> i32 {
        let status = fault.status as i32;
        if !call.is_null() && fault.status != Status::AbiMismatch {
            // SAFETY: not NULL, and `begin` has checked its size.
            unsafe { fault.write(call) };
        }
        status
    }
}

/// Prepares a call.
///
/// # Safety
/// `call` is NULL or a valid `gp_call`.
#[inline]
unsafe fn begin_call(call: *mut RawCall) -> Result<(), Fault> {
    // SAFETY: the caller's promise is the same.
    unsafe { memory::begin(call) }.map_err(bad_call)
}

#[cold]
fn bad_call(status: Status) -> Fault {
    let text = match status {
        Status::AbiMismatch => "gp_call is smaller than this library's",
        _ => "call: must not be NULL",
    };
    Fault::new(status, text)
}

#[cold]
fn too_late() -> Fault {
    Fault::new(Status::Deadline, "the call's time was up before it began")
}

#[cold]
fn bad_out() -> Fault {
    Fault::new(
        Status::BadArgument,
        "out: must point to memory for the result",
    )
}

/// Writes a result through `out`.
///
/// # Safety
/// [`Shape::begin`] accepted `out` and `call`.
#[inline]
pub(super) unsafe fn write_success<O: Output>(value: O, out: O::Out, call: *mut RawCall) -> i32 {
    let need = value.size(0);
    // SAFETY: the call was prepared.
    let written = unsafe { memory::write_result(call, need, |arena| value.write(arena)) };
    let raw = match written {
        Ok(raw) => raw,
        // SAFETY: as above.
        Err(refused) => return unsafe { Fault::new(refused.0, refused.1).write(call) },
    };
    if let Some(address) = O::address(out) {
        // SAFETY: `begin` checked the address; the caller vouches for the memory behind it.
        unsafe { address.write(raw) }
    }
    Status::Ok as i32
}

/// An `out` that goes to another thread with its call.
#[derive(Clone, Copy)]
pub(super) struct SharedOut<T>(pub T);

// SAFETY: docs/abi.md: `out` belongs to the library until the call has ended, whichever thread ends it.
unsafe impl<T> Send for SharedOut<T> {}
