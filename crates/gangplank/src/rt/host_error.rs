//! How a call of a host function fails.
//!
//! Comes in: what the host answered, or that it did not. Goes out: the error that the guest's code sees, public as
//! `gangplank::HostError`.

use core::fmt;

use crate::abi::Status;

/// Why a host function gave no result of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HostError {
    /// The host registered no function of this name.
    NotRegistered(HostFailure),
    /// The host did not answer in time.
    Deadline(HostFailure),
    /// The host gave the call up.
    Cancelled(HostFailure),
    /// The object was closed.
    Closed(HostFailure),
    /// The host's function panicked.
    Panic(HostFailure),
    /// The connection to the host is gone.
    PeerLost(HostFailure),
    /// The host's answer is not a value of the declared type.
    BadValue(HostFailure),
    /// The host failed outside the declared error.
    Other(HostFailure),
}

/// What every [`HostError`] carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostFailure {
    /// Wire name of the host function.
    pub function: String,
    /// The host's text; may be empty.
    pub text: String,
}

impl HostError {
    /// The error for a status other than `GP_OK` and `GP_ERR` that the host answered with.
    pub fn from_status(status: i32, function: &str, text: &str) -> Self {
        const NOT_REGISTERED: i32 = Status::NotRegistered as i32;
        const DEADLINE: i32 = Status::Deadline as i32;
        const CANCELLED: i32 = Status::Cancelled as i32;
        const CLOSED: i32 = Status::Closed as i32;
        const HOST_PANIC: i32 = Status::HostPanic as i32;
        const PEER_LOST: i32 = Status::PeerLost as i32;
        const BAD_ARGUMENT: i32 = Status::BadArgument as i32;
        const BAD_UTF8: i32 = Status::BadUtf8 as i32;
        let failure = HostFailure {
            function: function.to_owned(),
            text: text.to_owned(),
        };
        match status {
            NOT_REGISTERED => Self::NotRegistered(failure),
            DEADLINE => Self::Deadline(failure),
            CANCELLED => Self::Cancelled(failure),
            CLOSED => Self::Closed(failure),
            HOST_PANIC => Self::Panic(failure),
            PEER_LOST => Self::PeerLost(failure),
            BAD_ARGUMENT | BAD_UTF8 => Self::BadValue(failure),
            _ => Self::Other(failure),
        }
    }

    /// Function and text.
    pub fn failure(&self) -> &HostFailure {
        match self {
            Self::NotRegistered(failure)
            | Self::Deadline(failure)
            | Self::Cancelled(failure)
            | Self::Closed(failure)
            | Self::Panic(failure)
            | Self::PeerLost(failure)
            | Self::BadValue(failure)
            | Self::Other(failure) => failure,
        }
    }

    /// Names the function in an error that was made without knowing it.
    pub(crate) fn of(mut self, function: &str) -> Self {
        let (Self::NotRegistered(failure)
        | Self::Deadline(failure)
        | Self::Cancelled(failure)
        | Self::Closed(failure)
        | Self::Panic(failure)
        | Self::PeerLost(failure)
        | Self::BadValue(failure)
        | Self::Other(failure)) = &mut self;
        if failure.function.is_empty() {
            function.clone_into(&mut failure.function);
        }
        self
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::NotRegistered(_) => "not registered",
            Self::Deadline(_) => "missed its deadline",
            Self::Cancelled(_) => "was cancelled",
            Self::Closed(_) => "was called on a closed object",
            Self::Panic(_) => "panicked",
            Self::PeerLost(_) => "lost its host",
            Self::BadValue(_) => "answered with a bad value",
            Self::Other(_) => "failed",
        };
        let HostFailure { function, text } = self.failure();
        write!(f, "host fn '{function}' {what}")?;
        if text.is_empty() {
            Ok(())
        } else {
            write!(f, ": {text}")
        }
    }
}

impl std::error::Error for HostError {}

impl From<HostError> for String {
    fn from(error: HostError) -> Self {
        error.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let of = |status: Status, text| {
            HostError::from_status(status as i32, "fetch_token", text).to_string()
        };
        assert_eq!(
            of(Status::NotRegistered, ""),
            "host fn 'fetch_token' not registered"
        );
        assert_eq!(
            of(Status::HostPanic, "boom"),
            "host fn 'fetch_token' panicked: boom"
        );
        assert_eq!(
            of(Status::Deadline, "50ms"),
            "host fn 'fetch_token' missed its deadline: 50ms"
        );
        assert_eq!(
            of(Status::HostError, "no"),
            "host fn 'fetch_token' failed: no"
        );
        assert_eq!(
            HostError::from_status(-7, "f", ""),
            HostError::Other(HostFailure {
                function: "f".into(),
                text: String::new()
            })
        );
        assert_eq!(
            HostError::BadValue(HostFailure::default())
                .of("f")
                .failure()
                .function,
            "f"
        );
    }
}
