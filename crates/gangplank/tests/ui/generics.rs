//! Type parameters, which the other side has no way to give.

#[gangplank::record]
pub struct Pair<T> {
    pub left: T,
}

#[gangplank::function]
pub fn first<T>(items: Vec<T>) -> T {
    items.into_iter().next().unwrap()
}

#[gangplank::function]
pub fn longest<'a>(left: &'a str, right: &'a str) -> String {
    if left.len() > right.len() { left.to_owned() } else { right.to_owned() }
}

fn main() {}
