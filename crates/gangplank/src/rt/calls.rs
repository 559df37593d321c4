//! Async calls: from a future to exactly one ending.
//!
//! Comes in: a future and the C side of its call. Goes out: a status at once, or `GP_PENDING` and one `done` later. The
//! future is polled on the caller's thread first; what is not ready moves to the executor as a `Task`.
//!
//! Invariants:
//! 1. Until a task exists, `begin` reports the call's end by its return value; from then on the task does, through its
//!    `Ticket`, which is used up by it. So `done` runs once if and only if `begin` returned `GP_PENDING`.
//! 2. At its end a task drops the future, then takes its id out of the table, then runs `done`.
//! 3. `call` and `out` belong to the library from `begin` until its return or `done`, so they may be written until then.

use core::ffi::c_void;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};
use std::time::{Duration, Instant};

use tokio::runtime::EnterGuard;
use tokio::time::Sleep;

use super::guard::{self, guard};
use super::pending::{self, Reason};
use super::{Fault, FnMeta, executor, handles, poll, running};
use crate::abi::{RawCall, RawDone, Status};

type Done = unsafe extern "C" fn(*mut c_void, *mut RawCall, i32);

/// The C side of a call.
struct Ticket {
    meta: &'static FnMeta,
    object: u64,
    call: *mut RawCall,
    done: Done,
    user_data: *mut c_void,
}

// SAFETY: the pointers are the library's until the call has ended (invariant 3); C promises they may be used from any
// thread.
unsafe impl Send for Ticket {}

/// Starts an async call and returns `GP_PENDING`, or how it ended. Runs inside the caller's guard.
///
/// `finish` turns the output into results in `out` and `call` and returns the status; it is not run for a call that ends
/// otherwise. `object` is the handle that the future holds entered, or 0.
///
/// # Safety
/// `call` went through [`crate::memory::begin`] and, like everything `finish` writes to, belongs to the library until
/// this returns something else than `GP_PENDING`, or until `done` runs. `done` and `user_data` may be used on any thread.
#[inline(always)]
pub(crate) unsafe fn begin<P, F, W>(
    meta: &'static FnMeta,
    object: u64,
    call: *mut RawCall,
    done: RawDone,
    user_data: *mut c_void,
    make: impl FnOnce() -> Result<F, Fault>,
    finish: W,
) -> Result<i32, Fault>
where
    P: Phase,
    F: Future + Send + 'static,
    F::Output: Send,
    W: FnOnce(F::Output, *mut RawCall) -> i32 + Send + 'static,
{
    let Some(done) = done else {
        return Err(no_done(meta));
    };
    // SAFETY: `call` is valid, as the caller promises.
    let deadline = deadline(meta, unsafe { (*call).timeout_ns })?;
    let _inside = P::enter()?;
    match P::first(meta, object, make)? {
        First::Ready(output) => {
            let status = finish(output, call);
            // SAFETY: the call has not become pending, so it is still ours (invariant 1).
            unsafe { (*call).status = status };
            Ok(status)
        }
        First::Pending(future) => {
            let ticket = Ticket {
                meta,
                object,
                call,
                done,
                user_data,
            };
            hand_over(ticket, deadline, future, finish)
        }
    }
}

/// What a call came to before it is handed to the executor.
pub enum First<O, F> {
    /// It has ended.
    Ready(O),
    /// It goes on there.
    Pending(F),
}

/// Where a call is first polled.
pub trait Phase {
    /// The future as the executor gets it.
    type Placed<F: Future + Send + 'static>: Future<Output = F::Output> + Send + 'static;

    /// Starts the executor if it was not, and lets this thread's polls find it if there are to be any.
    fn enter() -> Result<Option<EnterGuard<'static>>, Fault>;

    /// Makes the future, and polls it if that is to be here. Runs inside a guard.
    fn first<F: Future + Send + 'static>(
        meta: &'static FnMeta,
        object: u64,
        make: impl FnOnce() -> Result<F, Fault>,
    ) -> Result<First<F::Output, Self::Placed<F>>, Fault>;
}

/// On the caller's thread; what is not ready moves to the executor, in the box that it was polled in.
#[derive(Debug)]
pub struct Inline;

/// On the executor: what `#[gangplank(hop)]` asks for. The future needs no box of its own there.
#[derive(Debug)]
pub struct Hop;

impl Phase for Inline {
    type Placed<F: Future + Send + 'static> = Pin<Box<F>>;

    #[inline(always)]
    fn enter() -> Result<Option<EnterGuard<'static>>, Fault> {
        executor::enter().map(Some)
    }

    #[inline(always)]
    fn first<F: Future + Send + 'static>(
        meta: &'static FnMeta,
        object: u64,
        make: impl FnOnce() -> Result<F, Fault>,
    ) -> Result<First<F::Output, Pin<Box<F>>>, Fault> {
        poll_here(meta, object, Box::pin(make()?))
    }
}

impl Phase for Hop {
    type Placed<F: Future + Send + 'static> = F;

    #[inline(always)]
    fn enter() -> Result<Option<EnterGuard<'static>>, Fault> {
        executor::handle().map(|_| None)
    }

    #[inline(always)]
    fn first<F: Future + Send + 'static>(
        _: &'static FnMeta,
        _: u64,
        make: impl FnOnce() -> Result<F, Fault>,
    ) -> Result<First<F::Output, F>, Fault> {
        make().map(First::Pending)
    }
}

#[cold]
fn no_done(meta: &FnMeta) -> Fault {
    let text = format!("{}: an async function needs a done callback", meta.path);
    Fault::new(Status::BadArgument, text)
}

/// When the call's time is up.
#[inline]
fn deadline(meta: &FnMeta, timeout_ns: i64) -> Result<Option<Instant>, Fault> {
    match timeout_ns {
        0 => Ok(None),
        left => deadline_after(meta, left),
    }
}

#[cold]
fn deadline_after(meta: &FnMeta, left: i64) -> Result<Option<Instant>, Fault> {
    match u64::try_from(left) {
        Err(_) => Err(Reason::Deadline.fault(meta.path)),
        // A deadline that the clock cannot express is none.
        Ok(left) => Ok(Instant::now().checked_add(Duration::from_nanos(left))),
    }
}

/// Polls the future on this thread, and drops it here if that was enough.
#[inline]
fn poll_here<F: Future>(
    meta: &'static FnMeta,
    object: u64,
    future: Pin<Box<F>>,
) -> Result<First<F::Output, Pin<Box<F>>>, Fault> {
    // A thread that is ending has no storage left to poll with.
    let Some(record) = running::record() else {
        return Ok(First::Pending(future));
    };
    let _frame = running::running(object, meta);
    // Outside the guard, so that no unwinding has to drop it.
    let mut first = First::Pending(future);
    let polled = guard::within(|| {
        if let First::Pending(future) = &mut first
            && let Poll::Ready(output) = poll::inline(future.as_mut(), &record.woken)
        {
            drop(std::mem::replace(&mut first, First::Ready(output)));
        }
    });
    match polled {
        Ok(()) => Ok(first),
        Err(fault) => {
            // One panic is what the call reports.
            let _ = drop_guarded(first);
            Err(fault)
        }
    }
}

/// Makes the call pending.
#[inline(never)]
fn hand_over<F, W>(
    ticket: Ticket,
    deadline: Option<Instant>,
    future: F,
    finish: W,
) -> Result<i32, Fault>
where
    F: Future + Send + 'static,
    W: FnOnce(F::Output, *mut RawCall) -> i32 + Send + 'static,
{
    let (id, sleep) = match list(&ticket, deadline) {
        Ok(listed) => listed,
        Err(fault) => {
            // What does not even start finds the executor as well when it is dropped.
            let _inside = executor::enter();
            drop((future, finish));
            return Err(fault);
        }
    };
    // SAFETY: `call` is ours (invariant 3), and nobody else knows of the call before it is spawned.
    unsafe { (*ticket.call).id = id };
    let task = Task {
        id,
        ticket: Some(ticket),
        future: Some(future),
        finish: Some(finish),
        sleep,
    };
    // From here on the task ends the call, also if spawning itself fails (invariant 1).
    if let Ok(abort) = guard(|| executor::spawn(task)) {
        pending::spawned(id, abort);
    }
    Ok(Status::Pending as i32)
}

/// What ends a call whose time is up.
type Alarm = Option<Pin<Box<Sleep>>>;

/// Lists the call and sets its alarm.
#[inline]
fn list(ticket: &Ticket, deadline: Option<Instant>) -> Result<(u64, Alarm), Fault> {
    // Closing has begun during the inline phase if the object cannot be entered here: the future still holds it.
    let closed = |_| Reason::Closed.fault(ticket.meta.path);
    let context = match ticket.object {
        0 => None,
        object => Some(handles::context(object).map_err(closed)?),
    };
    let sleep = deadline.map(alarm).transpose()?;
    Ok((pending::register(context, ticket.meta.path)?, sleep))
}

#[cold]
fn alarm(deadline: Instant) -> Result<Pin<Box<Sleep>>, Fault> {
    // What makes timers finds the executor.
    let _inside = executor::enter()?;
    Ok(Box::pin(tokio::time::sleep_until(deadline.into())))
}

/// A pending call on the executor. Built before it is spawned, so that a task which is aborted before its first poll
/// ends its call as well.
struct Task<F: Future, W: FnOnce(F::Output, *mut RawCall) -> i32> {
    id: u64,
    /// Missing once the call has ended.
    ticket: Option<Ticket>,
    /// Pinned with the task: polled in place, dropped in place, never moved.
    future: Option<F>,
    finish: Option<W>,
    sleep: Alarm,
}

impl<F: Future, W: FnOnce(F::Output, *mut RawCall) -> i32> Future for Task<F, W> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut TaskContext<'_>) -> Poll<()> {
        // SAFETY: nothing moves out of `future`; the other fields are not pinned.
        let this = unsafe { self.get_unchecked_mut() };
        let (Some(ticket), Some(future)) = (&this.ticket, &mut this.future) else {
            return Poll::Ready(());
        };
        // SAFETY: the task is pinned, and `end` drops the future where it is.
        let mut future = unsafe { Pin::new_unchecked(future) };
        let polled = {
            let _frame = running::running(ticket.object, ticket.meta);
            guard(|| Ok(future.as_mut().poll(context)))
        };
        let outcome = match polled {
            Ok(Poll::Ready(output)) => Ok(output),
            Err(fault) => Err(Some(fault)),
            Ok(Poll::Pending) => {
                let late = this
                    .sleep
                    .as_mut()
                    .is_some_and(|sleep| sleep.as_mut().poll(context).is_ready());
                if !late {
                    return Poll::Pending;
                }
                Err(Some(Reason::Deadline.fault(ticket.meta.path)))
            }
        };
        this.end(outcome);
        Poll::Ready(())
    }
}

impl<F: Future, W: FnOnce(F::Output, *mut RawCall) -> i32> Task<F, W> {
    /// Ends the call with its output, with a fault, or (`Err(None)`) for the reason that its entry gives.
    fn end(&mut self, outcome: Result<F::Output, Option<Fault>>) {
        let Some(ticket) = self.ticket.take() else {
            return;
        };
        let dropped = {
            let _frame = running::running(ticket.object, ticket.meta);
            guard(|| {
                self.future = None;
                Ok(())
            })
        };
        let finish = self.finish.take();
        // Everything of the user's is dropped in here.
        let outcome = guard(move || match (outcome, finish) {
            (Ok(output), Some(finish)) => dropped.map(|()| Some(finish(output, ticket.call))),
            (Err(Some(fault)), _) if fault.status == Status::Panic => Err(fault),
            (Err(Some(fault)), _) => dropped.and(Err(fault)),
            _ => dropped.map(|()| None),
        });
        let reason = pending::remove(self.id).unwrap_or(Reason::Cancelled);
        let status = match outcome {
            Ok(Some(status)) => status,
            // SAFETY: the call is ours until `done` (invariant 3), and it is begun.
            Ok(None) => unsafe { reason.fault(ticket.meta.path).write(ticket.call) },
            // SAFETY: as above.
            Err(fault) => unsafe { fault.write(ticket.call) },
        };
        ticket.complete(status);
    }
}

impl<F: Future, W: FnOnce(F::Output, *mut RawCall) -> i32> Drop for Task<F, W> {
    fn drop(&mut self) {
        self.end(Err(None));
    }
}

impl Ticket {
    /// Tells the host; the call is its own again.
    fn complete(self, status: i32) {
        // SAFETY: the call is ours until `done` runs, which happens here and once: `self` is used up.
        unsafe {
            (*self.call).status = status;
            (self.done)(self.user_data, self.call, status);
        }
    }
}

/// Drops a user's future.
fn drop_guarded<T>(value: T) -> Result<(), Fault> {
    guard(|| {
        drop(value);
        Ok(())
    })
}
