//! The C identifiers that this backend makes up: typed wrappers and the include guard.
//!
//! Everything else is named by `lower`, and `check` has seen to it that no two of those names meet. What stands here is
//! checked here against them.

use std::collections::BTreeMap;

use gangplank_model::Diagnostic;
use gangplank_model::c_names::{screaming, snake};
use gangplank_model::diagnostics::{Named, another_name, codes};
use gangplank_model::lowered::Common;

use crate::backend::Context;

/// The include guard: `MY_TIMER_H`.
pub(super) fn guard(prefix: &str) -> String {
    format!("{}_H", screaming(prefix))
}

/// The comparison of the header with the library: `my_timer_check_header`.
pub(super) fn check_header(prefix: &str) -> String {
    format!("{prefix}_check_header")
}

/// The typed wrapper of an object: `my_timer_timer_on_echo_fired`.
pub(super) fn wrapper(object: &str, verb: &str, item: &str) -> String {
    format!("{object}_{verb}_{}", snake(item))
}

/// The lower-case names of a header: those in capitals cannot meet a wrapper.
#[derive(Default)]
pub(super) struct Names {
    /// By `lower`: what they stand for, and the item when they are its own.
    given: BTreeMap<String, (&'static str, Option<Common>)>,
    /// By this backend, for an item or for the library.
    made: Vec<(String, Option<Common>)>,
}

impl Names {
    /// `lower` has called `what` `name`.
    pub(super) fn given(&mut self, name: &str, what: &'static str, item: Option<&Common>) {
        self.given.insert(name.to_owned(), (what, item.cloned()));
    }

    /// This backend makes `name`.
    pub(super) fn made(&mut self, name: &str, item: Option<&Common>) {
        self.made.push((name.to_owned(), item.cloned()));
    }

    /// Reports each name that stands for two things.
    pub(super) fn check(self, cx: &mut Context<'_>) {
        let mut taken = self.given;
        for (name, item) in self.made {
            let other = taken.insert(
                name.clone(),
                ("another function that the header adds", item.clone()),
            );
            if let Some((other, other_item)) = other {
                let message =
                    format!("`{name}` would be {other} and a function that the header adds");
                let mut diagnostic = Diagnostic::new(codes::C_NAME_TWICE, message);
                let items = [other_item, item];
                for item in items.iter().flatten() {
                    diagnostic = diagnostic.label(item, "declared here");
                }
                let in_definition = items.iter().flatten().any(|item| item.proto.is_some());
                cx.report(diagnostic.help(another_name(Named::Either, in_definition)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappers_take_either_case() {
        assert_eq!(
            wrapper("my_timer_timer", "on", "EchoFired"),
            "my_timer_timer_on_echo_fired"
        );
        assert_eq!(
            wrapper("my_timer_timer", "on", "echo_fired"),
            "my_timer_timer_on_echo_fired"
        );
    }
}
