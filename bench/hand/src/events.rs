//! Events.

use crate::queue::{self, Item};

/// Publishes the ticks from 1 to `last`.
#[unsafe(no_mangle)]
extern "C" fn hand_speak(last: i64) {
    for number in 1..=last {
        queue::push(Item {
            kind: queue::EVENT,
            key: 0,
            value: number,
            text: "sixteen bytes ok".to_owned(),
        });
    }
}
