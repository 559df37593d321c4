//! Tests of the runtime across its files, from the side of a C caller. What one file can show alone it tests itself.

mod calls;
mod closing;
mod events;
mod handles;
mod host;
mod line;
mod log;
mod queue;
pub(super) mod testing;
