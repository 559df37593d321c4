//! The error of functions whose interface declares none, such as the rpcs of a `.proto` file: a text and its causes.

use core::fmt;

use gangplank_descriptor::{Layout, Schema};

use super::{Detail, Failure, Output, Return, Sink, causes};
use crate::abi::{RawCall, Status};
use crate::memory;

/// Why a function failed, in words. Every error becomes one with `?`.
pub struct Error {
    message: String,
    causes: Vec<String>,
}

impl Error {
    /// From a text.
    pub fn new(message: impl fmt::Display) -> Self {
        Self {
            message: message.to_string(),
            causes: Vec::new(),
        }
    }

    /// The text.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The texts of the causes below it, nearest first.
    #[must_use]
    pub fn causes(&self) -> &[String] {
        &self.causes
    }
}

// Like the error types of the field it is no `std::error::Error` itself: only then can every error become one.
impl<E: std::error::Error> From<E> for Error {
    fn from(error: E) -> Self {
        Self {
            message: error.to_string(),
            causes: causes(&error),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.causes
            .iter()
            .try_for_each(|cause| write!(f, ": {cause}"))
    }
}

impl Failure for Error {
    const SCHEMA: Option<Schema> = None;
    const LAYOUT: Option<Layout> = None;

    /// All of it in any case: there is no struct.
    unsafe fn write(self, call: *mut RawCall, _: Detail) -> i32 {
        // SAFETY: the caller promises a prepared call.
        let message = unsafe { memory::write_text(call, &self.message) };
        // SAFETY: as above.
        let (causes, causes_len) = unsafe { memory::write_texts(call, &self.causes) };
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
