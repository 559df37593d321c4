//! An object that only one thread may use.

use std::cell::Cell;

pub struct Counter(Cell<u64>);

#[gangplank::object]
impl Counter {
    pub fn value(&self) -> u64 {
        self.0.get()
    }
}

fn main() {}
