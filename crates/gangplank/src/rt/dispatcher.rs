//! The thread on which listeners in C are invoked.
//!
//! Comes in: one token per event and listener. Goes out: invocations, in the order of the events. It starts with the
//! first such listener and then sleeps whenever there is nothing to do.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::listeners::Listener;
use super::sync::lock;
use super::{Fault, guard};
use crate::abi::Status;

struct State {
    started: bool,
    tokens: VecDeque<Arc<Listener>>,
}

static STATE: Mutex<State> = Mutex::new(State {
    started: false,
    tokens: VecDeque::new(),
});
static ARRIVED: Condvar = Condvar::new();

thread_local! {
    static HERE: Cell<bool> = const { Cell::new(false) };
}

/// Whether this is the dispatcher's thread.
pub(crate) fn is_this_thread() -> bool {
    HERE.get()
}

/// Starts the thread if it does not run.
pub(crate) fn start() -> Result<(), Fault> {
    let mut state = lock(&STATE);
    if !state.started {
        std::thread::Builder::new()
            .name("gp-events".to_owned())
            .spawn(run)
            .map_err(|error| {
                Fault::new(
                    Status::Limit,
                    format!("the events' thread cannot start: {error}"),
                )
            })?;
        state.started = true;
    }
    Ok(())
}

/// Asks for one delivery.
pub(crate) fn push(listener: Arc<Listener>) {
    lock(&STATE).tokens.push_back(listener);
    ARRIVED.notify_one();
}

fn run() {
    HERE.set(true);
    loop {
        let listener = next();
        guard::report("the delivery of an event", || listener.deliver());
    }
}

fn next() -> Arc<Listener> {
    let mut state = lock(&STATE);
    loop {
        if let Some(listener) = state.tokens.pop_front() {
            return listener;
        }
        state = ARRIVED.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
}
