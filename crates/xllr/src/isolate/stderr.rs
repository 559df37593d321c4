//! What a helper says on stderr when nobody passes it on any more.
//!
//! Comes in: the host's stderr. Goes out: what the helper says from its end on, and what its host has not read. Until then the
//! helper's stderr is a pipe to the host, which keeps the tail for its errors.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};

use super::wire::{self, Word};

/// Our stderr, by a name under which it can be opened.
const OURS: &str = "/proc/self/fd/2";
/// So much does a pipe hold.
const PIPE: u64 = 64 << 10;

/// Gives the host's stderr to its helper. A host without one has nothing to give, and a helper that is gone already is
/// noticed when it is asked to load.
pub(super) fn lend(control: &OwnedFd) {
    let _ = wire::send_descriptor(control.as_fd(), Word::Stderr, io::stderr().as_fd());
}

/// The host's stderr, in its helper.
pub(super) struct Lent {
    host: OwnedFd,
    /// What the helper's stderr is at first.
    pipe: (u64, u64),
}

impl Lent {
    /// `None` where it is not known what stderr is.
    pub(super) fn new(host: OwnedFd) -> Option<Self> {
        let pipe = ours()?;
        Some(Self { host, pipe })
    }

    /// Makes it the stderr of this process, and passes on what is still in the pipe; nothing where the module has put something
    /// else in the pipe's place.
    pub(super) fn take_back(&self) {
        if ours() != Some(self.pipe) {
            return;
        }
        let pipe = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_NONBLOCK)
            .open(OURS);
        // SAFETY: both are open, and the second is this process's own to replace.
        unsafe { libc::dup2(self.host.as_raw_fd(), libc::STDERR_FILENO) };
        let Ok(pipe) = pipe else { return };
        // No more than it holds: a process that the module has started may go on writing.
        let (mut pipe, mut buffer) = (pipe.take(PIPE), [0; 4096]);
        while let Ok(some @ 1..) = pipe.read(&mut buffer) {
            if io::stderr().write_all(&buffer[..some]).is_err() {
                return;
            }
        }
    }
}

/// What tells the file that is stderr from others.
fn ours() -> Option<(u64, u64)> {
    let data = fs::metadata(OURS).ok()?;
    Some((data.dev(), data.ino()))
}
