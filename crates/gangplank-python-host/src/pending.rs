//! A call that may complete later: what belongs to the library until it has, and how its end comes back to Python.
//!
//! Comes in: a completion, on any thread. Goes out: the call on the queue of the event loop that waits for it, without
//! Python's lock. Who frees a call follows from its state, which changes by one swap:
//!
//! | from | to | by | then |
//! | --- | --- | --- | --- |
//! | started | waiting | the caller, when the library said "pending" | the loop's queue will have it |
//! | started | ended | the library | the caller, which is still inside the call, takes the result |
//! | waiting | ended | the library | it is on the queue, whose reader frees it or gives it to its awaitable |
//! | waiting | abandoned | the awaitable, that is gone | the library's completion leaves it to the next reader |
//! | ended | abandoned | the awaitable, that is gone | it takes the call off the queue; else whoever has emptied that frees it, or the library, which comes to fill it, leaves it to the next reader |

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use xllr::abi::RawCall;

use crate::errors;
use crate::frame::Room;
use crate::function::{Ended, Function};

const STARTED: u8 = 0;
const WAITING: u8 = 1;
const ENDED: u8 = 2;
const ABANDONED: u8 = 3;

const SCRATCH: usize = 1024;

/// A call. Invariant: until it has ended, `call`, `out` and `status` are the library's; `owner` and `delivered` are touched
/// with Python's lock only.
pub(crate) struct Pending {
    pub(crate) call: Ended,
    pub(crate) status: i32,
    pub(crate) function: &'static Function,
    pub(crate) out: *mut u8,
    /// The awaitable that waits, or NULL.
    pub(crate) owner: *mut c_void,
    /// Whether the loop has learnt of its end.
    pub(crate) delivered: bool,
    state: AtomicU8,
    wake: Option<Arc<Wake>>,
    room: Room,
    scratch: MaybeUninit<[u128; SCRATCH / 16]>,
}

/// A call on its way between threads.
struct Sent(*mut Pending);

// SAFETY: whoever holds it is the only one who does, by the table above.
unsafe impl Send for Sent {}

/// Calls that nobody waits for any longer; the next reader frees them, with Python's lock.
static LEFT: Mutex<Vec<Sent>> = Mutex::new(Vec::new());
static ANY_LEFT: AtomicBool = AtomicBool::new(false);
/// Memory of calls that have ended, for the next ones.
static SPARE: Mutex<Vec<Sent>> = Mutex::new(Vec::new());
const SPARES: usize = 64;

/// A mutex, whoever has panicked with it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pending {
    /// A call of this function that has not started.
    pub(crate) fn take(function: &'static Function) -> *mut Self {
        let spare = lock(&SPARE).pop();
        let pending = match spare {
            Some(Sent(pending)) => pending,
            None => Box::into_raw(Box::new(Self {
                call: Ended(RawCall::new()),
                status: 0,
                function,
                out: std::ptr::null_mut(),
                owner: std::ptr::null_mut(),
                delivered: false,
                state: AtomicU8::new(STARTED),
                wake: None,
                room: Room::new(),
                scratch: MaybeUninit::uninit(),
            })),
        };
        // SAFETY: it is nobody else's, and does not move any more.
        unsafe {
            let this = &mut *pending;
            this.function = function;
            this.status = 0;
            this.delivered = false;
            this.state.store(STARTED, Ordering::Relaxed);
            this.call.0 = RawCall::with_scratch(this.scratch.as_mut_ptr().cast(), SCRATCH);
            this.out = this.room.place(function.results_size());
        }
        pending
    }

    /// Gives its memory back.
    ///
    /// # Safety
    /// It has ended or never started, and nobody else has it.
    pub(crate) unsafe fn free(this: *mut Self) {
        // SAFETY: the caller's promise.
        unsafe {
            (*this).call = Ended(RawCall::new());
            (*this).wake = None;
            (*this).owner = std::ptr::null_mut();
        }
        let mut spare = lock(&SPARE);
        match spare.len() < SPARES {
            true => spare.push(Sent(this)),
            // SAFETY: as above; it came from a box.
            false => drop(unsafe { Box::from_raw(this) }),
        }
    }

    /// Says which loop is to learn of the end; false: it has ended already.
    ///
    /// # Safety
    /// The library has said that the call is pending, and nobody else has asked.
    pub(crate) unsafe fn wait(this: *mut Self, wake: &Arc<Wake>) -> bool {
        // SAFETY: the caller's promise: the library does not touch `wake` in this state.
        unsafe {
            (*this).wake = Some(Arc::clone(wake));
            let state = &(*this).state;
            let waiting =
                state.compare_exchange(STARTED, WAITING, Ordering::AcqRel, Ordering::Acquire);
            waiting.is_ok()
        }
    }

    /// Leaves a call to itself; true: it has ended and is the caller's to free.
    ///
    /// # Safety
    /// The library has said that the call is pending; this thread holds Python's lock and is the one that waits.
    pub(crate) unsafe fn abandon(this: *mut Self) -> bool {
        // SAFETY: the caller's promise.
        unsafe {
            (*this).owner = std::ptr::null_mut();
            if (*this).delivered {
                return true;
            }
            if (*this).state.swap(ABANDONED, Ordering::AcqRel) != ENDED {
                return false;
            }
            // It has ended before it was said who waits: nobody else knows of it. Or the queue has it, whose loop may be
            // closed and read no more.
            match (*this).wake.clone() {
                None => true,
                Some(wake) => wake.take_back(this),
            }
        }
    }
}

/// The library's completion of a call; `user_data` is the call.
pub(crate) unsafe extern "C" fn done(user_data: *mut c_void, _: *mut RawCall, status: i32) {
    let this = user_data.cast::<Pending>();
    // SAFETY: the library runs this once for a call that is pending; whose the call is then says its state.
    unsafe {
        (*this).status = status;
        // By the time of the swap somebody else may have the call.
        let state: *const AtomicU8 = &raw const (*this).state;
        match (*state).swap(ENDED, Ordering::AcqRel) {
            WAITING => {
                if let Some(wake) = (*this).wake.clone()
                    && !wake.push(Sent(this))
                {
                    leave(Sent(this));
                }
            }
            ABANDONED => leave(Sent(this)),
            _ => {}
        }
    }
}

fn leave(pending: Sent) {
    lock(&LEFT).push(pending);
    ANY_LEFT.store(true, Ordering::Release);
}

/// Calls that nobody waits for and that have ended, for whoever holds Python's lock to free.
#[inline]
pub(crate) fn left() -> Vec<*mut Pending> {
    match ANY_LEFT.load(Ordering::Relaxed) {
        true => take_left(),
        false => Vec::new(),
    }
}

#[cold]
fn take_left() -> Vec<*mut Pending> {
    let mut left = lock(&LEFT);
    ANY_LEFT.store(false, Ordering::Relaxed);
    left.drain(..).map(|Sent(pending)| pending).collect()
}

/// How an event loop learns of ends: a queue, and a descriptor that is readable while there is something in it.
pub(crate) struct Wake {
    queue: Mutex<Vec<Sent>>,
    read: OwnedFd,
    write: OwnedFd,
}

impl Wake {
    /// A pipe: both of its ends stay ours, whatever becomes of the loop.
    pub(crate) fn new() -> std::io::Result<Arc<Self>> {
        let [read, write] = pipe()?;
        Ok(Arc::new(Self {
            queue: Mutex::default(),
            read,
            write,
        }))
    }

    /// What the loop watches.
    pub(crate) fn fd(&self) -> i32 {
        self.read.as_raw_fd()
    }

    /// Puts a call that has ended into the queue; false: it was abandoned since. Who abandons it after this look finds it in
    /// the queue, by the same lock; a loop that is closed would never read it.
    fn push(&self, pending: Sent) -> bool {
        let first = {
            let mut queue = lock(&self.queue);
            // SAFETY: nobody frees a call that has ended before it was in the queue.
            let state = unsafe { &(*pending.0).state };
            if state.load(Ordering::Acquire) == ABANDONED {
                return false;
            }
            queue.push(pending);
            queue.len() == 1
        };
        if first {
            // SAFETY: one byte; a full pipe is readable anyway.
            let _ = unsafe { libc::write(self.write.as_raw_fd(), c"".as_ptr().cast(), 1) };
        }
        true
    }

    /// Whether a call was in the queue, in which it is no longer.
    fn take_back(&self, pending: *mut Pending) -> bool {
        let mut queue = lock(&self.queue);
        let place = queue.iter().position(|Sent(other)| *other == pending);
        place.map(|place| queue.remove(place)).is_some()
    }

    /// What has ended since the last time.
    pub(crate) fn drain(&self) -> Vec<*mut Pending> {
        let mut bytes = [0_u8; 64];
        // SAFETY: a place for that many bytes. Before the queue is emptied: what comes later writes again.
        while unsafe { libc::read(self.read.as_raw_fd(), bytes.as_mut_ptr().cast(), 64) } == 64 {}
        let queue = std::mem::take(&mut *lock(&self.queue));
        queue.into_iter().map(|Sent(pending)| pending).collect()
    }
}

/// A pipe that no program which another thread starts meanwhile gets.
#[cfg(target_os = "linux")]
fn pipe() -> std::io::Result<[OwnedFd; 2]> {
    let mut ends = [0; 2];
    // SAFETY: a place for two descriptors, which are then ours alone.
    unsafe {
        if libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC | libc::O_NONBLOCK) != 0 {
            return Err(std::io::Error::last_os_error());
        }
        Ok(ends.map(|end| OwnedFd::from_raw_fd(end)))
    }
}

/// Where there is no `pipe2`, as on macOS.
#[cfg(not(target_os = "linux"))]
fn pipe() -> std::io::Result<[OwnedFd; 2]> {
    let mut ends = [0; 2];
    // SAFETY: a place for two descriptors, which are then ours alone.
    unsafe {
        if libc::pipe(ends.as_mut_ptr()) != 0 {
            return Err(std::io::Error::last_os_error());
        }
        for end in ends {
            libc::fcntl(end, libc::F_SETFD, libc::FD_CLOEXEC);
            libc::fcntl(end, libc::F_SETFL, libc::O_NONBLOCK);
        }
        Ok(ends.map(|end| OwnedFd::from_raw_fd(end)))
    }
}

/// Whether a status says that a call will complete later.
pub(crate) fn is_pending(status: i32) -> bool {
    status == errors::PENDING
}
