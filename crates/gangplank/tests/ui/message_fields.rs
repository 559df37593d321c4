//! A message that names fields whose text only Rust knows.

use std::fmt;

/// Why.
#[gangplank::enumeration]
pub enum Reason {
    /// Rain.
    Rain,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it rained")
    }
}

/// An error.
#[gangplank::error]
pub enum Failure {
    /// cancelled: {reason}, {days} days
    Cancelled { reason: Reason, days: u8 },
    /// late by {0}
    Late(gangplank::Duration),
    /// some reason
    Unsaid { reason: Reason },
}

fn main() {}
