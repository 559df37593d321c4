//! Integers whose size differs from machine to machine, in every place.

#[gangplank::record]
pub struct Page {
    pub first: usize,
    pub offsets: Vec<isize>,
}

#[gangplank::function]
pub fn count(from: usize) -> isize {
    from as isize
}

#[gangplank::constant]
pub const LIMIT: usize = 3;

pub struct Shelf;

#[gangplank::object]
impl Shelf {
    #[gangplank(constructor)]
    pub fn create(len: usize) -> Shelf {
        let _ = len;
        Shelf
    }

    pub async fn sizes(&self) -> std::collections::HashMap<usize, u8> {
        std::collections::HashMap::new()
    }
}

fn main() {}
