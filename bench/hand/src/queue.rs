//! What Go is told: one queue, an armed flag, one `eventfd`.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write as _;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use crate::values::RawText;

/// The kinds of a record, as in `hand.h`.
pub(crate) const COMPLETION: u32 = 1;
pub(crate) const REQUEST: u32 = 2;
pub(crate) const EVENT: u32 = 3;
pub(crate) const CANCELLED: u32 = 4;
pub(crate) const GIVEN_UP: u32 = 5;
pub(crate) const REQUEST_OR_GIVE_UP: u32 = 6;

/// `struct hand_record`.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct RawRecord {
    pub(crate) kind: u32,
    pub(crate) key: u64,
    pub(crate) value: i64,
    pub(crate) text: RawText,
}

/// A record and the text in it.
pub(crate) struct Item {
    pub(crate) kind: u32,
    pub(crate) key: u64,
    pub(crate) value: i64,
    pub(crate) text: String,
}

struct Queue {
    items: VecDeque<Item>,
    /// A drain has found nothing since the last edge.
    armed: bool,
    /// What the last drain handed out.
    shown: Vec<Item>,
}

static WAKE: LazyLock<Option<File>> = LazyLock::new(|| {
    // SAFETY: no memory is passed.
    let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
    // SAFETY: it was just made, and nobody else owns it.
    (fd >= 0).then(|| File::from(unsafe { OwnedFd::from_raw_fd(fd) }))
});

static QUEUE: Mutex<Queue> = Mutex::new(Queue {
    items: VecDeque::new(),
    armed: true,
    shown: Vec::new(),
});

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Appends an item.
pub(crate) fn push(item: Item) {
    let mut queue = lock(&QUEUE);
    queue.items.push_back(item);
    let armed = std::mem::replace(&mut queue.armed, false);
    drop(queue);
    if let (true, Some(wake)) = (armed, &*WAKE) {
        // An `eventfd` that is full has been written to, which is as good.
        let _ = { wake }.write(&1_u64.to_ne_bytes());
    }
}

#[unsafe(no_mangle)]
extern "C" fn hand_queue_fd() -> i32 {
    WAKE.as_ref().map_or(-1, AsRawFd::as_raw_fd)
}

/// Moves up to `room` records to `to`; their texts live until the next drain.
///
/// # Safety
/// There is that much room; one thread at a time.
#[unsafe(no_mangle)]
unsafe extern "C" fn hand_drain(to: *mut RawRecord, room: usize) -> usize {
    let mut queue = lock(&QUEUE);
    let queue = &mut *queue;
    queue.shown.clear();
    queue.armed = queue.items.is_empty();
    let count = room.min(queue.items.len());
    queue.shown.extend(queue.items.drain(..count));
    for (index, item) in queue.shown.iter().enumerate() {
        let record = RawRecord {
            kind: item.kind,
            key: item.key,
            value: item.value,
            text: RawText {
                ptr: item.text.as_ptr(),
                len: item.text.len(),
            },
        };
        // SAFETY: `index` is below `room`.
        unsafe { to.add(index).write(record) }
    }
    count
}
