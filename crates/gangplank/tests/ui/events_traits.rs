//! Events that wait or answer.

#[gangplank::events]
pub trait Waiting {
    async fn fired(&self);
}

#[gangplank::events]
pub trait Answering {
    fn fired(&self) -> bool;
}

#[gangplank::events]
pub trait Borrowing {
    fn fired(&self, text: &str);
}

fn main() {}
