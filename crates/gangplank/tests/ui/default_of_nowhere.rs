//! A default that names an enum which is not there, or not imported: said once.

#[gangplank::enumeration]
pub enum Color {
    Red,
}

#[gangplank::record]
pub struct Paint {
    #[gangplank(default = Colour::Red)]
    color: Color,
}

fn main() {}
