//! Async functions: polled on the caller's thread, spawned when that is not enough.

use std::future::Future;
use std::pin::Pin;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

use tokio::runtime::Runtime;

use crate::queue::{self, Item};

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
