//! Options that do not exist, stand in the wrong place, or are given twice.

#[gangplank::record(colour = "red")]
pub struct A {}

#[gangplank::record]
pub struct B {
    #[gangplank(deadline_ms = 5)]
    pub field: u8,
    #[gangplank(wire = "a", wire = "b")]
    pub other: u8,
}

#[gangplank::function(hop)]
pub fn sync() {}

#[gangplank::record(name = "two words")]
pub struct C {}

#[gangplank::record]
pub struct D {
    #[gangplank(default = compute())]
    pub field: u8,
}

fn main() {}
