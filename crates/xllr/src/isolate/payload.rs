//! Memory of a frame's payload.
//!
//! Comes in: bytes off a socket, or sealed memory from the other side. Goes out: an aligned block that values can be made in.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr;

use super::wire::{checked, garbage};

const SEALS: libc::c_int = libc::F_SEAL_SHRINK | libc::F_SEAL_GROW | libc::F_SEAL_WRITE;

/// A payload that has arrived, aligned for every type of the ABI. Invariant of `Mapped`: a private mapping of `len` bytes, its
/// own.
pub(super) enum Payload {
    Block { block: Box<[u128]>, len: usize },
    Mapped { start: *mut u8, len: usize },
}

// SAFETY: the mapping belongs to this value, as a block does.
unsafe impl Send for Payload {}

impl Payload {
    pub(super) fn block(len: usize) -> Self {
        let block = vec![0; len.div_ceil(16)].into();
        Self::Block { block, len }
    }

    /// Maps sealed memory, whose writer can no longer change it.
    pub(super) fn mapped(memory: &OwnedFd, len: usize) -> io::Result<Self> {
        // SAFETY: these only ask for the seals and the size of an open file.
        let (seals, size) = unsafe {
            let mut stat: libc::stat = std::mem::zeroed();
            let seals = libc::fcntl(memory.as_raw_fd(), libc::F_GET_SEALS);
            checked(libc::fstat(memory.as_raw_fd(), &mut stat))?;
            (seals, stat.st_size)
        };
        if seals == -1 || seals & SEALS != SEALS || u64::try_from(size).ok() != Some(len as u64) {
            return Err(garbage("memory that is not sealed, or of another size"));
        }
        // SAFETY: a new mapping of a file of this size, which can no longer shrink.
        let start = unsafe {
            libc::mmap(
                ptr::null_mut(),
                len,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_NORESERVE,
                memory.as_raw_fd(),
                0,
            )
        };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let start = start.cast();
        Ok(Self::Mapped { start, len })
    }

    pub(super) fn start(&mut self) -> *mut u8 {
        match self {
            Self::Block { block, .. } => block.as_mut_ptr().cast(),
            Self::Mapped { start, .. } => *start,
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        let (start, len) = match self {
            Self::Block { block, len } => (block.as_ptr().cast::<u8>(), *len),
            Self::Mapped { start, len } => (start.cast_const(), *len),
        };
        // SAFETY: a block has at least `len` bytes, and a mapping as the invariant says.
        unsafe { std::slice::from_raw_parts(start, len) }
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        let len = self.bytes().len();
        // SAFETY: as above, and borrowed once.
        unsafe { std::slice::from_raw_parts_mut(self.start(), len) }
    }
}

impl Drop for Payload {
    fn drop(&mut self) {
        if let Self::Mapped { start, len } = self {
            // SAFETY: the invariant; nobody uses it any more.
            unsafe { libc::munmap(start.cast(), *len) };
        }
    }
}

/// Memory with these bytes that nobody can change any more.
pub(super) fn sealed(bytes: &[u8]) -> io::Result<OwnedFd> {
    // SAFETY: the name is terminated; a new file is owned here.
    let memory = unsafe {
        let flags = libc::MFD_CLOEXEC | libc::MFD_ALLOW_SEALING;
        let raw = checked(libc::memfd_create(c"xllr".as_ptr(), flags))?;
        std::fs::File::from_raw_fd(raw)
    };
    io::Write::write_all(&mut &memory, bytes)?;
    // SAFETY: an open file.
    checked(unsafe { libc::fcntl(memory.as_raw_fd(), libc::F_ADD_SEALS, SEALS) })?;
    Ok(memory.into())
}
