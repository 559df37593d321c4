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

fn main() {}
