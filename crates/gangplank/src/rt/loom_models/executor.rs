//! The executor's stand-in: each task has a thread.
//!
//! Comes in: tasks. Goes out: what ends them from outside, as tokio does it: a task that is aborted before its first poll
//! is dropped without one, one that is aborted during a poll is dropped after it unless it is ready then, one that has
//! ended is left alone.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use loom::sync::{Condvar, Mutex};
use loom::thread::{self, JoinHandle};

use crate::rt::Fault;
use crate::rt::sync::modelled::lock;

loom::lazy_static! {
    static ref WORKERS: Mutex<Vec<JoinHandle<()>>> = Mutex::new(Vec::new());
}

/// Ends a task from outside.
pub(crate) struct AbortHandle(Arc<Signals>);

impl AbortHandle {
    pub(crate) fn abort(&self) {
        self.0.raise(|state| state.aborted = true);
    }
}

/// What a task's thread waits for.
struct Signals {
    state: Mutex<State>,
    raised: Condvar,
}

#[derive(Default)]
struct State {
    aborted: bool,
    woken: bool,
}

impl Signals {
    fn raise(&self, what: impl FnOnce(&mut State)) {
        what(&mut lock(&self.state));
        self.raised.notify_all();
    }

    /// Waits for a wake-up; false: the task was aborted.
    fn wait(&self) -> bool {
        let mut state = lock(&self.state);
        while !state.aborted && !state.woken {
            state = self.raised.wait(state).expect("no thread panics here");
        }
        state.woken = false;
        !state.aborted
    }
}

impl Wake for Signals {
    fn wake(self: Arc<Self>) {
        self.raise(|state| state.woken = true);
    }
}

/// Puts a task on a thread of its own.
pub(crate) fn spawn(task: impl Future<Output = ()> + Send + 'static) -> Result<AbortHandle, Fault> {
    let signals = Arc::new(Signals {
        state: Mutex::new(State {
            aborted: false,
            woken: true,
        }),
        raised: Condvar::new(),
    });
    let seen = signals.clone();
    let worker = thread::spawn(move || {
        let waker = Waker::from(seen.clone());
        let mut task = pin!(task);
        while seen.wait() {
            if let Poll::Ready(()) = task.as_mut().poll(&mut Context::from_waker(&waker)) {
                break;
            }
        }
    });
    lock(&WORKERS).push(worker);
    Ok(AbortHandle(signals))
}

/// Waits until every task has ended or was dropped, also those that others spawn meanwhile.
pub(super) fn join_all() {
    loop {
        let worker = lock(&WORKERS).pop();
        let Some(worker) = worker else { return };
        worker.join().expect("a task's thread");
    }
}
