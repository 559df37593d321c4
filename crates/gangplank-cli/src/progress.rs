//! What people see while something takes long.
//!
//! Comes in: one line per step. Goes out: that line on stderr, in cargo's shape, coloured on a terminal only. Results
//! never go through here: they belong to stdout.

use std::io::{IsTerminal, Write};
use std::time::Duration;

/// Whether stderr may be coloured.
pub(crate) fn colour() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::io::stderr().is_terminal()
}

/// Says that a step begins. `verb` is one word, right-aligned as cargo does it.
pub(crate) fn step(verb: &str, what: &str) {
    let (on, off) = if colour() {
        ("\x1b[1;32m", "\x1b[0m")
    } else {
        ("", "")
    };
    // Whoever closed stderr does not want to know.
    let _ = writeln!(std::io::stderr(), "{on}{verb:>12}{off} {what}");
}

/// Shows what a tool says, as it says it.
pub(crate) fn show(text: &str) {
    // As above.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// Says how long the last step has been running: in its line on a terminal, else a line now and then.
pub(crate) fn running(elapsed: Duration) {
    let seconds = elapsed.as_secs();
    // As above.
    if std::io::stderr().is_terminal() {
        let _ = write!(std::io::stderr(), "\r{:>12} {seconds} s\r", "");
    } else if seconds > 0 && seconds.is_multiple_of(10) {
        let _ = writeln!(std::io::stderr(), "{:>12} {seconds} s", "");
    }
}
