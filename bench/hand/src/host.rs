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

/// Tells Go when nobody waits for its answer any more.
struct Asked(u64);

impl Drop for Asked {
    fn drop(&mut self) {
        if lock(&WAITING).remove(&self.0).is_some() {
            queue::push(Item {
                kind: queue::GIVEN_UP,
                key: self.0,
                value: 0,
                text: String::new(),
            });
        }
    }
}

/// As [`answer`], with an end on both sides when one of them gives up.
async fn answer_or_give_up(value: i64) -> Option<i64> {
    let (sender, receiver) = oneshot::channel();
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    lock(&WAITING).insert(id, sender);
    let _asked = Asked(id);
    queue::push(Item {
        kind: queue::REQUEST_OR_GIVE_UP,
        key: id,
        value,
        text: String::new(),
    });
    receiver.await.ok()
}

/// Go has no answer to request `id`.
#[unsafe(no_mangle)]
extern "C" fn hand_refuse(id: u64) {
    lock(&WAITING).remove(&id);
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
    ask(count, outstanding, key, answer);
}

/// The same with requests that can be given up.
#[unsafe(no_mangle)]
extern "C" fn hand_ask_or_give_up(count: u32, outstanding: u32, key: u64) {
    ask(count, outstanding, key, answer_or_give_up);
}

fn ask<F>(count: u32, outstanding: u32, key: u64, answer: fn(i64) -> F)
where
    F: Future<Output = Option<i64>> + Send + 'static,
{
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
