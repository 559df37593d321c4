//! A constant of a type that has no literal in other languages.

#[gangplank::constant]
pub const FLAG: Option<bool> = None;

fn main() {}
