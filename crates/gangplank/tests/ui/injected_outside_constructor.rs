//! Host functions belong to an object, so only its constructor can ask for them.

#[gangplank::host]
pub trait Tokens {
    async fn fetch(&self, key: String) -> Result<String, String>;
}

#[gangplank::function]
pub fn use_token(host: gangplank::Host<dyn Tokens>) {
    drop(host);
}

fn main() {}
