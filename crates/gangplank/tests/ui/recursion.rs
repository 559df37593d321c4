//! A record inside itself without a list or a box between.

#[gangplank::record]
pub struct Node {
    pub next: Option<Node>,
}

fn main() {}
