//! Host functions that could not wait or could not fail.

#[gangplank::host]
pub trait Blocking {
    fn fetch(&self, key: String) -> Result<String, String>;
}

#[gangplank::host]
pub trait Unfailing {
    async fn fetch(&self, key: String) -> String;
}

#[gangplank::host]
pub trait Silent {
    async fn log(&self, line: String);
}

#[gangplank::error]
pub enum FetchError {
    /// not there
    Missing,
}

#[gangplank::host]
pub trait Unconverted {
    async fn fetch(&self, key: String) -> Result<String, FetchError>;
}

#[gangplank::host]
pub trait Bodied {
    async fn fetch(&self) -> Result<String, String> {
        Ok(String::new())
    }
}

fn main() {}
