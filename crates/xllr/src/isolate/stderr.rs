//! What a helper says on stderr when nobody passes it on any more.
//!
//! Comes in: the host's stderr. Goes out: what the helper says from its orderly end on, and what its host has not read. While
//! the host looks after the helper, the helper's stderr is a pipe to the host, which keeps the tail for its errors.

use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;

use super::wire::{self, Word};

/// Gives the host's stderr to its helper. A host without one has nothing to give, and a helper that is gone already is
/// noticed when it is asked to load.
pub(super) fn lend(control: &OwnedFd) {
    // SAFETY: the number of stderr, borrowed for the call; where nothing is open, the call says so.
    let stderr = unsafe { BorrowedFd::borrow_raw(libc::STDERR_FILENO) };
    let _ = wire::send_descriptor(control.as_fd(), Word::Stderr, stderr);
}

/// Makes the host's stderr that of this process, and passes on what is still in the pipe.
pub(super) fn take_back(host: &OwnedFd) {
    let pipe = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK)
        .open("/proc/self/fd/2");
    // SAFETY: both are open, and the second is this process's own to replace.
    unsafe { libc::dup2(host.as_raw_fd(), libc::STDERR_FILENO) };
    let Ok(mut pipe) = pipe else { return };
    let mut buffer = [0; 4096];
    // Until it is empty, and until nobody can take it.
    while let Ok(some @ 1..) = pipe.read(&mut buffer) {
        if io::stderr().write_all(&buffer[..some]).is_err() {
            return;
        }
    }
}
