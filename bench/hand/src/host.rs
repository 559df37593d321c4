//! Functions of the host: a request goes over the queue, a goroutine answers with a call.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex};

use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::asynchronous::runtime;
use crate::queue::{self, Item, lock};

static NEXT: AtomicU64 = AtomicU64::new(1);
static WAITING: LazyLock<Mutex<HashMap<u64, oneshot::Sender<i64>>>> = LazyLock::new(Mutex::default);

async fn answer(value: i64) -> Option<i64> {
    let (sender, receiver) = oneshot::channel();
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    lock(&WAITING).insert(id, sender);
    queue::push(Item {
        kind: queue::REQUEST,
        key: id,
        value,
        text: String::new(),
    });
    receiver.await.ok()
}

/// Go's answer to request `id`.
#[unsafe(no_mangle)]
extern "C" fn hand_answer(id: u64, value: i64) {
    let sender = lock(&WAITING).remove(&id);
    if let Some(sender) = sender {
        // Nobody waits any more: nobody is told.
        let _ = sender.send(value);
    }
}

/// Asks `count` times, `outstanding` at a time; completes with the sum of the answers.
#[unsafe(no_mangle)]
extern "C" fn hand_ask(count: u32, outstanding: u32, key: u64) {
    runtime().spawn(async move {
        let mut tasks = JoinSet::new();
        for task in 0..outstanding {
            let own = count / outstanding + u32::from(task < count % outstanding);
            tasks.spawn(async move {
                let mut sum = 0_i64;
                for value in 0..own {
                    sum += answer(i64::from(value)).await.unwrap_or_default();
                }
                sum
            });
        }
        let mut value = 0;
        while let Some(part) = tasks.join_next().await {
            value += part.unwrap_or_default();
        }
        queue::push(Item {
            kind: queue::COMPLETION,
            key,
            value,
            text: String::new(),
        });
    });
}
