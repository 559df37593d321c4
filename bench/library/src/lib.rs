//! The functions that `cargo xtask bench` measures: one per row, each doing as little as its row allows, so that what is
//! measured is the crossing.

mod asynchronous;
mod events;
mod host;
mod values;

pub use asynchronous::{hop, ready, wakes_once};
pub use events::{BenchEvents, Speaker, Tick};
pub use host::{Asker, BenchHost};
pub use values::{
    Counter, Job, NotPositive, add, check, count_bytes, count_numbers, count_texts, echo, echo_job,
    return_bytes, return_texts, take_job, text_len,
};

gangplank::library!();
