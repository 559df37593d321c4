//! The line of calls that wait for their first poll on the executor, and their tasks.
//!
//! Comes in: calls that are not polled on their caller's thread. Goes out: ended calls, or tasks of the executor for those
//! that one poll does not end. Who calls adds to the line; a task of the executor, a *turn*, takes calls out of it one by
//! one. So a thousand calls that come at once need neither a thousand tasks nor as many wake-ups.
//!
//! Invariants:
//! 1. While somebody is in line, a turn is coming: spawned, and not begun. Whoever takes one out and leaves others sends
//!    for it before it polls. So a poll that takes long, or waits, holds up nobody but its own thread, as in a task.
//! 2. A call that its first poll did not end is in a task of its own before the next one is polled.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::guard::guard;
use super::sync::modelled::{self, Mutex, lock};
use super::task::Task;
use super::{executor, pending, poll, running};

/// How many calls a turn takes, so that whatever else the executor has to do is done as well.
const CALLS: usize = 64;

struct Line {
    waiting: VecDeque<(u64, Task)>,
    /// Whether a turn is coming.
    coming: bool,
}

modelled::shared! {
    static LINE: Mutex<Line> = Mutex::new(Line {
        waiting: VecDeque::new(),
        coming: false,
    });
}

/// Adds a call, which the task ends.
pub(super) fn join(id: u64, task: Task) {
    let mut line = lock(&LINE);
    line.waiting.push_back((id, task));
    let coming = std::mem::replace(&mut line.coming, true);
    drop(line);
    if !coming {
        // If nothing can be spawned, the turn ends what it would have polled.
        let _ = guard(|| executor::spawn_for_all(Turn { begun: false }));
    }
}

/// Gives a call a task of its own. The task ends the call, also if spawning itself fails.
pub(super) fn set_out(id: u64, task: Task) {
    if let Ok(abort) = guard(|| executor::spawn(task)) {
        pending::spawned(id, abort);
    }
}

/// Polls calls that are in line.
struct Turn {
    begun: bool,
}

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        for _ in 0..CALLS {
            let begins = !std::mem::replace(&mut self.begun, true);
            let Some((id, task)) = take(begins) else {
                break;
            };
            if !poll_first(id, task) {
                // Its task is to be run next on this thread.
                break;
            }
        }
        Poll::Ready(())
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.begun {
            let ended = {
                let mut line = lock(&LINE);
                line.coming = false;
                std::mem::take(&mut line.waiting)
            };
            drop(ended);
        }
    }
}

/// Takes the next call out, and sees to it that a turn is coming for those that are left.
fn take(begins: bool) -> Option<(u64, Task)> {
    let mut line = lock(&LINE);
    line.coming &= !begins;
    let next = line.waiting.pop_front()?;
    let send = !line.waiting.is_empty() && !std::mem::replace(&mut line.coming, true);
    drop(line);
    if send {
        let _ = guard(|| executor::spawn_for_all(Turn { begun: false }));
    }
    Some(next)
}

/// Polls a call for the first time, unless somebody wants its end; false: it goes on in a task.
fn poll_first(id: u64, mut task: Task) -> bool {
    if pending::is_unwanted(id) {
        return true;
    }
    // As on a caller's thread: a late wake-up of this waker means nothing, because the task is polled again.
    let polled = running::record().map(|record| poll::inline(Pin::new(&mut task), &record.woken));
    if matches!(polled, Some(Poll::Ready(()))) {
        return true;
    }
    set_out(id, task);
    false
}
