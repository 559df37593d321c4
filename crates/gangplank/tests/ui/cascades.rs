//! A fault in an object, an events trait or a host trait is reported once: what refers to it is right.

use std::sync::Arc;

use gangplank::{Events, Host};

pub struct Counter;

#[gangplank::object]
impl Counter {
    pub fn set(&mut self, #[gangplank(wire = "to")] value: i64) {
        drop(value);
    }
}

#[gangplank::record]
pub struct Counters {
    pub all: Vec<Arc<Counter>>,
}

#[gangplank::events]
pub trait Told {
    fn counted(&self) -> i64;
}

#[gangplank::host]
pub trait Asked {
    #[gangplank(hop)]
    async fn answer(&self) -> Result<i64, String>;
}

pub struct Teller(Events<dyn Told>, Host<dyn Asked>);

#[gangplank::object]
impl Teller {
    #[gangplank(constructor)]
    pub fn create(events: Events<dyn Told>, host: Host<dyn Asked>) -> Teller {
        Teller(events, host)
    }

    pub fn same(&self, counters: Counters) -> Counters {
        counters
    }
}

fn main() {}
