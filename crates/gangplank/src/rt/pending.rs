//! The calls that are on the executor.
//!
//! Comes in: their ids, and requests to end them. Goes out: aborted tasks, and why. An id leaves the table before the
//! call's completion is pushed and is never used again, so a cancel either reaches its own call or finds nothing.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::executor::AbortHandle;
use super::shards::{self, Shards};
use super::sync::{Ordering, modelled};
use super::{Context, Fault, state};
use crate::abi::Status;

/// Why a call ends without its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Cancelled,
    Deadline,
    Closed,
}

impl Reason {
    /// What the call reports.
    pub(crate) fn fault(self, path: &str) -> Fault {
        match self {
            Self::Cancelled => {
                Fault::new(Status::Cancelled, format!("{path}: the call was cancelled"))
            }
            Self::Deadline => {
                Fault::new(Status::Deadline, format!("{path}: the call's time was up"))
            }
            Self::Closed => Fault::new(
                Status::Closed,
                format!("{path}: the object was closed during the call"),
            ),
        }
    }
}

struct Entry {
    /// Missing until the task has been spawned.
    abort: Option<AbortHandle>,
    reason: Option<Reason>,
    /// Whether it is one of [`EARLY`].
    early: bool,
    context: Option<Arc<Context>>,
}

/// How many calls are wanted to end that have no task yet. None, and nobody need look for them.
static EARLY: AtomicUsize = AtomicUsize::new(0);

modelled::shared! {
    static CALLS: Shards<Entry, { shards::CALLS }> = Shards::new();
}

/// Lists a call that is about to be spawned; close of the object whose context this is will cancel it.
pub(crate) fn register(context: Option<Arc<Context>>, path: &str) -> Result<u64, Fault> {
    let listed_in = context.clone();
    let limit = state::limits().pending_calls;
    let entry = Entry {
        abort: None,
        reason: None,
        early: false,
        context,
    };
    let id = CALLS
        .insert(limit, entry)
        .ok_or_else(|| full(limit, path))?;
    // In this order: a close in between must find the entry that the object's list names.
    if listed_in.is_some_and(|context| context.add_pending(id).is_err()) {
        CALLS.remove(id);
        return Err(Reason::Closed.fault(path));
    }
    Ok(id)
}

#[cold]
fn full(limit: usize, path: &str) -> Fault {
    Fault::new(
        Status::Limit,
        format!("{path}: {limit} calls are pending, no more are allowed"),
    )
}

/// The id of the call that is registered next.
#[cfg(all(test, loom))]
pub(crate) fn upcoming() -> u64 {
    CALLS.upcoming()
}

/// Gives the spawned task's abort handle to its call. The call may have ended, or been cancelled, meanwhile.
pub(crate) fn spawned(id: u64, abort: AbortHandle) {
    let mut calls = CALLS.of(id);
    let Some(entry) = calls.get_mut(id) else {
        return;
    };
    if entry.reason.is_none() {
        entry.abort = Some(abort);
        return;
    }
    drop(calls);
    abort.abort();
}

/// Asks for a call's end. The task is dropped on the executor, after a poll that is in progress.
pub(crate) fn cancel(id: u64, reason: Reason) -> Result<(), Fault> {
    let mut calls = CALLS.of(id);
    let Some(entry) = calls.get_mut(id) else {
        return Err(Fault::new(
            Status::NotFound,
            format!("call {id} is not pending"),
        ));
    };
    let first = entry
        .reason
        .replace(entry.reason.unwrap_or(reason))
        .is_none();
    let abort = entry.abort.take();
    if first && abort.is_none() {
        entry.early = true;
        EARLY.fetch_add(1, Ordering::Relaxed);
    }
    drop(calls);
    if let Some(abort) = abort {
        abort.abort();
    }
    Ok(())
}

/// Whether somebody wants the end of a call that has no task yet. Who has wanted it before the call is taken out of the line
/// is heard; who does so meanwhile may be heard when it has a task.
#[inline]
pub(crate) fn is_unwanted(id: u64) -> bool {
    EARLY.load(Ordering::Relaxed) > 0 && CALLS.of(id).get_mut(id).is_some_and(|entry| entry.early)
}

/// Takes a call out; why somebody wanted its end, if anybody did.
pub(crate) fn remove(id: u64) -> Option<Reason> {
    let entry = CALLS.remove(id)?;
    if entry.early {
        EARLY.fetch_sub(1, Ordering::Relaxed);
    }
    if let Some(context) = &entry.context {
        context.remove_pending(id);
    }
    entry.reason
}

/// How many calls are pending.
pub(crate) fn count() -> usize {
    CALLS.len()
}
