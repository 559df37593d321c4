//! Which messages hold themselves, so that a box has to stand in between.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use protox::prost_reflect::{Kind, MessageDescriptor};

/// What messages reach through fields that stand in them by value.
#[derive(Default)]
pub(super) struct Recursion {
    reached: RefCell<HashMap<String, Rc<HashSet<String>>>>,
}

impl Recursion {
    /// Whether a field of `outer` with the type `inner` closes a circle.
    pub(super) fn closes(&self, outer: &MessageDescriptor, inner: &MessageDescriptor) -> bool {
        self.reached(inner).contains(outer.full_name())
    }

    /// The message and everything it holds by value, at any depth.
    fn reached(&self, message: &MessageDescriptor) -> Rc<HashSet<String>> {
        if let Some(known) = self.reached.borrow().get(message.full_name()) {
            return Rc::clone(known);
        }
        let mut reached = HashSet::new();
        let mut open = vec![message.clone()];
        while let Some(next) = open.pop() {
            if reached.insert(next.full_name().to_owned()) {
                open.extend(by_value(&next));
            }
        }
        let reached = Rc::new(reached);
        let mut all = self.reached.borrow_mut();
        all.insert(message.full_name().to_owned(), Rc::clone(&reached));
        reached
    }
}

fn by_value(message: &MessageDescriptor) -> Vec<MessageDescriptor> {
    let fields = message
        .fields()
        .filter(|field| !field.is_list() && !field.is_map());
    let messages = fields.filter_map(|field| match field.kind() {
        Kind::Message(message) => Some(message),
        _ => None,
    });
    messages.collect()
}
