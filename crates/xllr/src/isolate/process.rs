//! A helper process, as its host sees it.
//!
//! Comes in: the helper's program. Goes out: a running process with a socket, and at its end what became of it: how it ended
//! and its last words. A thread of its own reads those and waits for the process, with all signals blocked.

use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::stderr;
use super::wire::{self, Word};

/// So much of its stderr is kept for the error.
const TAIL: usize = 4096;
/// How long an end is waited for after the process was killed. It comes at once, unless the machine is too busy for those who
/// hear of it.
const PATIENCE: Duration = Duration::from_secs(10);
const KEEPER_STACK: usize = 128 << 10;

/// A process that was started. Dropping it closes its socket, and so ends it.
pub(super) struct Process {
    /// Questions that are not calls.
    pub(super) control: Mutex<OwnedFd>,
    /// Connections that no call uses.
    idle: Mutex<Vec<OwnedFd>>,
    /// Names the process, also when its number is used again.
    pidfd: Option<OwnedFd>,
    pid: u32,
    lost: AtomicBool,
    /// Why the host has ended it.
    reason: Mutex<Option<String>>,
    end: Arc<End>,
}

#[derive(Default)]
struct End {
    over: AtomicBool,
    known: Mutex<Known>,
    changed: Condvar,
}

#[derive(Default)]
struct Known {
    tail: Vec<u8>,
    how: Option<String>,
}

impl Process {
    pub(super) fn start(program: &Path) -> io::Result<Self> {
        let (control, theirs) = wire::pair()?;
        let blocked = Blocked::all();
        let mut child = Command::new(program)
            .arg(std::process::id().to_string())
            .stdin(Stdio::from(theirs))
            .stderr(Stdio::piped())
            .spawn()?;
        let pid = child.id();
        let pidfd = pidfd(pid);
        let end = Arc::new(End::default());
        let stderr = child.stderr.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let watched = pidfd.as_ref().and_then(|pidfd| pidfd.try_clone().ok());
        let ended = Arc::clone(&end);
        thread::Builder::new()
            .name("xllr-helper".to_owned())
            .stack_size(KEEPER_STACK)
            .spawn(move || keep(child, stderr, watched.as_ref(), &ended))?;
        drop(blocked);
        stderr::lend(&control);
        Ok(Self {
            control: Mutex::new(control),
            idle: Mutex::default(),
            pidfd,
            pid,
            lost: AtomicBool::new(false),
            reason: Mutex::default(),
            end,
        })
    }

    /// Whether calls may still be sent to it.
    pub(super) fn is_there(&self) -> bool {
        !self.lost.load(Ordering::Acquire) && !self.end.over.load(Ordering::Acquire)
    }

    /// A connection for one call.
    pub(super) fn connection(&self) -> io::Result<OwnedFd> {
        if let Some(idle) = locked(&self.idle).pop() {
            return Ok(idle);
        }
        let (ours, theirs) = wire::pair()?;
        let control = locked(&self.control);
        wire::send_descriptor(control.as_fd(), Word::Connect, theirs.as_fd())?;
        Ok(ours)
    }

    /// Gives one back after a call that has gone well.
    pub(super) fn give_back(&self, connection: OwnedFd) {
        locked(&self.idle).push(connection);
    }

    /// Ends the process, if it has not ended by itself; what became of it, in words.
    pub(super) fn end(&self, reason: Option<&str>) -> String {
        if !self.lost.swap(true, Ordering::AcqRel) && !self.end.over.load(Ordering::Acquire) {
            *locked(&self.reason) = reason.map(str::to_owned);
        }
        locked(&self.idle).clear();
        self.kill();
        let reason = locked(&self.reason).clone();
        let until = Instant::now() + PATIENCE;
        let mut known = locked(&self.end.known);
        while known.how.is_none() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.end.changed.wait_timeout(known, left);
            known = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let how = known.how.as_deref().unwrap_or("does not end");
        let mut text = match reason {
            Some(reason) => format!("was ended: {reason}"),
            None => how.to_owned(),
        };
        let tail = String::from_utf8_lossy(&known.tail);
        if !tail.trim().is_empty() {
            text = format!("{text}; the end of its stderr:\n{}", tail.trim_end());
        }
        text
    }

    fn kill(&self) {
        if self.end.over.load(Ordering::Acquire) {
            return;
        }
        // SAFETY: a signal to the process that the descriptor names. Without one, its number is its own until it was waited
        // for, which `over` tells.
        unsafe {
            match &self.pidfd {
                Some(pidfd) => {
                    let none: *const libc::siginfo_t = std::ptr::null();
                    let pidfd = pidfd.as_raw_fd();
                    libc::syscall(libc::SYS_pidfd_send_signal, pidfd, libc::SIGKILL, none, 0);
                }
                None => {
                    libc::kill(self.pid as libc::pid_t, libc::SIGKILL);
                }
            }
        }
    }
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A descriptor for a process; `None` where the system has no such thing.
pub(super) fn pidfd(pid: u32) -> Option<OwnedFd> {
    // SAFETY: the call takes numbers and gives a new descriptor, closed on exec.
    unsafe {
        let raw = libc::syscall(libc::SYS_pidfd_open, pid as libc::pid_t, 0);
        (raw >= 0).then(|| OwnedFd::from_raw_fd(raw as i32))
    }
}

/// All signals of this thread blocked, and with it those of the threads and, until they change it, programs that it starts:
/// signals of the host are for threads of the host.
pub(super) struct Blocked(libc::sigset_t);

impl Blocked {
    pub(super) fn all() -> Self {
        // SAFETY: sets of this function; the mask is this thread's.
        unsafe {
            let (mut all, mut before) = std::mem::zeroed::<(libc::sigset_t, libc::sigset_t)>();
            libc::sigfillset(&mut all);
            libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
            Self(before)
        }
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        // SAFETY: the mask that the thread had.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.0, std::ptr::null_mut()) };
    }
}

/// Passes stderr on and keeps its tail, until the process is gone.
fn keep(mut child: Child, mut stderr: ChildStderr, pidfd: Option<&OwnedFd>, end: &End) {
    let mut buffer = [0; 4096];
    let mut open = true;
    while open || pidfd.is_some() {
        let (readable, gone) = ready(open.then_some(&stderr), pidfd);
        if readable {
            open = pass_on(&mut stderr, &mut buffer, end);
        }
        if gone {
            // What is still in the pipe; somebody else may hold it open.
            while open && ready(Some(&stderr), pidfd).0 {
                open = pass_on(&mut stderr, &mut buffer, end);
            }
            break;
        }
    }
    let how = match child.wait() {
        Ok(status) => in_words(status),
        Err(_) => "ended".to_owned(),
    };
    locked(&end.known).how = Some(how);
    end.over.store(true, Ordering::Release);
    end.changed.notify_all();
}

/// Waits; whether stderr can be read and whether the process has ended.
fn ready(stderr: Option<&ChildStderr>, pidfd: Option<&OwnedFd>) -> (bool, bool) {
    let watch = |fd: Option<i32>| libc::pollfd {
        fd: fd.unwrap_or(-1),
        events: libc::POLLIN,
        revents: 0,
    };
    let mut both = [
        watch(stderr.map(AsRawFd::as_raw_fd)),
        watch(pidfd.map(AsRawFd::as_raw_fd)),
    ];
    // SAFETY: two descriptors of this function.
    unsafe { libc::poll(both.as_mut_ptr(), 2, -1) };
    (both[0].revents != 0, both[1].revents != 0)
}

/// Whether there may be more.
fn pass_on(stderr: &mut ChildStderr, buffer: &mut [u8], end: &End) -> bool {
    match stderr.read(buffer) {
        Ok(0) => false,
        Ok(some) => {
            // SAFETY: these bytes are there. That nobody may read them is no matter; the signal for it is blocked here.
            unsafe { libc::write(2, buffer.as_ptr().cast(), some) };
            let tail = &mut locked(&end.known).tail;
            tail.extend_from_slice(&buffer[..some]);
            tail.drain(..tail.len().saturating_sub(TAIL));
            true
        }
        Err(error) => error.kind() == io::ErrorKind::Interrupted,
    }
}

fn in_words(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited with code {code}"),
        (None, Some(libc::SIGKILL)) => "was killed (signal 9)".to_owned(),
        (None, Some(signal)) => format!("died of signal {signal}"),
        (None, None) => "ended".to_owned(),
    }
}
