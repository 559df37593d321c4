//! An error that nothing knows how to carry.

#[gangplank::function]
pub fn read() -> Result<String, std::io::Error> {
    Ok(String::new())
}

fn main() {}
