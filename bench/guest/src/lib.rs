//! The functions of `jobs.proto` in Rust: what the Go program of the bench calls.

use gangplank::Error;

gangplank::proto!(
    #[allow(
        unreachable_pub,
        reason = "files are generated for crates that others use as well"
    )]
    jobs
);
jobs::export!(Guest);

use jobs::{Job, Jobs};

struct Guest;

impl Jobs for Guest {
    fn div(&self, x: i32, y: i32) -> Result<f32, Error> {
        if y == 0 {
            return Err(Error::new("divisor is zero"));
        }
        Ok((f64::from(x) / f64::from(y)) as f32)
    }

    fn echo(&self, job: Option<Job>) -> Result<Job, Error> {
        Ok(job.unwrap_or_default())
    }
}
