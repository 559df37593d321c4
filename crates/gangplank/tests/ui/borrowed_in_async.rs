//! An argument that would have to outlive its call.

#[gangplank::function]
pub async fn greet(name: &str) -> String {
    format!("hello, {name}")
}

#[gangplank::function]
pub fn keep(name: &'static str) -> u64 {
    name.len() as u64
}

#[gangplank::function]
pub fn fill(buffer: &mut [u8]) {
    buffer.fill(0);
}

#[gangplank::function]
pub fn name() -> &'static str {
    "name"
}

fn main() {}
