//! What belongs to one object besides its value.
//!
//! Comes in: registrations and listeners of the host, ids of pending calls. Goes out: all of it ended at once when
//! the object is closed. A context is made before the constructor runs and outlives the object for as long as somebody
//! holds a link to it.
//!
//! Locks: nothing is called while a context's lock is held, except a listener's queue when an event is published.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize};

use super::ids::{self, IdSet};
use super::listeners::Listener;
use super::pending::{self, Reason};
use super::registry::{self, Registration};
use super::sync::Ordering;
use super::sync::modelled::{Mutex, MutexGuard, lock};
use super::{Fault, guard, host};
use crate::abi::Status;
use crate::memory::Lowered;

/// See the module.
pub struct Context {
    hosts: &'static [&'static str],
    events: &'static [&'static str],
    /// How many listeners there are: read before anything is made for them.
    listening: AtomicUsize,
    /// Set once, with the lock held: whoever has found it unset there may add what close will find.
    closed: AtomicBool,
    /// Whether it was said why an event was lost.
    told: AtomicBool,
    /// How many host calls of this object are on their way: none, and close need not look for them.
    host_calls: AtomicUsize,
    inner: Mutex<Inner>,
}

struct Inner {
    pending: IdSet,
    registrations: Vec<Arc<Registration>>,
    listeners: Vec<Arc<Listener>>,
}

impl Context {
    /// A context for an object whose host functions and events have these wire names. It inherits what is registered
    /// for objects to come.
    pub fn new(hosts: &'static [&'static str], events: &'static [&'static str]) -> Arc<Self> {
        let registrations = registry::inherited(hosts);
        let inner = Inner {
            pending: ids::set(),
            registrations,
            listeners: Vec::new(),
        };
        Arc::new(Self {
            hosts,
            events,
            listening: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            told: AtomicBool::new(false),
            host_calls: AtomicUsize::new(0),
            inner: Mutex::new(inner),
        })
    }

    /// Ends everything: pending calls and host calls fail, listeners get what is already theirs and no more,
    /// registrations are dropped. Nothing can be added from now on.
    pub(crate) fn close(&self) {
        let (pending, registrations, listeners) = {
            let mut inner = lock(&self.inner);
            self.closed.store(true, Ordering::SeqCst);
            let inner = &mut *inner;
            (
                std::mem::replace(&mut inner.pending, ids::set()),
                std::mem::take(&mut inner.registrations),
                std::mem::take(&mut inner.listeners),
            )
        };
        self.listening.store(0, Ordering::Relaxed);
        // Pending calls first: a call that waits for the host must end as closed, not with the host call's error.
        for id in pending {
            let _ = pending::cancel(id, Reason::Closed);
        }
        if self.host_calls.load(Ordering::SeqCst) > 0 {
            host::fail_closed(self);
        }
        for listener in listeners {
            listener.end();
        }
        drop(registrations);
    }

    /// Lists a call that close has to cancel.
    pub(crate) fn add_pending(&self, id: u64) -> Result<(), Fault> {
        let mut inner = self.open()?;
        inner.pending.insert(id);
        Ok(())
    }

    pub(crate) fn remove_pending(&self, id: u64) {
        lock(&self.inner).pending.remove(&id);
    }

    /// A host call is about to be listed. The caller lists it, then looks at [`Context::is_closed`]: either it sees the
    /// close or the close sees the call.
    pub(crate) fn host_call_begins(&self) {
        self.host_calls.fetch_add(1, Ordering::SeqCst);
    }

    /// A host call is no longer listed.
    pub(crate) fn host_call_ends(&self) {
        self.host_calls.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// The registration of a host function; `None`: the host registered none.
    pub(crate) fn registration(&self, name: &str) -> Result<Option<Arc<Registration>>, Fault> {
        let inner = self.open()?;
        Ok(inner
            .registrations
            .iter()
            .find(|registration| registration.name == name)
            .cloned())
    }

    /// Registers a host function, or takes its registration back.
    pub(crate) fn register(
        &self,
        name: &str,
        registration: Option<Arc<Registration>>,
    ) -> Result<(), Fault> {
        if !self.hosts.contains(&name) {
            return Err(unknown("host function", name, self.hosts));
        }
        let mut inner = self.open()?;
        let before = registry::replace(&mut inner.registrations, name, registration);
        drop(inner);
        // Here, where no lock is held: it may be the last user, whose release callback runs now.
        drop(before);
        Ok(())
    }

    /// The static name of an event.
    pub(crate) fn event_name(&self, name: &str) -> Result<&'static str, Fault> {
        self.events
            .iter()
            .copied()
            .find(|event| *event == name)
            .ok_or_else(|| unknown("event", name, self.events))
    }

    pub(crate) fn add_listener(&self, listener: Arc<Listener>) -> Result<(), Fault> {
        let mut inner = self.open()?;
        inner.listeners.push(listener);
        self.listening
            .store(inner.listeners.len(), Ordering::Release);
        Ok(())
    }

    pub(crate) fn remove_listener(&self, id: u64) {
        let mut inner = lock(&self.inner);
        let removed = inner
            .listeners
            .iter()
            .position(|listener| listener.id() == id)
            .map(|at| inner.listeners.remove(at));
        self.listening
            .store(inner.listeners.len(), Ordering::Release);
        drop(inner);
        drop(removed);
    }

    /// Whether anybody listens to this event.
    #[inline]
    pub(crate) fn wanted(&self, event: &str) -> bool {
        self.listening.load(Ordering::Acquire) > 0
            && lock(&self.inner)
                .listeners
                .iter()
                .any(|listener| listener.event() == event)
    }

    /// Gives an event to everybody who listens to it. Under the lock: all listeners see all events in one order. What made
    /// room for it is dropped after that: an event may hold the last of an object, whose end runs code of the guest.
    pub(crate) fn publish(&self, event: &str, payload: &Arc<Lowered>) {
        let inner = lock(&self.inner);
        let oldest: Vec<_> = inner
            .listeners
            .iter()
            .filter(|listener| listener.event() == event)
            .filter_map(|listener| listener.push(payload.clone()))
            .collect();
        drop(inner);
        drop(oldest);
    }

    /// Counts an event that cannot be given to anybody for each who listens to it. Why is said once for an object: it
    /// may happen to every event from here on.
    #[cold]
    pub(crate) fn lose(&self, event: &str, reason: &str) {
        let inner = lock(&self.inner);
        for listener in inner
            .listeners
            .iter()
            .filter(|listener| listener.event() == event)
        {
            listener.lose();
        }
        drop(inner);
        if !self.told.swap(true, Ordering::Relaxed) {
            guard::tell(&format!("the event '{event}' was dropped: {reason}"));
        }
    }

    fn open(&self) -> Result<MutexGuard<'_, Inner>, Fault> {
        let inner = lock(&self.inner);
        if self.is_closed() {
            Err(Fault::new(Status::Closed, "the object is closed"))
        } else {
            Ok(inner)
        }
    }
}

fn unknown(what: &str, name: &str, known: &[&str]) -> Fault {
    let known = if known.is_empty() {
        "none".to_owned()
    } else {
        known.join(", ")
    };
    Fault::new(
        Status::NotFound,
        format!("the object has no {what} '{name}'; it has: {known}"),
    )
}
