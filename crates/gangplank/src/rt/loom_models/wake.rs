//! The descriptor's stand-in: it counts its edges.
//!
//! Comes in: "records arrived". Goes out: edges, as a pipe gives them: none while it is readable already. An `eventfd`
//! gives more, so what is right here is right there.

use std::io;

use loom::sync::{Condvar, Mutex};

use crate::rt::sync::modelled::lock;

#[derive(Default)]
struct State {
    readable: bool,
    edges: usize,
}

loom::lazy_static! {
    static ref STATE: Mutex<State> = Mutex::new(State::default());
    static ref ROSE: Condvar = Condvar::new();
}

/// See the module. There is one per run of a model.
pub(crate) struct Wake(());

impl Wake {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self(()))
    }

    pub(crate) fn fd(&self) -> i32 {
        7
    }

    /// One edge, unless it is readable already.
    pub(crate) fn signal(&self) {
        let mut state = lock(&STATE);
        if !state.readable {
            state.readable = true;
            state.edges += 1;
            ROSE.notify_all();
        }
    }

    /// Empties the pipe.
    pub(crate) fn rearm(&self) {
        lock(&STATE).readable = false;
    }
}

/// Waits for an edge that was not seen yet, as a host's poller does; how many there were.
pub(super) fn wait(seen: usize) -> usize {
    let mut state = lock(&STATE);
    while state.edges == seen {
        state = ROSE.wait(state).expect("no thread panics here");
    }
    state.edges
}
