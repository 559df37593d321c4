//! The functions of `bench/library` once more, exported by hand, as somebody who knows cgo well would write them.
//!
//! Comes in: C calls of `bench/go/hand`. Goes out: what its rows are measured against. Results go into the caller's
//! memory, objects are raw pointers, what is pending comes back over one queue with one `eventfd`. What a program of one's
//! own can leave out is left out: handles, panics, cancellation, deadlines, close, counters. Some functions are there once
//! more with what their row is about to be compared with: a checked handle, calls that can be cancelled, panics that are
//! caught.

mod asynchronous;
mod events;
mod host;
mod opened;
mod queue;
mod values;
