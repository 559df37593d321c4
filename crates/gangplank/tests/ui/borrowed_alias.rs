//! Borrowed for ever behind an alias, which tokens do not show.

type Key = &'static str;

#[gangplank::function]
pub fn remember(key: Key) -> u64 {
    key.len() as u64
}

#[gangplank::function]
pub async fn remember_later(key: Key) -> u64 {
    key.len() as u64
}

fn main() {}
