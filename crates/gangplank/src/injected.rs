//! Injected parameters: the host's functions and the object's listeners, as values of the user's own traits.

use core::ops::Deref;
use std::sync::Arc;

use gangplank_descriptor::TypeName;

use crate::rt::{Context, EventsLink, HostLink};
use crate::types::Sink;

/// A trait with `#[gangplank::host]`; implemented for `dyn Trait`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a host trait",
    label = "not a host trait",
    note = "add `#[gangplank::host]` to the trait and write `Host<dyn Trait>`"
)]
pub trait HostTrait: Send + Sync + 'static {
    /// The trait's name in the interface.
    const TYPE: TypeName;
    /// Wire names of its functions.
    const FUNCTIONS: &'static [&'static str];
    /// The trait over the host that `link` leads to.
    fn remote(link: HostLink) -> Arc<Self>;
    /// Reports the items of its functions and of their types.
    fn visit(sink: Sink<'_>);
}

/// A trait with `#[gangplank::events]`; implemented for `dyn Trait`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an events trait",
    label = "not an events trait",
    note = "add `#[gangplank::events]` to the trait and write `Events<dyn Trait>`"
)]
pub trait EventsTrait: Send + Sync + 'static {
    /// The trait's name in the interface.
    const TYPE: TypeName;
    /// Wire names of its events.
    const EVENTS: &'static [&'static str];
    /// The trait over the listeners that `link` leads to.
    fn remote(link: EventsLink) -> Arc<Self>;
    /// Reports the items of its events and of their types.
    fn visit(sink: Sink<'_>);
}

/// A value that can stand in for the host or the listeners; implemented by the macros.
pub trait Local<V> {
    /// The value as the trait.
    fn share(value: V) -> Arc<Self>;
}

macro_rules! injected {
    ($(#[$doc:meta])* $name:ident, $bound:ident, $link:ident) => {
        $(#[$doc])*
        pub struct $name<T: ?Sized>(Arc<T>);

        impl<T: ?Sized> $name<T> {
            /// For tests in Rust: `value`, which implements the trait, answers in place of the host.
            pub fn local<V>(value: V) -> Self
            where
                T: Local<V>,
            {
                Self(T::share(value))
            }
        }

        impl<T: $bound + ?Sized> $name<T> {
            pub(crate) fn remote(context: &Arc<Context>) -> Self {
                Self(T::remote($link::new(context)))
            }
        }

        impl<T: ?Sized> Clone for $name<T> {
            fn clone(&self) -> Self {
                Self(Arc::clone(&self.0))
            }
        }

        impl<T: ?Sized> Deref for $name<T> {
            type Target = T;

            fn deref(&self) -> &T {
                &self.0
            }
        }
    };
}

injected! {
    /// The functions that the host implements, as a constructor's parameter. Never passed by the host: each object gets
    /// its own. Calls go to whatever the host has registered for the object at that moment.
    Host, HostTrait, HostLink
}

injected! {
    /// The listeners of an object, as a constructor's parameter. Emitting never waits for a listener.
    Events, EventsTrait, EventsLink
}
