//! What the message of a typed error may be made of.
//!
//! Comes in: a field that a message names. Goes out: its text. Hosts have the fields and put the text together themselves,
//! so it is made only of what reads the same in all languages. The `Display` of a user's own type is known to Rust alone.

use core::fmt::Display;

/// A type that has one text in all languages.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of an error's message",
    label = "the message of this case names a field of this type",
    note = "a message names fields that are numbers, `bool` or `String`: hosts put it together themselves, and know no other texts",
    note = "leave the field out of the message, or add one of type `String` with its text"
)]
pub trait InMessage: Display + Sized {
    /// The text. Not by its type, so that a field that has none is refused once.
    fn text(&self) -> &dyn Display {
        self
    }
}

macro_rules! in_message {
    ($($of:ty),*) => { $(impl InMessage for $of {})* };
}

in_message!(bool, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64, String);
