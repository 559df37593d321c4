//! Enums in the wrong kind.

#[gangplank::enumeration]
pub enum Shape {
    Circle(f64),
}

#[gangplank::enumeration]
pub enum Never {}

#[gangplank::error]
pub enum Unexplained {
    Nothing,
    /// {size} is too much
    TooMuch { length: u64 },
}

#[gangplank::record]
pub struct Tuple(u8);

fn main() {}
