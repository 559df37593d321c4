//! A pending call: it ends exactly once, whatever becomes of it.
//!
//! Comes in: the future, the C side of its call, and what makes results of its output. Goes out: something to poll, of one
//! type for all calls. It lies in the scratch memory of its call, which the host keeps for the result, or in a box where
//! that is too small: so what a call's thread writes and what the executor's thread reads is little, and close together.
//!
//! Invariants:
//! 1. A `Task` ends its call when its future is ready, when its time is up, or when it is dropped. `end` uses up what it
//!    needs for that, so `done` runs once.
//! 2. At its end it drops the future, then takes its id out of the table, then runs `done`.
//! 3. `call`, its scratch and `out` belong to the library until `done`. Before a result is written nothing is left in the
//!    scratch.

use core::ffi::c_void;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll};

use tokio::time::Sleep;

use super::guard::guard;
use super::pending::{self, Reason};
use super::{Fault, FnMeta, running};
use crate::abi::{RawCall, Status};
use crate::memory::ALIGN;

type Done = unsafe extern "C" fn(*mut c_void, *mut RawCall, i32);

/// The C side of a call.
#[derive(Clone, Copy)]
pub(super) struct Ticket {
    pub(super) meta: &'static FnMeta,
    pub(super) object: u64,
    pub(super) call: *mut RawCall,
    pub(super) done: Done,
    pub(super) user_data: *mut c_void,
}

/// What ends a call whose time is up.
pub(super) type Alarm = Option<Pin<Box<Sleep>>>;

/// See the module.
pub struct Task {
    /// Missing once the call has ended. Points to a [`Content`] that this owns and `steps` belongs to.
    content: Option<NonNull<()>>,
    steps: &'static Steps,
}

// SAFETY: content is `Send`: the future and `finish` are, and C promises that what it passed may be used on any thread.
unsafe impl Send for Task {}

/// What can be done with content, without its type.
struct Steps {
    /// Polls; when it is ready, the call has ended and the content is gone.
    poll: unsafe fn(NonNull<()>, &mut Context<'_>) -> Poll<()>,
    /// Ends the call without a result; the content is gone.
    give_up: unsafe fn(NonNull<()>),
}

struct Content<F, W> {
    id: u64,
    ticket: Ticket,
    finish: W,
    sleep: Alarm,
    /// Whether this is in a box.
    boxed: bool,
    /// Pinned: polled in place, dropped in place, never moved.
    future: F,
}

/// A future where its call's content is going to be: it can be polled, and stays there when the call becomes pending.
#[derive(Debug)]
pub struct Room<F, W> {
    /// Only the future is there yet. Memory of the call's scratch, or of a box.
    at: NonNull<Content<F, W>>,
    boxed: bool,
}

impl<F, W> Room<F, W> {
    /// Moves a future in.
    ///
    /// # Safety
    /// `call` is begun, and its scratch is the library's for as long as this lives or the call that it becomes part of.
    #[inline]
    pub(super) unsafe fn new(call: *mut RawCall, future: F) -> Self {
        let place = scratch::<Content<F, W>>(call);
        let boxed = place.is_none();
        let at = place.unwrap_or_else(|| {
            let memory = Box::<Content<F, W>>::new_uninit();
            NonNull::from(Box::leak(memory)).cast()
        });
        // SAFETY: there is room for content, which a future is part of.
        unsafe { (&raw mut (*at.as_ptr()).future).write(future) };
        Self { at, boxed }
    }

    /// The future, which stays where it is.
    #[inline]
    pub(super) fn future(&mut self) -> Pin<&mut F> {
        // SAFETY: it is there, and is dropped there.
        unsafe { Pin::new_unchecked(&mut (*self.at.as_ptr()).future) }
    }

    /// The call has become pending.
    ///
    /// # Safety
    /// What `ticket` names is the library's until `done`, and `finish` may be run with it.
    pub(super) unsafe fn into_task(self, id: u64, ticket: Ticket, finish: W, sleep: Alarm) -> Task
    where
        F: Future + Send + 'static,
        W: FnOnce(F::Output, *mut RawCall) -> i32 + Send + 'static,
    {
        let Self { at, boxed } = *ManuallyDrop::new(self);
        let content = at.as_ptr();
        // SAFETY: there is room for content, of which all but the future is written here.
        unsafe {
            (&raw mut (*content).id).write(id);
            (&raw mut (*content).ticket).write(ticket);
            (&raw mut (*content).finish).write(finish);
            (&raw mut (*content).sleep).write(sleep);
            (&raw mut (*content).boxed).write(boxed);
        }
        Task {
            content: Some(at.cast()),
            steps: const {
                &Steps {
                    poll: poll::<F, W>,
                    give_up: give_up::<F, W>,
                }
            },
        }
    }
}

impl<F, W> Drop for Room<F, W> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: it was leaked by `new`. Freed when the future has been dropped, also if that panics.
        let _memory = self.boxed.then(|| unsafe { unbox(self.at) });
        // SAFETY: the future is there, and this is its end.
        unsafe { std::ptr::drop_in_place(&raw mut (*self.at.as_ptr()).future) };
    }
}

/// The box of content whose parts have been read or dropped, or are about to be.
///
/// # Safety
/// It was leaked by [`Room::new`], and nobody else unboxes it.
unsafe fn unbox<F, W>(at: NonNull<Content<F, W>>) -> Box<MaybeUninit<Content<F, W>>> {
    // SAFETY: the caller's promise.
    unsafe { Box::from_raw(at.cast().as_ptr()) }
}

impl Future for Task {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Some(content) = self.content.take() else {
            return Poll::Ready(());
        };
        // SAFETY: `content` is of the type that `steps` belongs to, and is put back unless it is gone.
        let polled = unsafe { (self.steps.poll)(content, context) };
        if polled.is_pending() {
            self.content = Some(content);
        }
        polled
    }
}

impl Drop for Task {
    #[inline]
    fn drop(&mut self) {
        if let Some(content) = self.content.take() {
            // SAFETY: as in `poll`; nobody has it any more.
            unsafe { (self.steps.give_up)(content) }
        }
    }
}

/// Where a `T` can lie in the scratch of a call.
fn scratch<T>(call: *mut RawCall) -> Option<NonNull<T>> {
    // SAFETY: the call is begun (contract of `Room::new`).
    let (start, len) = unsafe { ((*call).scratch, (*call).scratch_len) };
    let fits =
        len >= size_of::<T>() && align_of::<T>() <= ALIGN && start.addr().is_multiple_of(ALIGN);
    NonNull::new(start.cast()).filter(|_| fits)
}

/// # Safety
/// `content` is a `Content<F, W>` that is not used otherwise; it is gone when this is ready.
unsafe fn poll<F, W>(content: NonNull<()>, context: &mut Context<'_>) -> Poll<()>
where
    F: Future,
    W: FnOnce(F::Output, *mut RawCall) -> i32,
{
    let content = content.cast::<Content<F, W>>();
    // SAFETY: the caller's promise.
    let this = unsafe { &mut *content.as_ptr() };
    let ticket = this.ticket;
    // SAFETY: content does not move, and `end` drops the future where it is.
    let mut future = unsafe { Pin::new_unchecked(&mut this.future) };
    let polled = {
        let _frame = running::running(ticket.object, ticket.meta);
        guard(|| Ok(future.as_mut().poll(context)))
    };
    let outcome = match polled {
        Ok(Poll::Ready(output)) => Ok(output),
        Err(fault) => Err(Some(fault)),
        Ok(Poll::Pending) => {
            let sleep = this.sleep.as_mut();
            if !sleep.is_some_and(|sleep| sleep.as_mut().poll(context).is_ready()) {
                return Poll::Pending;
            }
            Err(Some(Reason::Deadline.fault(ticket.meta.path)))
        }
    };
    // SAFETY: the caller's promise; `this` is not used any more.
    unsafe { end::<F, W>(content, outcome) };
    Poll::Ready(())
}

/// # Safety
/// As [`poll`].
unsafe fn give_up<F, W>(content: NonNull<()>)
where
    F: Future,
    W: FnOnce(F::Output, *mut RawCall) -> i32,
{
    // SAFETY: the caller's promise.
    unsafe { end::<F, W>(content.cast(), Err(None)) }
}

/// Ends the call with its output, with a fault, or (`Err(None)`) for the reason that its entry gives.
///
/// # Safety
/// `content` is not used otherwise; it is gone afterwards.
unsafe fn end<F, W>(content: NonNull<Content<F, W>>, outcome: Result<F::Output, Option<Fault>>)
where
    F: Future,
    W: FnOnce(F::Output, *mut RawCall) -> i32,
{
    // SAFETY: the caller's promise; what is read here is not dropped there.
    let (id, ticket, finish) = unsafe {
        let at = content.as_ptr();
        let finish = std::ptr::read(&raw const (*at).finish);
        drop(std::ptr::read(&raw const (*at).sleep));
        ((*at).id, (*at).ticket, finish)
    };
    let dropped = {
        let _frame = running::running(ticket.object, ticket.meta);
        guard(|| {
            // SAFETY: pinned until here, and not used any more.
            unsafe { std::ptr::drop_in_place(&raw mut (*content.as_ptr()).future) };
            Ok(())
        })
    };
    // SAFETY: everything in it has been read or dropped; it says whether it is in a box.
    unsafe {
        if (*content.as_ptr()).boxed {
            drop(unbox(content));
        }
    }
    // Everything of the user's is dropped in here.
    let outcome = guard(move || match outcome {
        Ok(output) => dropped.map(|()| Some(finish(output, ticket.call))),
        Err(Some(fault)) if fault.status == Status::Panic => Err(fault),
        Err(Some(fault)) => dropped.and(Err(fault)),
        Err(None) => dropped.map(|()| None),
    });
    let reason = pending::remove(id).unwrap_or(Reason::Cancelled);
    let status = match outcome {
        Ok(Some(status)) => status,
        // SAFETY: the call is ours until `done` (invariant 3), and it is begun.
        Ok(None) => unsafe { reason.fault(ticket.meta.path).write(ticket.call) },
        // SAFETY: as above.
        Err(fault) => unsafe { fault.write(ticket.call) },
    };
    ticket.complete(status);
}

impl Ticket {
    /// Tells the host; the call is its own again.
    fn complete(self, status: i32) {
        // SAFETY: the call is ours until `done` runs, which happens here and once: content is used up by `end`.
        unsafe {
            (*self.call).status = status;
            (self.done)(self.user_data, self.call, status);
        }
    }
}
