//! The executor: tokio's multi-threaded one, started when the first async call needs it.
//!
//! Comes in: tasks. Goes out: what ends them from outside, and a context to poll inside of. It is never shut down: a
//! library stays loaded until the process ends, and so do its threads.

use std::cell::Cell;
use std::sync::{Mutex, OnceLock};

use tokio::runtime::{Builder, EnterGuard, Handle, Runtime};

use super::sync::lock;
use super::{Fault, state};
use crate::abi::Status;

static RUNTIME: OnceLock<Runtime> = OnceLock::new();
static STARTING: Mutex<()> = Mutex::new(());

thread_local! {
    /// Whether this thread belongs to the executor.
    static WORKER: Cell<bool> = const { Cell::new(false) };
}

/// The executor, started if it was not.
#[inline]
pub(crate) fn handle() -> Result<&'static Handle, Fault> {
    match RUNTIME.get() {
        Some(runtime) => Ok(runtime.handle()),
        None => start(),
    }
}

/// Makes the executor the one that this thread's polls find, for as long as the result lives.
#[inline]
pub(crate) fn enter() -> Result<EnterGuard<'static>, Fault> {
    handle().map(Handle::enter)
}

#[cfg(all(test, loom))]
pub(crate) use super::loom_models::executor::{AbortHandle, spawn, spawn as spawn_for_all};
#[cfg(not(all(test, loom)))]
use tokio::task::JoinHandle;

/// What ends a task from outside: what `spawn` returns, as it is. Tokio's own `AbortHandle` would have to be made of it, which
/// writes to the task, and another processor may be running that by then.
#[cfg(not(all(test, loom)))]
pub(crate) type AbortHandle = JoinHandle<()>;

/// Puts a task on the executor. An aborted task is dropped there, after a poll that is in progress, if it has not ended.
#[cfg(not(all(test, loom)))]
pub(crate) fn spawn(task: impl Future<Output = ()> + Send + 'static) -> Result<AbortHandle, Fault> {
    Ok(handle()?.spawn(task))
}

/// [`spawn`] for a task that any thread of the executor can take. Tokio keeps what was spawned last on one of them for that
/// thread, where it waits for the end of a poll; so another one is spawned after it.
#[cfg(not(all(test, loom)))]
pub(crate) fn spawn_for_all(
    task: impl Future<Output = ()> + Send + 'static,
) -> Result<AbortHandle, Fault> {
    let spawned = spawn(task)?;
    if WORKER.get() {
        drop(spawn(std::future::ready(()))?);
    }
    Ok(spawned)
}

#[cold]
fn start() -> Result<&'static Handle, Fault> {
    let _one = lock(&STARTING);
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime.handle());
    }
    let mut builder = Builder::new_multi_thread();
    builder.thread_name("gp-worker").enable_all();
    // With `--cfg loom` tokio has no such hook; the models do not use its threads.
    #[cfg(not(loom))]
    builder.on_thread_start(|| WORKER.set(true));
    let workers = state::limits().workers;
    if workers > 0 {
        builder.worker_threads(workers);
    }
    let runtime = builder.build().map_err(|error| {
        Fault::new(Status::Limit, format!("the executor cannot start: {error}"))
    })?;
    Ok(RUNTIME.get_or_init(|| runtime).handle())
}

/// Runs something that waits. On a thread of the executor its tasks move to other threads first: what is waited for may
/// be among them.
pub(crate) fn blocking<R>(wait: impl FnOnce() -> R) -> R {
    if WORKER.get() {
        tokio::task::block_in_place(wait)
    } else {
        wait()
    }
}
