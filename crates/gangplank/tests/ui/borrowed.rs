//! What can be borrowed for a call, and what cannot.

type Sample = f32;

#[gangplank::function]
pub fn may(text: &str, octets: &[u8], samples: &[Sample]) -> u64 {
    (text.len() + octets.len() + samples.len()) as u64
}

#[gangplank::function]
pub fn text(text: &String) -> u64 {
    text.len() as u64
}

fn main() {}
