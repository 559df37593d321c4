//! Counters for whoever operates a library.
//!
//! Comes in: things that got lost or came late. Goes out: `gp_stats`. What can be counted by looking (pending calls,
//! handles) is not counted twice here.

use super::sync::{AtomicU64, Ordering};
use super::{host, listeners, pending, slots};
use crate::abi::RawStats;

static LATE_COMPLETIONS: AtomicU64 = AtomicU64::new(0);
static DROPPED_EVENTS: AtomicU64 = AtomicU64::new(0);
static DROPPED_LOGS: AtomicU64 = AtomicU64::new(0);

/// An answer to a host call that nobody waits for.
pub(crate) fn late_completion() {
    LATE_COMPLETIONS.fetch_add(1, Ordering::Relaxed);
}

/// An event that a listener's full queue pushed out, or that could not be lowered.
pub(crate) fn dropped_event() {
    DROPPED_EVENTS.fetch_add(1, Ordering::Relaxed);
}

/// A log record that found the host's queue full.
pub(crate) fn dropped_log() {
    DROPPED_LOGS.fetch_add(1, Ordering::Relaxed);
}

/// The counters now.
pub(crate) fn read() -> RawStats {
    RawStats {
        pending_calls: pending::count() as u64,
        handles: slots::used() as u64,
        pending_host_calls: host::outstanding() as u64,
        late_completions: LATE_COMPLETIONS.load(Ordering::Relaxed),
        // The queue is bounded by what feeds it (pending calls, registrations), so no completion is ever dropped.
        dropped_completions: 0,
        dropped_events: DROPPED_EVENTS.load(Ordering::Relaxed),
        listeners: listeners::count() as u64,
        dropped_logs: DROPPED_LOGS.load(Ordering::Relaxed),
    }
}
