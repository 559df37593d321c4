//! Attributes on items that they are not for, words that are no options, and maps with keys that no language has.

use std::collections::HashMap;

#[gangplank::record]
pub enum Which {
    A,
    B,
}

#[gangplank::enumeration]
pub struct Pair {
    pub left: i64,
}

#[gangplank::function]
impl Pair {}

#[gangplank::object]
pub fn greet() {}

#[gangplank::host]
pub static GREETING: &str = "hello";

#[gangplank::record]
pub struct Options {
    #[gangplank(rename = "n")]
    pub name: String,
}

#[gangplank::record]
pub struct Weights {
    pub all: HashMap<f64, String>,
}

fn main() {}
