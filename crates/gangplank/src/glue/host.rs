//! Calls of host functions: the request is lowered, the answer lifted, the host's failures become the declared error.

use core::ffi::c_void;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll};

use crate::abi::Status;
use crate::memory::{Arena, Lowered};
use crate::rt::{self, HostError, HostLink};
use crate::types::{BadValue, HostReturn, Reader, Type, checked_ref};

/// What a method of a host trait returns.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The answer's value, read from C.
pub trait Answer: Sized {
    /// Reads `len` bytes at `result`.
    ///
    /// # Safety
    /// `result` points to `len` bytes; what the struct refers to is unchanged until the call returns.
    unsafe fn lift(result: *const c_void, len: usize) -> Result<Self, BadValue>;
}

impl Answer for () {
    unsafe fn lift(_: *const c_void, _: usize) -> Result<Self, BadValue> {
        Ok(())
    }
}

impl<T: Type> Answer for T {
    unsafe fn lift(result: *const c_void, len: usize) -> Result<Self, BadValue> {
        if len != size_of::<T::Abi>() {
            let reason = format!("{len} bytes, but the result has {}", size_of::<T::Abi>());
            return Err(BadValue::argument(reason));
        }
        // SAFETY: the length says that the struct is there.
        let raw = unsafe { checked_ref(result.cast::<T::Abi>())? };
        // SAFETY: the caller vouches for what the struct refers to.
        unsafe { T::read(raw, &mut Reader::default()) }
    }
}

/// Reads what the host answered.
///
/// # Safety
/// `result` points to `len` bytes of what `status` announces.
unsafe fn answer<O, E>(
    status: i32,
    result: *const c_void,
    len: usize,
) -> Result<Result<O, E>, HostError>
where
    O: Answer,
    E: Answer,
{
    let lifted = if status == Status::Ok as i32 {
        // SAFETY: the caller vouches for the result.
        unsafe { O::lift(result, len) }.map(Ok)
    } else {
        // SAFETY: the caller vouches for the error.
        unsafe { E::lift(result, len) }.map(Err)
    };
    // The runtime adds the function's name.
    lifted.map_err(|bad| HostError::from_status(bad.status() as i32, "", &bad.to_string()))
}

/// Calls the host function `name` and waits for its answer.
pub fn host_future<R, A>(
    link: &HostLink,
    name: &'static str,
    deadline_ms: u64,
    need: usize,
    write: impl FnOnce(&mut Arena) -> A,
) -> BoxFuture<'static, R>
where
    R: HostReturn + Send + 'static,
    R::Value: Answer,
    A: Copy,
{
    let waiting = Lowered::new(need, write).map(|request| {
        rt::host_call(
            link,
            name,
            deadline_ms,
            request,
            answer::<R::Value, R::Error>,
        )
    });
    // An object that the host cannot be given: the host is not asked.
    let refused =
        |refused: Box<(Status, String)>| HostError::from_status(refused.0 as i32, name, &refused.1);
    Box::pin(Joined(
        waiting.map_err(|why| Some(refused(why))),
        PhantomData,
    ))
}

/// The future of a host's answer as the method of the trait returns it, or why there is none, until it has been polled. An
/// `async` block would move the call once more at its first poll, right after it has been written.
struct Joined<F, R>(Result<F, Option<HostError>>, PhantomData<fn() -> R>);

impl<F, R> Future for Joined<F, R>
where
    F: Future<Output = Result<Result<R::Value, R::Error>, HostError>> + Unpin,
    R: HostReturn,
{
    type Output = R;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<R> {
        let answered = match &mut self.0 {
            Ok(waiting) => Pin::new(waiting).poll(context),
            Err(refused) => refused
                .take()
                .map_or(Poll::Pending, |refused| Poll::Ready(Err(refused))),
        };
        answered.map(|answered| R::join(answered.unwrap_or_else(|error| Err(error.into()))))
    }
}
