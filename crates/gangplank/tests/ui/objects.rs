//! Blocks whose functions have no place, and constructors that make something else.

pub struct Timer;

#[gangplank::object]
impl Timer {
    pub fn version() -> String {
        String::new()
    }

    #[gangplank(constructor)]
    pub fn create() -> String {
        String::new()
    }

    #[gangplank(constructor)]
    fn hidden() -> Timer {
        Timer
    }
}

pub struct Clock;

#[gangplank::object]
impl Clock {
    #[gangplank(constructor)]
    pub fn create() -> String {
        String::new()
    }
}

/// Somebody else's.
mod elsewhere {
    /// Rings in a tower.
    pub struct Chime;
}

/// Rings at a door.
pub struct Chime;

#[gangplank::object]
impl Chime {
    #[gangplank(constructor)]
    pub fn hang() -> Chime {
        Chime
    }
}

fn main() {}
