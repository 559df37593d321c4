//! Conditional parts, numbers that do not fit, braces that hold nothing.

#[gangplank::record]
pub struct Conditional {
    #[cfg(unix)]
    pub field: u8,
}

pub struct Timer;

#[gangplank::object]
impl Timer {
    #[cfg(unix)]
    pub fn tick(&self) {}
}

#[gangplank::error]
pub enum Unbalanced {
    /// this } closes nothing
    Brace,
}

#[gangplank::enumeration]
#[repr(i64)]
pub enum Big {
    Small = 1,
    Large = 1 << 40,
}

fn main() {}
