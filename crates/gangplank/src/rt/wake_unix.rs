//! The descriptor that tells a host's event loop to drain, where there is no `eventfd`: a pipe.
//!
//! Comes in: "records arrived". Goes out: an edge on a descriptor that the host watches and never reads. The library
//! empties the pipe itself before the next edge, so it never fills up.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// See the module.
pub(crate) struct Wake {
    read: File,
    write: File,
}

impl Wake {
    pub(crate) fn new() -> io::Result<Self> {
        let mut ends = [-1; 2];
        // SAFETY: room for two descriptors.
        if unsafe { libc::pipe(ends.as_mut_ptr()) } != 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: both were just made, and nobody else owns them.
        let [read, write] = ends.map(|fd| File::from(unsafe { OwnedFd::from_raw_fd(fd) }));
        for end in [&read, &write] {
            // SAFETY: no memory is passed; the descriptor is open.
            let set = unsafe {
                libc::fcntl(end.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) != -1
                    && libc::fcntl(end.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) != -1
            };
            if !set {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(Self { read, write })
    }

    pub(crate) fn fd(&self) -> i32 {
        self.read.as_raw_fd()
    }

    /// One edge.
    pub(crate) fn signal(&self) {
        let _ = (&self.write).write(&[1]);
    }

    /// Empties the pipe, so that the next byte is an edge.
    pub(crate) fn rearm(&self) {
        let mut bytes = [0; 64];
        while (&self.read)
            .read(&mut bytes)
            .is_ok_and(|count| count == bytes.len())
        {}
    }
}
