//! The error of functions whose interface declares none, such as the rpcs of a `.proto` file: a text and its causes.

use core::fmt;

use gangplank_descriptor::{Layout, Schema};

use super::{Detail, Failure, Output, Return, Sink, causes};
use crate::abi::{RawCall, Status};
use crate::memory;

/// Why a function failed, in words. Every error becomes one with `?`.
///
/// One word, so that a result with it is small: a number then comes back from the user's function in a register.
pub struct Error(Box<Texts>);

struct Texts {
    message: String,
    causes: Vec<String>,
}

impl Error {
    /// From a text.
    pub fn new(message: impl fmt::Display) -> Self {
        Self(Box::new(Texts {
            message: message.to_string(),
            causes: Vec::new(),
        }))
    }

    /// The text.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The texts of the causes below it, nearest first.
    #[must_use]
    pub fn causes(&self) -> &[String] {
        &self.0.causes
    }
}

// Like the error types of the field it is no `std::error::Error` itself: only then can every error become one.
impl<E: std::error::Error> From<E> for Error {
    fn from(error: E) -> Self {
        Self(Box::new(Texts {
            message: error.to_string(),
            causes: causes(&error),
        }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        let mut causes = self.0.causes.iter();
        causes.try_for_each(|cause| write!(f, ": {cause}"))
    }
}

impl Failure for Error {
    const SCHEMA: Option<Schema> = None;
    const LAYOUT: Option<Layout> = None;

    /// All of it in any case: there is no struct.
    unsafe fn write(self, call: *mut RawCall, _: Detail) -> i32 {
        // SAFETY: the caller promises a prepared call.
        let message = unsafe { memory::write_text(call, &self.0.message) };
        // SAFETY: as above.
        let (causes, causes_len) = unsafe { memory::write_texts(call, &self.0.causes) };
        // SAFETY: as above; nothing else refers to the call.
        let fields = unsafe { &mut *call };
        fields.status = Status::Err as i32;
        fields.message = message;
        fields.causes = causes;
        fields.causes_len = causes_len;
        fields.status
    }

    fn visit(_: Sink<'_>) {}
}

impl<O: Output> Return for Result<O, Error> {
    type Ok = O;
    type Err = Error;

    fn split(self) -> Self {
        self
    }
}
