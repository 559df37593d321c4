//! Frames on a socket between a host and its helper.
//!
//! Comes in: a header and a payload. Goes out: the same on the other side, or what is wrong with what came. A frame is 48
//! bytes and then its payload, at most 16 MiB together; a large payload travels beside it, as sealed memory.

use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;
use std::time::{Duration, Instant};

use super::payload::{Payload, sealed};

/// The most bytes of one frame.
const LIMIT: usize = 16 << 20;
/// From here on a payload is passed as memory: a socket would hold a fraction of it at a time.
const BESIDE: usize = 1 << 20;
const MAGIC: u32 = u32::from_ne_bytes(*b"xll1");
const HEADER: usize = 48;
/// What is read at once, so that a small frame is one system call.
const AHEAD: usize = 2048;
/// How often the processor is offered to others before a thread sleeps for a frame: what answers at once needs not wake it.
const YIELDS: u32 = 20;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Load a module; before any question.
    Load = 1,
    /// Here is a socket for calls.
    Connect,
    /// What is known of a function, by name.
    Describe,
    /// A call in protobuf bytes.
    Bytes,
    /// A call in flat C structs.
    Native,
    /// The answer to any of these.
    Answer,
    /// Here is the host's stderr; before [`Word::Load`].
    Stderr,
}

impl Word {
    fn of(number: u32) -> Option<Self> {
        use Word::{Answer, Bytes, Connect, Describe, Load, Native, Stderr};
        let all = [Load, Connect, Describe, Bytes, Native, Answer, Stderr];
        all.into_iter().find(|word| *word as u32 == number)
    }
}

/// What stands before a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) word: Word,
    /// An answer has the number of its question.
    pub(super) id: u64,
    /// Which function of the module.
    pub(super) function: u32,
    /// Of an answer: how it ended.
    pub(super) status: i32,
    /// Time left, in nanoseconds; 0: no end.
    pub(super) deadline_ns: i64,
}

impl Header {
    pub(super) fn new(word: Word) -> Self {
        Self {
            word,
            id: 0,
            function: 0,
            status: 0,
            deadline_ns: 0,
        }
    }

    fn encode(&self, len: usize, beside: usize) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        bytes[..4].copy_from_slice(&MAGIC.to_ne_bytes());
        bytes[4..8].copy_from_slice(&(len as u32).to_ne_bytes());
        bytes[8..16].copy_from_slice(&self.id.to_ne_bytes());
        bytes[16..20].copy_from_slice(&(self.word as u32).to_ne_bytes());
        bytes[20..24].copy_from_slice(&self.function.to_ne_bytes());
        bytes[24..28].copy_from_slice(&self.status.to_ne_bytes());
        bytes[32..40].copy_from_slice(&self.deadline_ns.to_ne_bytes());
        bytes[40..48].copy_from_slice(&(beside as u64).to_ne_bytes());
        bytes
    }

    /// The header, the payload's length in the frame, and that of the payload beside it.
    fn decode(bytes: &[u8]) -> io::Result<(Self, usize, usize)> {
        let four = |at: usize| u32::from_ne_bytes([0, 1, 2, 3].map(|byte| bytes[at + byte]));
        let eight =
            |at: usize| u64::from_ne_bytes([0, 1, 2, 3, 4, 5, 6, 7].map(|byte| bytes[at + byte]));
        if four(0) != MAGIC {
            return Err(garbage("something that is no frame"));
        }
        let len = four(4) as usize;
        if len > LIMIT - HEADER {
            return Err(garbage(format!(
                "a frame of {} bytes, over the limit of {LIMIT}",
                len + HEADER
            )));
        }
        let word =
            Word::of(four(16)).ok_or_else(|| garbage(format!("a frame of kind {}", four(16))))?;
        let beside = usize::try_from(eight(40))
            .ok()
            .filter(|beside| *beside <= isize::MAX as usize && (*beside == 0 || len == 0))
            .ok_or_else(|| garbage("a frame with a length that cannot be"))?;
        let header = Self {
            word,
            id: eight(8),
            function: four(20),
            status: four(24) as i32,
            deadline_ns: eight(32) as i64,
        };
        Ok((header, len, beside))
    }
}

/// The other side was gone before all was said.
fn half() -> io::Error {
    io::Error::new(ErrorKind::UnexpectedEof, "it has sent half a frame")
}

pub(super) fn garbage(what: impl std::fmt::Display) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("it has sent {what}"))
}

/// A frame that has arrived.
pub(super) struct Frame {
    pub(super) header: Header,
    pub(super) payload: Payload,
    /// Of [`Word::Connect`] and [`Word::Stderr`].
    pub(super) attached: Option<OwnedFd>,
}

/// Sends a frame; `until` is when it must be gone.
pub(super) fn send(
    socket: BorrowedFd<'_>,
    header: &Header,
    payload: &[u8],
    until: Option<Instant>,
) -> io::Result<()> {
    if payload.len() < BESIDE {
        let bytes = header.encode(payload.len(), 0);
        return send_parts(socket, &bytes, payload, None, until);
    }
    let memory = sealed(payload)?;
    let bytes = header.encode(0, payload.len());
    send_parts(socket, &bytes, &[], Some(memory.as_fd()), until)
}

/// Sends a descriptor; `word` says what for.
pub(super) fn send_descriptor(
    through: BorrowedFd<'_>,
    word: Word,
    descriptor: BorrowedFd<'_>,
) -> io::Result<()> {
    let bytes = Header::new(word).encode(0, 0);
    send_parts(through, &bytes, &[], Some(descriptor), None)
}

pub(super) fn checked(result: libc::c_int) -> io::Result<libc::c_int> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        result => Ok(result),
    }
}

/// Room for one descriptor in a message.
#[repr(C, align(8))]
struct Control([u8; 64]);

fn send_parts(
    socket: BorrowedFd<'_>,
    header: &[u8],
    payload: &[u8],
    attached: Option<BorrowedFd<'_>>,
    until: Option<Instant>,
) -> io::Result<()> {
    let (mut sent, all) = (0, header.len() + payload.len());
    while sent < all {
        let rest = |part: &[u8], before: usize| {
            let from = sent.saturating_sub(before).min(part.len());
            libc::iovec {
                iov_base: part[from..].as_ptr().cast_mut().cast(),
                iov_len: part.len() - from,
            }
        };
        let mut parts = [rest(header, 0), rest(payload, header.len())];
        let mut control = Control([0; 64]);
        // SAFETY: a message of parts that are borrowed for the call, and a control block with room for one descriptor.
        let result = unsafe {
            let mut message: libc::msghdr = std::mem::zeroed();
            message.msg_iov = parts.as_mut_ptr();
            message.msg_iovlen = 2;
            if let Some(attached) = attached.filter(|_| sent == 0) {
                message.msg_control = (&raw mut control).cast();
                message.msg_controllen = libc::CMSG_SPACE(size_of::<RawFd>() as u32) as usize;
                let first = libc::CMSG_FIRSTHDR(&message);
                (*first).cmsg_level = libc::SOL_SOCKET;
                (*first).cmsg_type = libc::SCM_RIGHTS;
                (*first).cmsg_len = libc::CMSG_LEN(size_of::<RawFd>() as u32) as usize;
                let place = libc::CMSG_DATA(first).cast::<RawFd>();
                place.write_unaligned(attached.as_raw_fd());
            }
            libc::sendmsg(
                socket.as_raw_fd(),
                &message,
                libc::MSG_NOSIGNAL | dont_wait(until),
            )
        };
        match done(result, socket, libc::POLLOUT, until)? {
            Some(some) => sent += some,
            None => continue,
        }
    }
    Ok(())
}

/// The next frame; `None` when the other side has closed.
pub(super) fn recv(socket: BorrowedFd<'_>, until: Option<Instant>) -> io::Result<Option<Frame>> {
    let mut ahead = [0; HEADER + AHEAD];
    let (mut have, mut attached) = (0, None);
    while have < HEADER {
        match recv_some(socket, &mut ahead[have..], &mut attached, until)? {
            0 if have == 0 => return Ok(None),
            0 => return Err(half()),
            some => have += some,
        }
    }
    let (header, len, beside) = Header::decode(&ahead)?;
    if have > HEADER + len {
        return Err(garbage("more than a frame"));
    }
    if beside > 0 {
        let memory = attached
            .take()
            .ok_or_else(|| garbage("a frame without its memory"))?;
        let payload = Payload::mapped(&memory, beside)?;
        return Ok(Some(Frame {
            header,
            payload,
            attached: None,
        }));
    }
    let mut payload = Payload::block(len);
    let mut filled = have - HEADER;
    payload.bytes_mut()[..filled].copy_from_slice(&ahead[HEADER..have]);
    while filled < len {
        let rest = &mut payload.bytes_mut()[filled..];
        match recv_some(socket, rest, &mut attached, until)? {
            0 => return Err(half()),
            some => filled += some,
        }
    }
    Ok(Some(Frame {
        header,
        payload,
        attached,
    }))
}

fn recv_some(
    socket: BorrowedFd<'_>,
    into: &mut [u8],
    attached: &mut Option<OwnedFd>,
    until: Option<Instant>,
) -> io::Result<usize> {
    let mut yields = 0;
    loop {
        let mut control = Control([0; 64]);
        let mut part = libc::iovec {
            iov_base: into.as_mut_ptr().cast(),
            iov_len: into.len(),
        };
        // SAFETY: a message with one part and a control block, both of this function; a descriptor that comes is owned here.
        let result = unsafe {
            let mut message: libc::msghdr = std::mem::zeroed();
            message.msg_iov = &raw mut part;
            message.msg_iovlen = 1;
            message.msg_control = (&raw mut control).cast();
            // Room for one: the kernel closes whatever comes beyond it.
            message.msg_controllen = libc::CMSG_SPACE(size_of::<RawFd>() as u32) as usize;
            let eager = if yields < YIELDS {
                libc::MSG_DONTWAIT
            } else {
                0
            };
            let flags = libc::MSG_CMSG_CLOEXEC | eager | dont_wait(until);
            let result = libc::recvmsg(socket.as_raw_fd(), &mut message, flags);
            let first = libc::CMSG_FIRSTHDR(&message);
            let one = libc::CMSG_LEN(size_of::<RawFd>() as u32) as usize;
            if result >= 0
                && !first.is_null()
                && (*first).cmsg_level == libc::SOL_SOCKET
                && (*first).cmsg_type == libc::SCM_RIGHTS
                && (*first).cmsg_len >= one
            {
                let raw = libc::CMSG_DATA(first).cast::<RawFd>().read_unaligned();
                *attached = Some(OwnedFd::from_raw_fd(raw));
            }
            result
        };
        if result < 0
            && yields < YIELDS
            && io::Error::last_os_error().kind() == ErrorKind::WouldBlock
        {
            yields += 1;
            std::thread::yield_now();
            continue;
        }
        if let Some(some) = done(result, socket, libc::POLLIN, until)? {
            return Ok(some);
        }
    }
}

fn dont_wait(until: Option<Instant>) -> libc::c_int {
    until.map_or(0, |_| libc::MSG_DONTWAIT)
}

/// The result of a system call; `None`: once more, after waiting where that is needed.
fn done(
    result: isize,
    socket: BorrowedFd<'_>,
    events: libc::c_short,
    until: Option<Instant>,
) -> io::Result<Option<usize>> {
    if let Ok(some) = usize::try_from(result) {
        return Ok(Some(some));
    }
    let error = io::Error::last_os_error();
    match (error.kind(), until) {
        (ErrorKind::Interrupted, _) => Ok(None),
        (ErrorKind::WouldBlock, Some(until)) => wait(socket, events, until).map(|()| None),
        _ => Err(error),
    }
}

/// Waits until the socket is ready, or it is too late.
fn wait(socket: BorrowedFd<'_>, events: libc::c_short, until: Instant) -> io::Result<()> {
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left == Duration::ZERO {
            return Err(ErrorKind::TimedOut.into());
        }
        let mut socket = libc::pollfd {
            fd: socket.as_raw_fd(),
            events,
            revents: 0,
        };
        let left = libc::timespec {
            tv_sec: left.as_secs() as libc::time_t,
            tv_nsec: left.subsec_nanos().into(),
        };
        // SAFETY: one descriptor and a time, both of this function.
        let ready = unsafe { libc::ppoll(&mut socket, 1, &left, ptr::null()) };
        match checked(ready) {
            Ok(0) => {}
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Two connected sockets, not passed on to programs.
pub(super) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    use std::os::unix::net::UnixStream;
    UnixStream::pair().map(|(one, other)| (one.into(), other.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(word: Word) -> Header {
        Header {
            id: 7,
            function: 3,
            status: -1,
            deadline_ns: 5,
            ..Header::new(word)
        }
    }

    #[test]
    fn frames_arrive_as_they_were() {
        let (one, other) = pair().unwrap();
        for len in [0, 1, 100, 3000, 200_000, 5 << 20] {
            let payload: Vec<u8> = (0..len).map(|at| at as u8).collect();
            std::thread::scope(|scope| {
                scope.spawn(|| send(one.as_fd(), &frame(Word::Bytes), &payload, None).unwrap());
                let frame = recv(other.as_fd(), None).unwrap().unwrap();
                assert_eq!(frame.header, self::frame(Word::Bytes));
                assert!(frame.payload.bytes() == payload);
            });
        }
        drop(one);
        assert!(recv(other.as_fd(), None).unwrap().is_none());
    }

    #[test]
    fn what_is_no_frame_is_an_error() {
        let too_long = Header::new(Word::Answer).encode(LIMIT, 0);
        let unknown = {
            let mut bytes = Header::new(Word::Answer).encode(0, 0);
            bytes[16] = 99;
            bytes
        };
        let no_memory = Header::new(Word::Answer).encode(0, 1 << 30);
        for bytes in [&[7; HEADER][..], &too_long, &unknown, &no_memory, &[1; 5]] {
            let (one, other) = pair().unwrap();
            send_parts(one.as_fd(), bytes, &[], None, None).unwrap();
            drop(one);
            let error = recv(other.as_fd(), None).err().unwrap();
            let kind = match bytes.len() < HEADER {
                true => ErrorKind::UnexpectedEof,
                false => ErrorKind::InvalidData,
            };
            assert_eq!(error.kind(), kind, "{error}");
        }
    }

    #[test]
    fn a_deadline_ends_the_waiting() {
        let (_one, other) = pair().unwrap();
        let until = Instant::now() + Duration::from_millis(20);
        let error = recv(other.as_fd(), Some(until)).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(Instant::now() >= until);
    }
}
