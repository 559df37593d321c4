//! Async functions: polled on the caller's thread, spawned when that is not enough.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard};
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

use tokio::runtime::Runtime;
use tokio::task::AbortHandle;

use crate::queue::{self, Item, lock};

/// `struct hand_started`.
#[repr(C)]
struct RawStarted {
    value: i64,
    /// 0: `value` is the result; 1: the queue will bring it.
    pending: i32,
}

static RUNTIME: LazyLock<Option<Runtime>> = LazyLock::new(|| Runtime::new().ok());

pub(crate) fn runtime() -> &'static Runtime {
    // The bench cannot go on without one, and C sees an abort.
    RUNTIME.as_ref().expect("a runtime")
}

thread_local! {
    static WOKEN: AtomicBool = const { AtomicBool::new(false) };
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(
    |_| RawWaker::new(std::ptr::null(), &VTABLE),
    |_| WOKEN.with(|woken| woken.store(true, Ordering::Relaxed)),
    |_| WOKEN.with(|woken| woken.store(true, Ordering::Relaxed)),
    |_| (),
);

fn start(key: u64, future: impl Future<Output = i64> + Send + 'static) -> RawStarted {
    let runtime = runtime();
    let _inside = runtime.enter();
    let mut future = Box::pin(future);
    // SAFETY: the functions of `VTABLE` do not look at the data. They set the flag of the thread they run on: a future
    // that is woken elsewhere is spawned, which polls it again.
    let waker = unsafe { Waker::from_raw(RawWaker::new(std::ptr::null(), &VTABLE)) };
    for _ in 0..4 {
        WOKEN.with(|woken| woken.store(false, Ordering::Relaxed));
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return RawStarted { value, pending: 0 };
        }
        if !WOKEN.with(|woken| woken.load(Ordering::Relaxed)) {
            break;
        }
    }
    spawn(key, future)
}

fn spawn(key: u64, future: impl Future<Output = i64> + Send + 'static) -> RawStarted {
    runtime().spawn(async move {
        let value = future.await;
        queue::push(Item {
            kind: queue::COMPLETION,
            key,
            value,
            text: String::new(),
        });
    });
    RawStarted {
        value: 0,
        pending: 1,
    }
}

/// The calls that can be cancelled: behind several locks, by the last digits of their ids.
static CALLS: [Mutex<BTreeMap<u64, Abort>>; 16] = [const { Mutex::new(BTreeMap::new()) }; 16];
static NEXT: AtomicU64 = AtomicU64::new(1);

/// How a call is cancelled.
enum Abort {
    /// It has no task yet.
    Early,
    /// It was cancelled before it had one.
    Wanted,
    Task(AbortHandle),
}

fn calls(id: u64) -> MutexGuard<'static, BTreeMap<u64, Abort>> {
    lock(&CALLS[id as usize % CALLS.len()])
}

/// Ends its call exactly once: with a value, or as cancelled when it is dropped before there is one.
struct Ending {
    id: u64,
    key: u64,
    value: Option<i64>,
}

impl Drop for Ending {
    fn drop(&mut self) {
        // First the id, so that a late cancel finds nothing.
        calls(self.id).remove(&self.id);
        queue::push(Item {
            kind: match self.value {
                Some(_) => queue::COMPLETION,
                None => queue::CANCELLED,
            },
            key: self.key,
            value: self.value.unwrap_or_default(),
            text: String::new(),
        });
    }
}

/// As [`spawn`], for a call that can be cancelled, whose future is gone before it ends, and which ends once whatever
/// happens.
fn spawn_cancellable(key: u64, future: impl Future<Output = i64> + Send + 'static) -> u64 {
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    calls(id).insert(id, Abort::Early);
    let ending = Ending {
        id,
        key,
        value: None,
    };
    let task = runtime().spawn(async move {
        let mut ending = ending; // all of it, not only the field
        ending.value = Some(future.await);
    });
    let abort = task.abort_handle();
    let mut calls = calls(id);
    match calls.get_mut(&id) {
        Some(Abort::Wanted) => abort.abort(),
        Some(entry) => *entry = Abort::Task(abort),
        None => {}
    }
    id
}

/// Asks for the end of call `id`, which completes all the same.
#[unsafe(no_mangle)]
extern "C" fn hand_cancel(id: u64) {
    let mut calls = calls(id);
    let Some(entry) = calls.get_mut(&id) else {
        return;
    };
    if let Abort::Task(abort) = std::mem::replace(entry, Abort::Wanted) {
        drop(calls);
        abort.abort();
    }
}

#[unsafe(no_mangle)]
extern "C" fn hand_hop_cancellable(value: i64, key: u64) -> u64 {
    spawn_cancellable(key, async move { value })
}

struct WakesOnce(bool);

impl Future for WakesOnce {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

#[unsafe(no_mangle)]
extern "C" fn hand_ready(value: i64, key: u64) -> RawStarted {
    start(key, async move { value })
}

#[unsafe(no_mangle)]
extern "C" fn hand_wakes_once(value: i64, key: u64) -> RawStarted {
    start(key, async move {
        WakesOnce(false).await;
        value
    })
}

#[unsafe(no_mangle)]
extern "C" fn hand_hop(value: i64, key: u64) -> RawStarted {
    spawn(key, async move { value })
}
