//! A future that holds something of one thread across an await.

use std::rc::Rc;

async fn pause() {}

#[gangplank::function]
pub async fn count(text: String) -> u64 {
    let shared = Rc::new(text);
    pause().await;
    shared.len() as u64
}

fn main() {}
