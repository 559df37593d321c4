//! Async calls: from a future to a result at once, or to a [`Task`].
//!
//! Comes in: a future and the C side of its call. Goes out: a status at once, or `GP_PENDING` and one `done` later. The
//! future is polled on the caller's thread first; what is not ready moves to the executor.
//!
//! Until a task exists, `begin` reports the call's end by its return value; from then on the task does. So `done` runs once
//! if and only if `begin` returned `GP_PENDING`.

use core::ffi::c_void;
use std::pin::Pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::runtime::EnterGuard;

use super::guard::{self, guard};
use super::pending::{self, Reason};
use super::task::{Alarm, Room, Task, Ticket};
use super::{Fault, FnMeta, executor, handles, line, poll, running};
use crate::abi::{RawCall, RawDone, Status};

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
    // SAFETY: the call is begun, and its scratch is ours until it has ended.
    let room = unsafe { Room::new(call, make()?) };
    match P::first(meta, object, room)? {
        First::Ready(output) => {
            let status = finish(output, call);
            // SAFETY: the call has not become pending, so it is still ours (invariant 1).
            unsafe { (*call).status = status };
            Ok(status)
        }
        First::Pending(room) => {
            let ticket = Ticket {
                meta,
                object,
                call,
                done,
                user_data,
            };
            // SAFETY: the call is accepted, so what C passed is the library's until its end.
            unsafe { hand_over(P::onwards, ticket, deadline, room, finish) }
        }
    }
}

/// What a call came to before it is handed to the executor.
#[derive(Debug)]
pub enum First<O, R> {
    /// It has ended.
    Ready(O),
    /// It goes on there.
    Pending(R),
}

/// Where a call is first polled.
pub trait Phase {
    /// Starts the executor if it was not, and lets this thread's polls find it if there are to be any.
    fn enter() -> Result<Option<EnterGuard<'static>>, Fault>;

    /// Polls the future if that is to be here. Runs inside a guard.
    fn first<F: Future, W>(
        meta: &'static FnMeta,
        object: u64,
        room: Room<F, W>,
    ) -> Result<First<F::Output, Room<F, W>>, Fault>;

    /// Brings a call that is not ready to the executor.
    fn onwards(id: u64, task: Task);
}

/// On the caller's thread; what is not ready moves to the executor.
#[derive(Debug)]
pub struct Inline;

/// On the executor: what `#[gangplank(hop)]` asks for.
#[derive(Debug)]
pub struct Hop;

impl Phase for Inline {
    #[inline(always)]
    fn enter() -> Result<Option<EnterGuard<'static>>, Fault> {
        executor::enter().map(Some)
    }

    #[inline(always)]
    fn first<F: Future, W>(
        meta: &'static FnMeta,
        object: u64,
        room: Room<F, W>,
    ) -> Result<First<F::Output, Room<F, W>>, Fault> {
        poll_here(meta, object, room)
    }

    fn onwards(id: u64, task: Task) {
        line::set_out(id, task);
    }
}

impl Phase for Hop {
    #[inline(always)]
    fn enter() -> Result<Option<EnterGuard<'static>>, Fault> {
        executor::handle().map(|_| None)
    }

    #[inline(always)]
    fn first<F: Future, W>(
        _: &'static FnMeta,
        _: u64,
        room: Room<F, W>,
    ) -> Result<First<F::Output, Room<F, W>>, Fault> {
        Ok(First::Pending(room))
    }

    fn onwards(id: u64, task: Task) {
        line::join(id, task);
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
fn poll_here<F: Future, W>(
    meta: &'static FnMeta,
    object: u64,
    room: Room<F, W>,
) -> Result<First<F::Output, Room<F, W>>, Fault> {
    // A thread that is ending has no storage left to poll with.
    let Some(record) = running::record() else {
        return Ok(First::Pending(room));
    };
    let _frame = running::running(object, meta);
    // Outside the guard, so that no unwinding has to drop it.
    let mut first = First::Pending(room);
    let polled = guard::within(|| {
        if let First::Pending(room) = &mut first
            && let Poll::Ready(output) = poll::inline(room.future(), &record.woken)
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
///
/// # Safety
/// As [`Room::into_task`].
#[inline(never)]
unsafe fn hand_over<F, W>(
    onwards: fn(u64, Task),
    ticket: Ticket,
    deadline: Option<Instant>,
    room: Room<F, W>,
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
            drop((room, finish));
            return Err(fault);
        }
    };
    // SAFETY: the call is ours, and nobody else knows of it yet.
    unsafe { (*ticket.call).id = id };
    // SAFETY: the caller promises the same.
    let task = unsafe { room.into_task(id, ticket, finish, sleep) };
    // From here on the task ends the call, wherever it gets lost.
    onwards(id, task);
    Ok(Status::Pending as i32)
}

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
fn alarm(deadline: Instant) -> Result<Pin<Box<tokio::time::Sleep>>, Fault> {
    // What makes timers finds the executor.
    let _inside = executor::enter()?;
    Ok(Box::pin(tokio::time::sleep_until(deadline.into())))
}

/// Drops a user's future.
fn drop_guarded<T>(value: T) -> Result<(), Fault> {
    guard(|| {
        drop(value);
        Ok(())
    })
}
