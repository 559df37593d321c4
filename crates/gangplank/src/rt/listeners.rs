//! Listeners: who hears which events, each with a bounded queue of its own.
//!
//! Comes in: registrations of the host, shared events. Goes out: events in order, with the number of those that were
//! dropped before; the oldest go when 1024 wait, and what could not be lowered is dropped, too. A listener is served by
//! the dispatcher or by the host's queue; either gets one token per waiting event and takes the event when its turn
//! comes, so a removal takes effect at once.
//!
//! A listener is open, then ending (its object was closed: what waits is still delivered) or removed (nothing more is).
//! `user_data` is released when it is not open, nothing waits and no invocation runs.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, Weak};

use core::ffi::c_void;

use super::ids::{self, IdMap};
use super::queue::{self, Item};
use super::sync::lock;
use super::user::UserData;
use super::{Context, Fault, dispatcher, executor, stats};
use crate::abi::Status;
use crate::memory::Lowered;

/// How many events wait for one listener.
pub(crate) const MOST: usize = 1024;

/// A listener's function.
pub(crate) type Callback = unsafe extern "C" fn(*const c_void, u64, *mut c_void);

/// See the module.
pub(crate) struct Listener {
    id: u64,
    event: &'static str,
    callback: Callback,
    /// Served by the host's queue instead of the dispatcher.
    queued: bool,
    key: *mut c_void,
    context: Weak<Context>,
    state: Mutex<State>,
    idle: Condvar,
}

// SAFETY: `key` is `user_data`, which the host allows to be used from any thread; the rest is `Send + Sync`.
unsafe impl Send for Listener {}
// SAFETY: as above.
unsafe impl Sync for Listener {}

struct State {
    phase: Phase,
    events: VecDeque<Arc<Lowered>>,
    dropped: u64,
    /// What is dropped while nothing waits is told at once, not by the next event.
    tells: bool,
    /// Whoever serves it has been asked to tell what was dropped.
    telling: bool,
    /// An invocation runs.
    busy: bool,
    /// Taken when it is released.
    user: Option<UserData>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    Ending,
    Removed,
}

/// An event on its way out.
pub(crate) struct Taken {
    pub(crate) event: Arc<Lowered>,
    /// How many were dropped before it.
    pub(crate) dropped: u64,
    /// The listener ends with it.
    pub(crate) last: bool,
}

static LISTENERS: Mutex<IdMap<Arc<Listener>>> = Mutex::new(ids::map());

/// How many listeners exist.
pub(crate) fn count() -> usize {
    lock(&LISTENERS).len()
}

/// The listener of this id.
#[cfg(test)]
pub(crate) fn find(id: u64) -> Option<Arc<Listener>> {
    lock(&LISTENERS).get(&id).cloned()
}

/// Adds a listener; `publish` gets its id before the first event can reach it. `user` is released on failure, too.
pub(crate) fn add(
    context: &Arc<Context>,
    event: &str,
    callback: Callback,
    queued: bool,
    user: UserData,
    publish: impl FnOnce(u64),
) -> Result<(), Fault> {
    let event = context.event_name(event)?;
    if !queued {
        dispatcher::start()?;
    }
    let id = ids::next();
    let listener = Arc::new(Listener {
        id,
        event,
        callback,
        queued,
        key: user.get(),
        context: Arc::downgrade(context),
        state: Mutex::new(State {
            phase: Phase::Open,
            events: VecDeque::new(),
            dropped: 0,
            tells: queued,
            telling: false,
            busy: false,
            user: Some(user),
        }),
        idle: Condvar::new(),
    });
    publish(id);
    // Under one lock: a listener that is counted hears, and a close in between waits to take out what is put in here.
    let mut all = lock(&LISTENERS);
    let added = context.add_listener(listener.clone());
    if added.is_ok() {
        all.insert(id, listener.clone());
    }
    drop(all);
    // Here, where no lock is held: one that was refused releases its `user` now.
    drop(listener);
    added
}

/// Removes a listener: no invocation starts from now on, and one in progress is waited for, except on the dispatcher.
pub(crate) fn remove(id: u64) -> Result<(), Fault> {
    let mut all = lock(&LISTENERS);
    let Some(listener) = all.get(&id).cloned() else {
        return Err(none(id));
    };
    // Under one lock, as it was added. The object's end, should this be the last of it, runs when none is held.
    let context = listener.context.upgrade();
    if let Some(context) = &context {
        context.remove_listener(id);
    }
    all.remove(&id);
    drop(all);
    drop(context);
    let mut state = lock(&listener.state);
    state.phase = Phase::Removed;
    let undelivered = std::mem::take(&mut state.events);
    if state.busy && !dispatcher::is_this_thread() {
        drop(state);
        executor::blocking(|| listener.wait_idle());
        state = lock(&listener.state);
    }
    let user = state.release();
    drop(state);
    drop((undelivered, user));
    Ok(())
}

/// Has a listener told of what is lost also when no event comes to tell of it: by an invocation without an event.
pub(crate) fn tell_lost(id: u64) -> Result<(), Fault> {
    let listener = lock(&LISTENERS).get(&id).cloned();
    let Some(listener) = listener else {
        return Err(none(id));
    };
    let mut state = lock(&listener.state);
    state.tells = true;
    // What was lost before is told now.
    listener.tell(&mut state);
    Ok(())
}

fn none(id: u64) -> Fault {
    Fault::new(Status::NotFound, format!("there is no listener {id}"))
}

impl State {
    /// What is to be released now, if anything.
    fn release(&mut self) -> Option<UserData> {
        let waits = !self.events.is_empty() || (self.telling && self.phase == Phase::Ending);
        let over = self.phase != Phase::Open && !waits && !self.busy;
        if over { self.user.take() } else { None }
    }

    /// What a token that finds no event is to tell; `None`: an event has told it, or the listener was removed, and the host
    /// has heard that the key is no longer used, or is about to.
    fn take_lost(&mut self) -> Option<u64> {
        self.telling = false;
        let told = self.phase == Phase::Removed || self.dropped == 0;
        (!told).then(|| std::mem::take(&mut self.dropped))
    }
}

impl Listener {
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn event(&self) -> &'static str {
        self.event
    }

    /// Whether no invocation starts any more.
    #[cfg(test)]
    pub(crate) fn is_removed(&self) -> bool {
        lock(&self.state).phase == Phase::Removed
    }

    /// `user_data` as a record's key.
    pub(crate) fn key(&self) -> u64 {
        self.key.expose_provenance() as u64
    }

    /// Appends an event and asks for one delivery; when the queue is full, the oldest event makes room. What is not delivered
    /// is the caller's to drop.
    #[must_use]
    pub(crate) fn push(self: &Arc<Self>, event: Arc<Lowered>) -> Option<Arc<Lowered>> {
        let mut state = lock(&self.state);
        if state.phase != Phase::Open {
            return Some(event);
        }
        let oldest = if state.events.len() >= MOST {
            state.events.pop_front()
        } else {
            None
        };
        state.dropped += u64::from(oldest.is_some());
        state.events.push_back(event);
        drop(state);
        if oldest.is_some() {
            stats::dropped_event();
            // The token of the event that went is still there.
            return oldest;
        }
        if self.queued {
            queue::push(Item::Next(self.clone()));
        } else {
            dispatcher::push(self.clone());
        }
        None
    }

    /// Counts an event that cannot be delivered. The next event tells of it; where none waits the host's queue does by
    /// itself, and the dispatcher for those that asked for it.
    pub(crate) fn lose(self: &Arc<Self>) {
        let mut state = lock(&self.state);
        if state.phase != Phase::Open {
            return;
        }
        stats::dropped_event();
        state.dropped += 1;
        self.tell(&mut state);
    }

    /// Asks for a token's turn to tell what was dropped, unless an event will, or a token has been sent.
    fn tell(self: &Arc<Self>, state: &mut State) {
        let untold = state.tells && state.dropped > 0 && state.events.is_empty();
        if !untold || std::mem::replace(&mut state.telling, true) {
            return;
        }
        if self.queued {
            queue::push(Item::Lost(self.clone()));
        } else {
            dispatcher::push(self.clone());
        }
    }

    /// How many events were dropped that nobody was told of, for a token of the host's queue, and whether the listener
    /// ends with it.
    pub(crate) fn take_lost(&self) -> (Option<u64>, bool) {
        let mut state = lock(&self.state);
        let lost = state.take_lost();
        (
            lost,
            state.phase == Phase::Ending && state.events.is_empty(),
        )
    }

    /// The object was closed: what waits is still delivered.
    pub(crate) fn end(self: &Arc<Self>) {
        let mut state = lock(&self.state);
        if state.phase == Phase::Open {
            state.phase = Phase::Ending;
        }
        drop(state);
        self.finish();
    }

    /// Releases what is over.
    pub(crate) fn finish(&self) {
        let user = lock(&self.state).release();
        if user.is_some() {
            let gone = lock(&LISTENERS).remove(&self.id);
            drop(gone);
        }
    }

    /// The next event, for a token of the host's queue; `None`: the listener was removed.
    pub(crate) fn take(&self) -> Option<Taken> {
        self.pop(&mut lock(&self.state))
    }

    fn pop(&self, state: &mut State) -> Option<Taken> {
        let event = state.events.pop_front()?;
        let last = state.phase != Phase::Open && state.events.is_empty();
        Some(Taken {
            event,
            dropped: std::mem::take(&mut state.dropped),
            last,
        })
    }

    /// Invokes the listener with its next event, or with what was lost, for a token of the dispatcher.
    pub(crate) fn deliver(&self) {
        let mut state = lock(&self.state);
        let next = match self.pop(&mut state) {
            Some(taken) => Some((Some(taken.event), taken.dropped)),
            None => state.take_lost().map(|lost| (None, lost)),
        };
        state.busy = next.is_some();
        drop(state);
        if let Some((event, dropped)) = next {
            self.invoke(event, dropped);
            lock(&self.state).busy = false;
            self.idle.notify_all();
        }
        self.finish();
    }

    /// Calls the host, while `busy`.
    fn invoke(&self, event: Option<Arc<Lowered>>, dropped: u64) {
        let data = event
            .as_ref()
            .map_or(std::ptr::null(), |event| event.as_ptr());
        // SAFETY: the host registered the callback for this event, together with its `user_data`, which is not released
        // while `busy`; it has asked for invocations without an event if there is one.
        let call = || unsafe { (self.callback)(data, dropped, self.key) };
        match event {
            Some(event) => queue::showing(event, 0, call),
            None => call(),
        }
    }

    fn wait_idle(&self) {
        let mut state = lock(&self.state);
        while state.busy {
            state = self
                .idle
                .wait(state)
                .unwrap_or_else(std::sync::PoisonError::into_inner);
        }
    }
}
