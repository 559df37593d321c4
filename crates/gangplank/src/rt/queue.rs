//! The queue for hosts with an event loop of their own.
//!
//! Comes in: completions, host calls, cancels, events, releases and log records, from any thread. Goes out: records,
//! drained by one thread at a time, and an edge on a descriptor when records arrive after a drain that found nothing.
//!
//! What a record points to is kept alive here until the next drain, also when the guest has given up on it meanwhile.

use std::cell::Cell;
use std::collections::VecDeque;
use std::mem::MaybeUninit;
use std::sync::Arc;

use core::ffi::c_void;

use super::guard;
use super::listeners::{Listener, Taken};
use super::log::Waiting;
use super::sync::modelled::{self, Mutex, lock};
use super::wake::Wake;
use crate::abi::{
    RECORD_COMPLETION, RECORD_EVENT, RECORD_HOST_CALL, RECORD_HOST_CANCEL, RECORD_LOG, RECORD_LOST,
    RECORD_RELEASE, RawRecord,
};
use crate::memory::Lowered;

/// One thing to tell the host.
pub(crate) enum Item {
    Completion {
        status: i32,
        key: u64,
    },
    HostCall {
        key: u64,
        call_id: u64,
        request: Data,
    },
    HostCancel {
        key: u64,
        call_id: u64,
        why: i32,
        request: Option<Arc<dyn Shown>>,
    },
    /// The next event of this listener.
    Next(Arc<Listener>),
    /// What was lost for this listener, if no event has told it meanwhile.
    Lost(Arc<Listener>),
    /// An event that the dispatcher had already taken.
    Event {
        key: u64,
        dropped: u64,
        event: Data,
    },
    Release {
        key: u64,
    },
    Log(Waiting),
}

/// What the host is shown in a callback: something that owns the memory behind a pointer.
pub(crate) trait Shown: Send + Sync {
    /// Where that memory is.
    fn as_ptr(&self) -> *const c_void;
}

impl Shown for Lowered {
    fn as_ptr(&self) -> *const c_void {
        self.as_ptr()
    }
}

/// What a record points to, kept alive if the library knows its owner.
pub(crate) struct Data {
    ptr: *const c_void,
    keep: Option<Arc<dyn Shown>>,
}

// SAFETY: the pointer is only passed on, to a host that reads what `keep` owns.
unsafe impl Send for Data {}

struct Queue {
    items: VecDeque<Item>,
    /// A drain has found nothing since the last edge.
    armed: bool,
    /// Made once and kept for ever, so it can be used when the lock has been left.
    wake: Option<&'static Wake>,
}

/// What the host's drains have come to.
struct Held {
    /// What the records of the last one point to.
    data: Vec<Arc<dyn Shown>>,
    /// What was taken out of the queue and had no room in a drain yet.
    batch: VecDeque<Item>,
}

modelled::shared! {
    static QUEUE: Mutex<Queue> = Mutex::new(Queue {
        items: VecDeque::new(),
        armed: true,
        wake: None,
    });
    static HELD: Mutex<Held> = Mutex::new(Held {
        data: Vec::new(),
        batch: VecDeque::new(),
    });
    /// The listeners that ended in the last drain.
    static ENDED: Mutex<Vec<Arc<Listener>>> = Mutex::new(Vec::new());
}

/// Appends one item.
pub(crate) fn push(item: Item) {
    let mut queue = lock(&QUEUE);
    queue.items.push_back(item);
    let wake = match std::mem::replace(&mut queue.armed, false) {
        true => queue.wake,
        false => None,
    };
    // Others need not wait for the system call. An edge that comes after somebody has drained tells of nothing new.
    drop(queue);
    if let Some(wake) = wake {
        wake.signal();
    }
}

/// The descriptor, made at the first use.
pub(crate) fn fd() -> std::io::Result<i32> {
    let mut queue = lock(&QUEUE);
    if let Some(wake) = &queue.wake {
        return Ok(wake.fd());
    }
    let wake: &'static Wake = Box::leak(Box::new(Wake::new()?));
    // Something was pushed since a drain found nothing; it may be what a drain has put aside.
    if !queue.armed {
        wake.signal();
    }
    let fd = wake.fd();
    queue.wake = Some(wake);
    Ok(fd)
}

/// Moves records into `out` and returns how many. 0: there are none, and the next one makes an edge.
pub(crate) fn drain(out: &mut [MaybeUninit<RawRecord>]) -> usize {
    // The records of the last drain have been handled: their listeners' `user_data` can go.
    // Taken out first: a release callback may use the library.
    let ended = std::mem::take(&mut *lock(&ENDED));
    for listener in ended {
        listener.finish();
    }
    let mut shown = std::mem::take(&mut lock(&HELD).data);
    for owner in shown.drain(..) {
        // What a host call owned can be dropped here last, and some of it is the user's.
        guard::report("the drop of what the host was shown", || drop(owner));
    }
    let mut held = lock(&HELD);
    let Held { data, batch } = &mut *held;
    *data = shown;
    let mut count = 0;
    while count < out.len() {
        if batch.is_empty() && !refill(batch, count == 0) {
            break;
        }
        let next = batch.drain(..batch.len().min(out.len() - count));
        for item in next {
            if let Some(record) = record(item, data) {
                out[count].write(record);
                count += 1;
            }
        }
    }
    count
}

/// Takes everything out of the queue, at once, because others wait meanwhile; false: it was empty. Arms the descriptor
/// then, if asked to.
fn refill(batch: &mut VecDeque<Item>, arm: bool) -> bool {
    let mut queue = lock(&QUEUE);
    if queue.items.is_empty() {
        if arm {
            queue.armed = true;
            if let Some(wake) = &queue.wake {
                wake.rearm();
            }
        }
        return false;
    }
    std::mem::swap(batch, &mut queue.items);
    true
}

/// One item as the host sees it; `None` for an event whose listener has been removed.
fn record(item: Item, data: &mut Vec<Arc<dyn Shown>>) -> Option<RawRecord> {
    let empty = RawRecord {
        kind: 0,
        status: 0,
        key: 0,
        id: 0,
        data: std::ptr::null(),
    };
    let mut keep = |kept: Data| {
        data.extend(kept.keep);
        kept.ptr
    };
    Some(match item {
        Item::Completion { status, key } => RawRecord {
            kind: RECORD_COMPLETION,
            status,
            key,
            ..empty
        },
        Item::HostCall {
            key,
            call_id,
            request,
        } => RawRecord {
            kind: RECORD_HOST_CALL,
            key,
            id: call_id,
            data: keep(request),
            ..empty
        },
        Item::HostCancel {
            key,
            call_id,
            why,
            request,
        } => {
            data.extend(request);
            RawRecord {
                kind: RECORD_HOST_CANCEL,
                status: why,
                key,
                id: call_id,
                ..empty
            }
        }
        Item::Event {
            key,
            dropped,
            event,
        } => RawRecord {
            kind: RECORD_EVENT,
            key,
            id: dropped,
            data: keep(event),
            ..empty
        },
        Item::Next(listener) => {
            let Taken {
                event,
                dropped,
                last,
            } = listener.take()?;
            let record = RawRecord {
                kind: RECORD_EVENT,
                key: listener.key(),
                id: dropped,
                data: event.as_ptr(),
                ..empty
            };
            data.push(event);
            if last {
                lock(&ENDED).push(listener);
            }
            record
        }
        Item::Lost(listener) => {
            let (lost, last) = listener.take_lost();
            let key = listener.key();
            if last {
                lock(&ENDED).push(listener);
            }
            RawRecord {
                kind: RECORD_LOST,
                key,
                id: lost?,
                ..empty
            }
        }
        Item::Release { key } => RawRecord {
            kind: RECORD_RELEASE,
            key,
            ..empty
        },
        Item::Log(waiting) => {
            let record = RawRecord {
                kind: RECORD_LOG,
                key: waiting.key,
                id: waiting.dropped,
                data: waiting.record.as_ptr(),
                ..empty
            };
            data.push(waiting.record);
            record
        }
    })
}

/// What the queue's callbacks cannot see from their arguments, which are those of any host.
struct Showing {
    /// Owns the memory that the callback is shown.
    owner: Arc<dyn Shown>,
    /// The `status` of the record.
    status: i32,
}

thread_local! {
    /// What the host's callback on this thread is being shown.
    static SHOWN: Cell<Option<Showing>> = const { Cell::new(None) };
}

/// Runs a host's callback that is shown `owner`. If the callback is one of the queue's, the record keeps the owner and
/// has this status.
pub(crate) fn showing<R>(owner: Arc<dyn Shown>, status: i32, callback: impl FnOnce() -> R) -> R {
    let showing = Showing { owner, status };
    let before = SHOWN
        .try_with(|shown| shown.replace(Some(showing)))
        .ok()
        .flatten();
    let result = callback();
    let _ = SHOWN.try_with(|shown| shown.replace(before));
    result
}

/// The owner of what is being shown on this thread, and the status to tell with it.
pub(crate) fn shown() -> Option<(Arc<dyn Shown>, i32)> {
    SHOWN
        .try_with(|shown| {
            let showing = shown.take();
            let found = showing
                .as_ref()
                .map(|showing| (showing.owner.clone(), showing.status));
            shown.set(showing);
            found
        })
        .ok()
        .flatten()
}

/// A pointer passed to one of the queue's callbacks, with its owner if the library is the one who passed it.
pub(crate) fn data(ptr: *const c_void) -> Data {
    Data {
        ptr,
        keep: shown()
            .map(|(owner, _)| owner)
            .filter(|owner| owner.as_ptr() == ptr),
    }
}
