//! A library that asks its host: the smallest one with a host function.

use gangplank::Host;

gangplank::library!();

/// What the application provides.
#[gangplank::host]
pub trait DemoHost {
    /// Fetches the token for `key` from the application.
    async fn fetch_token(&self, key: String) -> Result<String, String>;
}

/// Wraps tokens that the application provides.
pub struct Demo {
    host: Host<dyn DemoHost>,
}

#[gangplank::object]
impl Demo {
    /// Makes a demo, which asks its host for tokens.
    #[gangplank(constructor)]
    pub fn create(host: Host<dyn DemoHost>) -> Demo {
        Demo { host }
    }

    /// Wraps the application's token for `key`.
    pub async fn use_token(&self, key: String) -> Result<String, String> {
        let token = self
            .host
            .fetch_token(key)
            .await
            .map_err(|error| format!("host error: {error}"))?;
        Ok(format!("token[{token}]"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    #[gangplank::host]
    impl DemoHost for Fixed {
        async fn fetch_token(&self, key: String) -> Result<String, String> {
            Ok(format!("TOK-{key}"))
        }
    }

    #[tokio::test]
    async fn wraps_the_token_of_a_local_host() {
        let demo = Demo::create(Host::local(Fixed));
        assert_eq!(
            demo.use_token("session".into()).await,
            Ok("token[TOK-session]".into())
        );
    }
}
