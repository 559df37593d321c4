//! The C identifiers that this backend makes up: typed wrappers and the include guard.
//!
//! Everything else is named by `lower`, and `check` has seen to it that no two of those names meet. What stands here is
//! checked here against them.

use std::collections::BTreeMap;

use gangplank_model::c_names::{screaming, snake};
use gangplank_model::diagnostics::codes;
use gangplank_model::lowered::Common;

use crate::backend::Context;

/// The include guard: `MY_TIMER_H`.
pub(super) fn guard(prefix: &str) -> String {
    format!("{}_H", screaming(prefix))
}

/// The typed wrapper of an object: `my_timer_timer_on_echo_fired`.
pub(super) fn wrapper(object: &str, verb: &str, item: &str) -> String {
    format!("{object}_{verb}_{}", snake(item))
}

/// The lower-case names of a header: those in capitals cannot meet a wrapper.
#[derive(Default)]
pub(super) struct Names {
    /// By `lower`, with what they stand for.
    given: BTreeMap<String, String>,
    /// By this backend, with the item that they belong to.
    made: Vec<(String, Common)>,
}

impl Names {
    /// `lower` has called `what` `name`.
    pub(super) fn given(&mut self, name: &str, what: &str) {
        self.given.insert(name.to_owned(), what.to_owned());
    }

    /// This backend makes `name` for `item`.
    pub(super) fn made(&mut self, name: &str, item: &Common) {
        self.made.push((name.to_owned(), item.clone()));
    }

    /// Reports each name that stands for two things.
    pub(super) fn check(self, cx: &mut Context<'_>) {
        let mut taken = self.given;
        for (name, item) in self.made {
            if let Some(other) = taken.insert(name.clone(), format!("what the header adds for `{}`", item.path)) {
                let message = format!("`{name}` is {other} and what the header adds for `{}`", item.path);
                let help = "give one of them another name with `#[gangplank(name = \"…\")]`";
                cx.error(codes::C_NAME_TWICE, &item, message, help);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappers_take_either_case() {
        assert_eq!(wrapper("my_timer_timer", "on", "EchoFired"), "my_timer_timer_on_echo_fired");
        assert_eq!(wrapper("my_timer_timer", "on", "echo_fired"), "my_timer_timer_on_echo_fired");
    }
}
