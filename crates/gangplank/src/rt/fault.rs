//! The toolkit's own errors.
//!
//! Comes in: what went wrong anywhere in the runtime. Goes out: a status and the texts of `gp_call`. A function's own
//! typed error is not a fault; the glue writes it.

use crate::abi::{RawCall, RawStr, Status};
use crate::memory;

/// An error that the toolkit reports for a call. Boxed, so that a `Result` of it costs a call that succeeds one word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault(Box<Report>);

/// What a [`Fault`] says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Never `Ok`, `Err` or `Pending`.
    pub status: Status,
    /// For people; names the function or object.
    pub message: String,
    /// Of a panic: `file:line:column`; else empty.
    pub location: String,
    /// Of a panic in a library that keeps it: the stack in words; else empty.
    pub backtrace: String,
    /// The causes below the error, nearest first.
    pub causes: Vec<String>,
}

impl Fault {
    /// An error without location and causes.
    #[cold]
    pub fn new(status: Status, message: impl Into<String>) -> Self {
        Report {
            status,
            message: message.into(),
            location: String::new(),
            backtrace: String::new(),
            causes: Vec::new(),
        }
        .into()
    }

    /// Fills status, message, location and causes of `call` and returns the status.
    ///
    /// # Safety
    /// `call` is NULL or went through [`memory::begin`], and nobody else uses it until the call has ended.
    #[cold]
    pub unsafe fn write(self, call: *mut RawCall) -> i32 {
        let status = self.status as i32;
        if call.is_null() {
            return status;
        }
        // SAFETY: `call` is not NULL and begun, as the caller promises.
        let (message, location) = unsafe {
            (
                memory::write_text(call, &self.message),
                optional_text(call, &self.location),
            )
        };
        let (causes, causes_len) = if self.causes.is_empty() {
            (core::ptr::null(), 0)
        } else {
            // SAFETY: as above.
            unsafe { memory::write_texts(call, &self.causes) }
        };
        let (payload, payload_len) = if self.backtrace.is_empty() {
            (core::ptr::null(), 0)
        } else {
            // SAFETY: as above.
            let (text, _) = unsafe { memory::write_texts(call, &[self.0.backtrace]) };
            (text.cast(), size_of::<RawStr>())
        };
        // SAFETY: as above; no reference to the call is alive here.
        let fields = unsafe { &mut *call };
        fields.status = status;
        fields.message = message;
        fields.location = location;
        fields.payload = payload;
        fields.payload_len = payload_len;
        fields.causes = causes;
        fields.causes_len = causes_len;
        status
    }
}

/// Like `write_text`, without touching the call's memory for an empty text.
///
/// # Safety
/// As [`memory::write_text`].
unsafe fn optional_text(call: *mut RawCall, text: &str) -> RawStr {
    if text.is_empty() {
        return RawStr::EMPTY;
    }
    // SAFETY: the caller promises a begun call.
    unsafe { memory::write_text(call, text) }
}

impl From<Report> for Fault {
    #[cold]
    fn from(report: Report) -> Self {
        Self(Box::new(report))
    }
}

impl core::ops::Deref for Fault {
    type Target = Report;

    fn deref(&self) -> &Report {
        &self.0
    }
}

impl core::fmt::Display for Fault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rt::tests::testing::{TestCall, text};

    #[test]
    fn every_field_reaches_the_call() {
        let mut call = TestCall::new();
        let fault = Fault::from(Report {
            status: Status::Panic,
            message: "boom".into(),
            location: "src/lib.rs:1:2".into(),
            backtrace: "0: demo::call".into(),
            causes: vec!["below".into(), "further below".into()],
        });
        // SAFETY: a fresh call.
        assert_eq!(unsafe { fault.write(call.raw()) }, Status::Panic as i32);
        let raw = call.fields();
        assert_eq!(raw.status, Status::Panic as i32);
        assert_eq!(
            (text(raw.message).as_str(), text(raw.location).as_str()),
            ("boom", "src/lib.rs:1:2")
        );
        assert_eq!(raw.payload_len, size_of::<RawStr>());
        // SAFETY: the payload of a panic is its backtrace.
        let backtrace = unsafe { raw.payload.cast::<RawStr>().read() };
        assert_eq!(text(backtrace), "0: demo::call");
        assert_eq!(raw.causes_len, 2);
        // SAFETY: `causes_len` texts were written.
        let causes = unsafe { core::slice::from_raw_parts(raw.causes, 2) };
        assert_eq!(
            causes.iter().map(|cause| text(*cause)).collect::<Vec<_>>(),
            ["below", "further below"]
        );
    }

    #[test]
    fn no_call_still_gives_the_status() {
        // SAFETY: NULL is allowed.
        let status = unsafe { Fault::new(Status::Closed, "x").write(core::ptr::null_mut()) };
        assert_eq!(status, 5);
    }
}
