//! Gangplank makes a Rust library callable from Go, C and others as if it were written there.
//!
//! A library declares itself with [`library!`] and annotates what crosses: [`record`], [`enumeration`], [`variant`],
//! [`error`], [`object`], [`function`], [`constant`], [`host`], [`events`]. Everything else is ordinary Rust: the same
//! functions are called and tested from Rust without any bridge.
//!
//! ```
//! gangplank::library!();
//!
//! /// A greeting.
//! #[gangplank::record]
//! pub struct Greeting {
//!     /// What to say.
//!     pub text: String,
//! }
//!
//! /// Greets `name`.
//! #[gangplank::function]
//! pub fn greet(name: &str) -> Greeting {
//!     Greeting { text: format!("hello, {name}") }
//! }
//!
//! # fn main() {
//! assert_eq!(greet("you").text, "hello, you");
//! # }
//! ```

#[doc(hidden)]
pub mod abi;
#[doc(hidden)]
pub mod glue;
mod injected;
#[doc(hidden)]
pub mod memory;
#[doc(hidden)]
pub mod rt;
#[doc(hidden)]
pub mod types;

#[doc(hidden)]
pub use gangplank_descriptor as descriptor;
pub use gangplank_macros::{
    constant, enumeration, error, events, function, host, library, object, record, variant,
};
pub use injected::{Events, EventsTrait, Host, HostTrait, Local};
pub use rt::{HostError, HostFailure, Limits, set_limits};
pub use types::{Duration, Error, TimeError, Timestamp, Type};

/// The module that was generated from `<name>.proto` by a build script.
///
/// `gangplank::proto!(calc);` stands in the crate's root and is `mod calc { … }` with the file `calc.rs` that the build
/// script has written into `OUT_DIR`.
#[macro_export]
macro_rules! proto {
    ($(#[$attribute:meta])* $visibility:vis $name:ident) => {
        $(#[$attribute])*
        #[allow(dead_code, reason = "a crate need not use all of a file")]
        #[allow(clippy::too_many_arguments, clippy::type_complexity, reason = "as the file has it")]
        $visibility mod $name {
            include!(concat!(env!("OUT_DIR"), "/", stringify!($name), ".rs"));
        }
    };
}
