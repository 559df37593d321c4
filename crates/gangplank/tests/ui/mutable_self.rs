//! A method that wants the object for itself.

pub struct Counter(u64);

#[gangplank::object]
impl Counter {
    pub fn increment(&mut self) {
        self.0 += 1;
    }

    pub fn finish(self) -> u64 {
        self.0
    }
}

fn main() {}
