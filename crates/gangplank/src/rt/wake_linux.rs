//! The descriptor that tells a host's event loop to drain, on Linux: an `eventfd`.
//!
//! Comes in: "records arrived". Goes out: an edge on a descriptor that the host watches and never reads. Every write to
//! an `eventfd` is an edge for `epoll`, also when it was readable before.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// See the module.
pub(crate) struct Wake(File);

impl Wake {
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: no memory is passed.
        let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: `fd` was just made, and nobody else owns it.
        Ok(Self(File::from(unsafe { OwnedFd::from_raw_fd(fd) })))
    }

    pub(crate) fn fd(&self) -> i32 {
        self.0.as_raw_fd()
    }

    /// One edge. The counter is 64 bits wide and grows by one: it cannot overflow.
    pub(crate) fn signal(&self) {
        let _ = (&self.0).write(&1_u64.to_ne_bytes());
    }

    /// Before the next edge is needed; an `eventfd` has room for all of them.
    pub(crate) fn rearm(&self) {}
}
