//! Which thread is inside which call.
//!
//! Comes in: the start and end of sync calls and of polls, on their own thread. Goes out: whether this thread is inside a
//! call of an object (such a close must not wait for itself), and what is running on an object (so that a close which
//! gives up can name it). Each thread writes only its own record; entering costs two stores.

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32};

use super::sync::{AtomicU64, Ordering, lock};

/// What the runtime knows about an exported function.
#[derive(Debug)]
pub struct FnMeta {
    /// `my_timer::Timer::echo`, for messages.
    pub path: &'static str,
}

/// Frames that a record holds in place; deeper ones go behind a lock.
const SHALLOW: usize = 8;

/// What one thread is doing. Records live for ever and are used again by later threads, so a pointer into one is always
/// valid.
pub(crate) struct Record {
    frames: [Frame; SHALLOW],
    depth: AtomicU32,
    deep: Mutex<Vec<(u64, &'static FnMeta)>>,
    /// Set by the waker of inline polls on this thread.
    pub(crate) woken: AtomicBool,
}

struct Frame {
    handle: AtomicU64,
    meta: AtomicPtr<FnMeta>,
}

static ALL: Mutex<Vec<&'static Record>> = Mutex::new(Vec::new());
static SPARE: Mutex<Vec<&'static Record>> = Mutex::new(Vec::new());

/// A thread's hold on its record.
struct Lease(Cell<Option<&'static Record>>);

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(record) = self.0.get() {
            lock(&SPARE).push(record);
        }
    }
}

thread_local! {
    static LEASE: Lease = const { Lease(Cell::new(None)) };
}

/// This thread's record; `None` while the thread's storage is being torn down.
#[inline]
pub(crate) fn record() -> Option<&'static Record> {
    LEASE
        .try_with(|lease| lease.0.get().unwrap_or_else(|| lend(lease)))
        .ok()
}

#[cold]
fn lend(lease: &Lease) -> &'static Record {
    let spare = lock(&SPARE).pop();
    let record = spare.unwrap_or_else(|| {
        let empty = || Frame {
            handle: AtomicU64::new(0),
            meta: AtomicPtr::new(std::ptr::null_mut()),
        };
        let record: &'static Record = Box::leak(Box::new(Record {
            frames: std::array::from_fn(|_| empty()),
            depth: AtomicU32::new(0),
            deep: Mutex::new(Vec::new()),
            woken: AtomicBool::new(false),
        }));
        lock(&ALL).push(record);
        record
    });
    lease.0.set(Some(record));
    record
}

/// This thread is inside a call for as long as this lives. Dropped in reverse order of creation, on the same thread.
pub struct Running {
    record: Option<&'static Record>,
    /// Not `Send`.
    thread: PhantomData<*const ()>,
}

/// Marks this thread as running `meta` of `handle`.
#[inline]
pub fn running(handle: u64, meta: &'static FnMeta) -> Running {
    let record = if handle == 0 { None } else { record() };
    if let Some(record) = record {
        record.push(handle, meta);
    }
    Running {
        record,
        thread: PhantomData,
    }
}

impl Drop for Running {
    #[inline]
    fn drop(&mut self) {
        if let Some(record) = self.record {
            record.pop();
        }
    }
}

impl Record {
    #[inline]
    fn push(&self, handle: u64, meta: &'static FnMeta) {
        let depth = self.depth.load(Ordering::Relaxed) as usize;
        match self.frames.get(depth) {
            Some(frame) => {
                frame
                    .meta
                    .store(std::ptr::from_ref(meta).cast_mut(), Ordering::Relaxed);
                frame.handle.store(handle, Ordering::Release);
            }
            None => self.push_deep(handle, meta),
        }
        self.depth.store(depth as u32 + 1, Ordering::Relaxed);
    }

    #[inline]
    fn pop(&self) {
        let depth = self.depth.load(Ordering::Relaxed).wrapping_sub(1) as usize;
        self.depth.store(depth as u32, Ordering::Relaxed);
        match self.frames.get(depth) {
            Some(frame) => frame.handle.store(0, Ordering::Release),
            None => self.pop_deep(),
        }
    }

    #[cold]
    fn push_deep(&self, handle: u64, meta: &'static FnMeta) {
        lock(&self.deep).push((handle, meta));
    }

    #[cold]
    fn pop_deep(&self) {
        lock(&self.deep).pop();
    }

    /// The functions of `handle` that this record is inside. Another thread's record may move on while it is read: a
    /// name may then be missing or be that of the object's next call.
    fn paths(&self, handle: u64, found: &mut Vec<&'static str>) {
        for frame in self
            .frames
            .iter()
            .filter(|frame| frame.handle.load(Ordering::Acquire) == handle)
        {
            let meta = frame.meta.load(Ordering::Relaxed);
            // SAFETY: a frame's `meta` is NULL or came from a `&'static FnMeta`.
            if let Some(meta) = unsafe { meta.as_ref() } {
                found.push(meta.path);
            }
        }
        found.extend(
            lock(&self.deep)
                .iter()
                .filter(|(other, _)| *other == handle)
                .map(|(_, meta)| meta.path),
        );
    }
}

/// Whether this thread is inside a call of `handle`.
pub(crate) fn inside(handle: u64) -> bool {
    let mut found = Vec::new();
    if let Some(record) = record() {
        record.paths(handle, &mut found);
    }
    !found.is_empty()
}

/// The functions of `handle` that run on any thread, each once.
pub(crate) fn paths(handle: u64) -> Vec<&'static str> {
    let mut found = Vec::new();
    for record in lock(&ALL).iter() {
        record.paths(handle, &mut found);
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    static ONE: FnMeta = FnMeta {
        path: "demo::Thing::one",
    };
    static TWO: FnMeta = FnMeta {
        path: "demo::Thing::two",
    };

    #[test]
    fn nested_deeper_than_a_record_holds() {
        let handle = 0xabcd_0000_0001;
        let frames: Vec<_> = (0..20)
            .map(|n| running(handle + n, if n == 19 { &TWO } else { &ONE }))
            .collect();
        assert!((0..20).all(|n| inside(handle + n)));
        assert_eq!(paths(handle + 19), [TWO.path]);
        frames.into_iter().rev().for_each(drop);
        assert!((0..20).all(|n| !inside(handle + n)));
        assert!(paths(handle).is_empty());
    }

    #[test]
    fn seen_from_other_threads_and_records_are_used_again() {
        let handle = 0xabcd_0000_0100;
        for _ in 0..3 {
            let (entered, leave) = (std::sync::Barrier::new(2), std::sync::Barrier::new(2));
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    let _running = running(handle, &ONE);
                    entered.wait();
                    leave.wait();
                });
                entered.wait();
                assert_eq!(paths(handle), [ONE.path]);
                assert!(!inside(handle));
                leave.wait();
            });
            assert!(paths(handle).is_empty());
        }
    }
}
