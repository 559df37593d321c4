//! Async functions and methods: arguments become owned, the future goes to the runtime, the result comes back through
//! `out` and `call` whenever it is there.

use core::ffi::c_void;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::shape::{Shape, SharedOut, write_success};
use crate::abi::{RawCall, RawDone};
use crate::rt::{self, Entered, Fault, FnMeta, Phase};
use crate::types::{Compound, Detail, Failure, ObjectType, Output, Return};

/// How an async call ends: the pointers that C passed.
pub struct Ending<O> {
    /// Where the result goes.
    pub out: O,
    /// The call.
    pub call: *mut RawCall,
    /// What runs at the end of a pending call.
    pub done: RawDone,
    /// Its argument.
    pub user_data: *mut c_void,
}

/// An async method; `body` reads the arguments and makes the future, which owns them and the entered object.
///
/// # Safety
/// `ending` holds what C passed.
pub unsafe fn async_method<P, T, R, F>(
    meta: &'static FnMeta,
    this: u64,
    ending: Ending<<R::Ok as Output>::Out>,
    body: impl FnOnce(Entered<T>) -> Result<F, Fault>,
) -> i32
where
    P: Phase,
    T: ObjectType,
    R: Return + Send,
    F: Future<Output = R> + Send + 'static,
{
    // SAFETY: the caller's promise is the same.
    unsafe {
        start::<P, _, _>(meta, this, ending, || {
            body(rt::enter::<T>(this, meta)?).map(Infallible)
        })
    }
}

/// An async function without an object.
///
/// # Safety
/// `ending` holds what C passed.
pub unsafe fn async_function<P, R, F>(
    meta: &'static FnMeta,
    ending: Ending<<R::Ok as Output>::Out>,
    body: impl FnOnce() -> Result<F, Fault>,
) -> i32
where
    P: Phase,
    R: Return + Send,
    F: Future<Output = R> + Send + 'static,
{
    // SAFETY: the caller's promise is the same.
    unsafe { start::<P, _, _>(meta, 0, ending, || body().map(Infallible)) }
}

/// A future that ends as [`start`] wants it, for one that cannot fail on the toolkit's side. An `async` block would move
/// the future once more at its first poll, right after it has been written.
struct Infallible<F>(F);

impl<F: Future> Future for Infallible<F> {
    type Output = Result<F::Output, Fault>;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: the only field is pinned with its struct, which has no `Drop` and gives it to nobody else.
        unsafe { self.map_unchecked_mut(|this| &mut this.0) }
            .poll(context)
            .map(Ok)
    }
}

/// Starts the call whose future `make` makes.
///
/// # Safety
/// `ending` holds what C passed.
pub(super) unsafe fn start<P, R, F>(
    meta: &'static FnMeta,
    this: u64,
    ending: Ending<<R::Ok as Output>::Out>,
    make: impl FnOnce() -> Result<F, Fault>,
) -> i32
where
    P: Phase,
    R: Return + Send,
    F: Future<Output = Result<R, Fault>> + Send + 'static,
{
    let Ending {
        out,
        call,
        done,
        user_data,
    } = ending;
    let out = SharedOut(out);
    let finish = move |result: Result<R, Fault>, call: *mut RawCall| {
        let out = out;
        match result.map(R::split) {
            // SAFETY: `begin` accepted both, and they are the library's until the call has ended.
            Ok(Ok(value)) => unsafe { write_success(value, out.0, call) },
            // SAFETY: `begin` accepted the call.
            Ok(Err(error)) => unsafe { error.write(call, Detail::All) },
            // SAFETY: as above.
            Err(fault) => unsafe { fault.write(call) },
        }
    };
    let run = || {
        // SAFETY: the caller promises what C passed.
        unsafe { <Compound as Shape<R::Ok>>::begin(out.0, call)? };
        rt::started()?;
        // SAFETY: the call was prepared; `done` and `user_data` are what C passed.
        unsafe { rt::begin::<P, _, _>(meta, this, call, done, user_data, make, finish) }
    };
    // SAFETY: `fault` takes whatever C passed.
    let refuse = |fault| unsafe { <Compound as Shape<R::Ok>>::fault(fault, call) };
    rt::guard_or(|| run().unwrap_or_else(refuse), refuse)
}
