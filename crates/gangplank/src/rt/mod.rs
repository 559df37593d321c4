//! The runtime behind every exported function: what macro expansions and the library's own exports call.
//!
//! Comes in: raw handles, calls and callbacks of the host. Goes out: entered objects, completed calls, delivered events.
//! It is a layer because nothing in here knows a user's type: conversion happens in the glue above, layouts are those of
//! [`crate::abi`]. One concern per file; the arrows point down this list.
//!
//! | file | concern |
//! | --- | --- |
//! | `exports`, `queue_exports` | the C functions that every library has |
//! | `calls`, `poll` | async calls: inline polls, hand-over |
//! | `line`, `task`, `pending`, `executor` | pending calls: exactly one completion |
//! | `handles`, `slots`, `word`, `closing` | objects behind handles, and closing them |
//! | `context` | what belongs to one object: registrations, listeners, pending ids |
//! | `host`, `registry`, `host_error` | host functions |
//! | `events`, `listeners`, `dispatcher` | events |
//! | `queue`, `wake` | the queue for hosts with an event loop |
//! | `log` | the guest's `tracing` records |
//! | `running` | which thread is inside which call |
//! | `errors`, `stats`, `user` | error slots, counters, the host's `user_data` |
//! | `guard`, `fault`, `state`, `ids`, `sync` | panics, errors, start and fork, ids, locks and atomics |

pub mod calls;
pub(crate) mod closing;
pub mod context;
pub(crate) mod dispatcher;
pub mod errors;
pub mod events;
pub(crate) mod executor;
pub mod exports;
pub mod fault;
pub mod guard;
pub mod handles;
pub mod host;
pub mod host_error;
pub(crate) mod ids;
pub(crate) mod line;
pub(crate) mod listeners;
pub(crate) mod log;
pub(crate) mod pending;
pub(crate) mod poll;
pub(crate) mod queue;
mod queue_exports;
pub(crate) mod registry;
pub mod running;
pub(crate) mod shards;
pub(crate) mod shares;
pub(crate) mod slots;
pub mod state;
pub(crate) mod stats;
pub(crate) mod sync;
pub mod task;
pub(crate) mod user;
#[cfg(all(not(all(test, loom)), target_os = "linux"))]
#[path = "wake_linux.rs"]
pub(crate) mod wake;
#[cfg(all(not(all(test, loom)), not(target_os = "linux")))]
#[path = "wake_unix.rs"]
pub(crate) mod wake;
#[cfg(all(test, loom))]
pub(crate) use loom_models::wake;
pub(crate) mod word;

#[cfg(all(test, loom))]
mod loom_models;
#[cfg(test)]
mod tests;

pub use crate::abi::Status;
pub(crate) use calls::begin;
pub use calls::{First, Hop, Inline, Phase};
pub use context::Context;
pub use errors::store_error;
pub use events::EventsLink;
pub use fault::Fault;
pub use guard::guard;
pub(crate) use guard::guard_or;
pub use handles::{Entered, Object, close, enter, hand_out, insert, object, release};
pub use host::{HostLink, host_call};
pub use host_error::{HostError, HostFailure};
pub use running::{FnMeta, Running, running};
pub use state::{Limits, set_limits, started};
