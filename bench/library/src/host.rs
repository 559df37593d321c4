//! Functions of the host.

use std::sync::Arc;

use gangplank::Host;
use tokio::task::JoinSet;

/// What the host answers.
#[gangplank::host]
pub trait BenchHost {
    /// A number for a number.
    async fn answer(&self, value: i64) -> Result<i64, String>;
}

/// Asks its host.
pub struct Asker {
    host: Arc<Host<dyn BenchHost>>,
}

/// Asks its host.
#[gangplank::object]
impl Asker {
    /// Makes one.
    #[gangplank(constructor)]
    pub fn new_asker(host: Host<dyn BenchHost>) -> Asker {
        Asker {
            host: Arc::new(host),
        }
    }

    /// Asks `count` times, `outstanding` at a time; the sum of the answers.
    pub async fn ask(&self, count: u32, outstanding: u32) -> Result<i64, String> {
        let mut tasks = JoinSet::new();
        for task in 0..outstanding {
            let host = self.host.clone();
            let own = count / outstanding + u32::from(task < count % outstanding);
            tasks.spawn(async move {
                let mut sum = 0_i64;
                for value in 0..own {
                    sum += host.answer(i64::from(value)).await?;
                }
                Ok::<_, String>(sum)
            });
        }
        let mut sum = 0;
        while let Some(part) = tasks.join_next().await {
            sum += part.map_err(|error| error.to_string())??;
        }
        Ok(sum)
    }
}
