//! Limits that every side of a call keeps to, whatever language it is in.

/// Deepest nesting of lists, maps and boxes in one value.
pub const NESTING: u32 = 64;

/// Octets, texts and numbers that are results and take at least this many bytes are moved out of the guest, not copied.
pub const MOVE_FROM: usize = 64 * 1024;

/// The most results of a function in Rust, and the most parameters of one that a host in Rust calls: they are a tuple.
pub const VALUES: usize = 32;
