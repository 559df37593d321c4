//! Events.

use gangplank::Events;

/// What happened.
#[gangplank::record]
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Which one.
    pub number: i64,
    /// In words.
    pub text: String,
}

/// What a speaker says.
#[gangplank::events]
pub trait BenchEvents {
    /// Something happened.
    fn ticked(&self, tick: Tick);
}

/// Publishes events.
pub struct Speaker {
    events: Events<dyn BenchEvents>,
}

/// Publishes events.
#[gangplank::object]
impl Speaker {
    /// Makes one.
    #[gangplank(constructor)]
    pub fn new_speaker(events: Events<dyn BenchEvents>) -> Speaker {
        Speaker { events }
    }

    /// Publishes the ticks from 1 to `last`, as fast as it can.
    pub fn speak(&self, last: i64) {
        for number in 1..=last {
            self.events.ticked(Tick {
                number,
                text: "sixteen bytes ok".to_owned(),
            });
        }
    }
}
