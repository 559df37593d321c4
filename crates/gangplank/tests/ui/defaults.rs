//! Defaults that are no literals and no values of an enum: one error for each.

#[gangplank::enumeration]
pub enum Color {
    Red,
    Green,
}

pub struct Limits;

impl Limits {
    pub const SIZE: i64 = 3;
}

#[gangplank::record]
pub struct Numbers {
    #[gangplank(default = i64::MAX)]
    most: i64,
}

#[gangplank::record]
pub struct Own {
    #[gangplank(default = Limits::SIZE)]
    size: i64,
}

#[gangplank::record]
pub struct Missing {
    #[gangplank(default = Color::Blue)]
    color: Color,
}

#[gangplank::record]
pub struct Calculated {
    #[gangplank(default = 1 + 1)]
    two: i64,
}

pub enum Plain {
    Grey,
}

/// Its type is what is wrong.
#[gangplank::record]
pub struct Uncrossing {
    #[gangplank(default = Plain::Grey)]
    plain: Plain,
}

fn main() {}
