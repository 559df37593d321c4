//! Values in and out on the caller's thread.

use std::sync::atomic::{AtomicI64, Ordering};

/// The sum, wrapping.
#[gangplank::function]
pub fn add(left: i64, right: i64) -> i64 {
    left.wrapping_add(right)
}

/// The length of a text that is borrowed from the caller.
#[gangplank::function]
pub fn text_len(text: &str) -> u64 {
    text.len() as u64
}

/// The text.
#[gangplank::function]
pub fn echo(text: &str) -> String {
    text.to_owned()
}

/// The length of octets that are borrowed from the caller.
#[gangplank::function]
pub fn count_bytes(bytes: &[u8]) -> u64 {
    bytes.len() as u64
}

/// `size` octets.
#[gangplank::function]
pub fn return_bytes(size: u64) -> Vec<u8> {
    vec![7; size as usize]
}

/// How many numbers there are; they are borrowed from the caller.
#[gangplank::function]
pub fn count_numbers(numbers: &[f64]) -> u64 {
    numbers.len() as u64
}

/// How many texts there are; they are owned.
#[gangplank::function]
pub fn count_texts(texts: Vec<String>) -> u64 {
    texts.len() as u64
}

/// `count` texts of 16 bytes.
#[gangplank::function]
pub fn return_texts(count: u64) -> Vec<String> {
    vec!["sixteen bytes ok".to_owned(); count as usize]
}

/// A record of 2 texts, a number, an optional number and a list of texts.
#[gangplank::record]
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// A text.
    pub name: String,
    /// A text.
    pub queue: String,
    /// A number.
    pub priority: i64,
    /// A number that may be absent.
    pub retries: Option<i64>,
    /// Texts.
    pub tags: Vec<String>,
}

/// Takes a record; how many tags it has.
#[gangplank::function]
pub fn take_job(job: Job) -> u64 {
    job.tags.len() as u64
}

/// The record.
#[gangplank::function]
pub fn echo_job(job: Job) -> Job {
    job
}

/// Why there is no root.
#[gangplank::error]
#[derive(Clone, Copy, PartialEq)]
pub enum NotPositive {
    /// {value} is not positive
    NotPositive {
        /// The value.
        value: i64,
    },
}

/// Refuses what is not positive.
#[gangplank::function]
pub fn check(value: i64) -> Result<i64, NotPositive> {
    if value > 0 {
        Ok(value)
    } else {
        Err(NotPositive::NotPositive { value })
    }
}

/// A number that changes.
#[derive(Debug)]
pub struct Counter {
    total: AtomicI64,
}

/// A number that changes.
#[gangplank::object]
impl Counter {
    /// Starts at `first`.
    #[gangplank(constructor)]
    pub fn new_counter(first: i64) -> Counter {
        Counter {
            total: AtomicI64::new(first),
        }
    }

    /// Sets the number and gives the one before.
    pub fn replace(&self, value: i64) -> i64 {
        let before = self.total.load(Ordering::Relaxed);
        self.total.store(value, Ordering::Relaxed);
        before
    }
}
