//! Publishing events.
//!
//! Comes in: a lowered event of guest code, or why it could not be lowered. Goes out: the same bytes, shared by every
//! listener of the object; what could not be lowered is lost for each of them, and counted. Publishing never waits for
//! a listener.

use std::sync::Arc;

use super::Context;
use crate::memory::{Lowered, Refused};

/// What an injected `Events<dyn Trait>` holds.
#[derive(Clone)]
pub struct EventsLink(Arc<Context>);

impl EventsLink {
    /// A link to the listeners of one object.
    pub fn new(context: &Arc<Context>) -> Self {
        Self(context.clone())
    }

    /// Whether anybody listens: if not, the event need not be lowered.
    #[inline]
    pub fn wanted(&self, event: &'static str) -> bool {
        self.0.wanted(event)
    }

    /// Gives the C struct of the event's parameters to everybody who listens.
    pub fn emit(&self, event: &'static str, payload: Result<Lowered, Refused>) {
        match payload {
            Ok(payload) => self.0.publish(event, &Arc::new(payload)),
            Err(refused) => self.0.lose(event, &refused.1),
        }
    }
}
