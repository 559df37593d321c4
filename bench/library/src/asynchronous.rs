//! Async functions: without a pause, with one that ends at once, and with one that needs another thread.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Is ready at its first poll.
#[gangplank::function]
pub async fn ready(value: i64) -> i64 {
    value
}

/// Wakes itself once and is ready at its second poll.
#[gangplank::function]
pub async fn wakes_once(value: i64) -> i64 {
    WakesOnce(false).await;
    value
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

/// Runs on the executor from its first poll on.
#[gangplank::function(hop)]
pub async fn hop(value: i64) -> i64 {
    value
}
