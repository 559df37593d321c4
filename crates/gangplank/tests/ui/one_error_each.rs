//! One mistake in a type gives one error, wherever the type is used.

use std::collections::HashMap;

use gangplank::{Events, Host};

/// A format that only Rust knows.
#[gangplank::error]
pub enum OddError {
    /// shape {0:?} is bad
    Shape(String),
    /// fine
    Fine,
}

impl From<gangplank::HostError> for OddError {
    fn from(_: gangplank::HostError) -> Self {
        Self::Fine
    }
}

#[gangplank::record]
pub struct Box3 {
    #[gangplank(defualt = 3)]
    pub side: i64,
    pub colour: Colour,
}

#[gangplank::enumeration(nmae = "Color")]
pub enum Colour {
    Red,
    Green,
}

#[gangplank::variant]
pub enum Shape {
    #[gangplank(hop)]
    Round { radius: f64 },
    Square(f64),
}

#[gangplank::record]
pub struct Painting {
    #[gangplank(default = Colour::Red)]
    pub colour: Colour,
    pub boxes: HashMap<String, Box3>,
    pub shape: Option<Shape>,
}

#[gangplank::constant]
pub const FAVOURITE: Colour = Colour::Green;

#[gangplank::function]
pub fn paint(painting: Painting) -> Result<Box3, OddError> {
    drop(painting);
    Err(OddError::Fine)
}

#[gangplank::host]
pub trait Critic {
    async fn judge(&self, shapes: Vec<Shape>) -> Result<Colour, OddError>;
}

#[gangplank::events]
pub trait Sales {
    fn sold(&self, painting: Painting, to: Box3);
}

pub struct Gallery(Events<dyn Sales>, Host<dyn Critic>);

#[gangplank::object]
impl Gallery {
    #[gangplank(constructor)]
    pub fn open(sales: Events<dyn Sales>, critic: Host<dyn Critic>) -> Result<Gallery, OddError> {
        Ok(Gallery(sales, critic))
    }

    pub async fn sell(&self, painting: Painting) -> Result<(Shape, Colour), OddError> {
        self.0.sold(painting, Box3 { side: 1, colour: Colour::Red });
        let colour = self.1.judge(Vec::new()).await?;
        Ok((Shape::Square(1.0), colour))
    }

    pub fn prices(&self) -> Result<i64, OddError> {
        Ok(1)
    }
}

fn main() {}
