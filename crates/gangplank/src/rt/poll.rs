//! Polling a future on the caller's thread.
//!
//! Comes in: a pinned future. Goes out: its output, if a few polls are enough. A future that wakes itself while it is
//! polled is polled again; one that waits for something else is left for the executor, which polls it once more with a
//! waker of its own. So nothing depends on a late wake-up of this waker.

use std::pin::Pin;
use std::sync::atomic::AtomicBool;
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

use super::sync::Ordering;

/// How often a future is polled before it moves to the executor.
const POLLS: usize = 4;

/// Polls until the future is ready or does not ask for another poll. `woken` belongs to this thread for the time being.
#[inline]
pub(crate) fn inline<F: Future + ?Sized>(
    mut future: Pin<&mut F>,
    woken: &'static AtomicBool,
) -> Poll<F::Output> {
    let waker = waker(woken);
    let mut context = Context::from_waker(&waker);
    for _ in 0..POLLS {
        woken.store(false, Ordering::Relaxed);
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Poll::Ready(output);
        }
        if !woken.load(Ordering::Relaxed) {
            break;
        }
    }
    Poll::Pending
}

static VTABLE: RawWakerVTable =
    RawWakerVTable::new(|flag| RawWaker::new(flag, &VTABLE), set, set, |_| ());

/// A waker that sets a flag; cloning it allocates nothing.
fn waker(flag: &'static AtomicBool) -> Waker {
    let data: *const AtomicBool = flag;
    // SAFETY: `data` lives for ever and may be used from any thread; the functions of `VTABLE` only store to it.
    unsafe { Waker::from_raw(RawWaker::new(data.cast(), &VTABLE)) }
}

unsafe fn set(flag: *const ()) {
    // SAFETY: only `waker` makes wakers with this table, from a `&'static AtomicBool`.
    unsafe { (*flag.cast::<AtomicBool>()).store(true, Ordering::Relaxed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;

    /// Polls `future` inline on a thread with a flag of its own.
    fn run<F: Future>(future: F) -> Poll<F::Output> {
        inline(pin!(future), Box::leak(Box::new(AtomicBool::new(false))))
    }

    /// Ready at the given poll; wakes itself if asked to.
    fn at(ready: usize, wakes: bool) -> impl Future<Output = usize> {
        let mut polls = 0;
        std::future::poll_fn(move |context| {
            polls += 1;
            if polls == ready {
                return Poll::Ready(polls);
            }
            if wakes {
                context.waker().wake_by_ref();
            }
            Poll::Pending
        })
    }

    #[test]
    fn up_to_four_polls_and_only_when_woken() {
        assert_eq!(run(at(1, false)), Poll::Ready(1));
        assert_eq!(run(at(4, true)), Poll::Ready(4));
        assert_eq!(run(at(5, true)), Poll::Pending);
        assert_eq!(run(at(2, false)), Poll::Pending);
    }
}
