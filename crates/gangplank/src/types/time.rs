//! Points in time and spans: seconds and nanoseconds, exact before 1970 and for negative spans.

use core::fmt;
use std::time::SystemTime;

use gangplank_descriptor::Schema;

use super::{BadValue, ByPointer, Compound, Reader, Sink, Tagged, Type};
use crate::abi::RawTime;
use crate::memory::Arena;

const NANOS_PER_SECOND: u32 = 1_000_000_000;

/// Seconds and nanoseconds that do not make a time: the nanoseconds exceed 999 999 999, or the result does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeError;

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "time out of range: nanoseconds are 0 to 999999999, seconds a signed 64-bit number",
        )
    }
}

impl std::error::Error for TimeError {}

macro_rules! time {
    ($(#[$doc:meta])* $name:ident, $schema:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name {
            seconds: i64,
            nanos: u32,
        }

        impl $name {
            /// From whole seconds, rounded down, and the nanoseconds on top: -0.5 s is `(-1, 500_000_000)`.
            ///
            /// # Errors
            /// When `nanos` exceeds 999 999 999.
            pub const fn new(seconds: i64, nanos: u32) -> Result<Self, TimeError> {
                if nanos < NANOS_PER_SECOND { Ok(Self { seconds, nanos }) } else { Err(TimeError) }
            }

            /// Whole seconds, rounded down.
            pub const fn seconds(self) -> i64 {
                self.seconds
            }

            /// Nanoseconds on top of [`Self::seconds`], 0 to 999 999 999.
            pub const fn nanos(self) -> u32 {
                self.nanos
            }

            /// Of a distance from zero in either direction.
            fn signed(negative: bool, distance: core::time::Duration) -> Result<Self, TimeError> {
                let (seconds, nanos) = (i128::from(distance.as_secs()), distance.subsec_nanos());
                let (seconds, nanos) = match (negative, nanos) {
                    (false, nanos) => (seconds, nanos),
                    (true, 0) => (-seconds, 0),
                    (true, nanos) => (-seconds - 1, NANOS_PER_SECOND - nanos),
                };
                Ok(Self { seconds: i64::try_from(seconds).map_err(|_| TimeError)?, nanos })
            }
        }

        // SAFETY: `gp_time`, without a variable part.
        unsafe impl Type for $name {
            type Kind = Compound;
            type Pass = ByPointer;
            type ListPass = ByPointer;
            type Form = Tagged;
            type Abi = RawTime;
            const SCHEMA: Schema = Schema::$schema;

            fn visit(_: Sink<'_>) {}

            unsafe fn read(raw: &RawTime, _: &mut Reader) -> Result<Self, BadValue> {
                let bad = |_| BadValue::argument(format!("{} nanoseconds, at most 999999999 are allowed", raw.nanos));
                Self::new(raw.seconds, raw.nanos).map_err(bad)
            }

            fn size(&self, at: usize) -> usize {
                at
            }

            fn write(self, _: &mut Arena) -> RawTime {
                RawTime { seconds: self.seconds, nanos: self.nanos }
            }
        }
    };
}

time! {
    /// A point in time: seconds since 1970-01-01 00:00:00 UTC, leap seconds not counted, and nanoseconds.
    Timestamp, Timestamp
}

time! {
    /// A span of time, possibly negative.
    Duration, Duration
}

impl TryFrom<SystemTime> for Timestamp {
    type Error = TimeError;

    fn try_from(time: SystemTime) -> Result<Self, TimeError> {
        match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => Self::signed(false, after),
            Err(before) => Self::signed(true, before.duration()),
        }
    }
}

impl TryFrom<Timestamp> for SystemTime {
    type Error = TimeError;

    fn try_from(time: Timestamp) -> Result<Self, TimeError> {
        let seconds = core::time::Duration::from_secs(time.seconds.unsigned_abs());
        let whole = if time.seconds < 0 {
            Self::UNIX_EPOCH.checked_sub(seconds)
        } else {
            Self::UNIX_EPOCH.checked_add(seconds)
        };
        let exact = whole
            .and_then(|at| at.checked_add(core::time::Duration::from_nanos(time.nanos.into())));
        exact.ok_or(TimeError)
    }
}

impl TryFrom<core::time::Duration> for Duration {
    type Error = TimeError;

    fn try_from(span: core::time::Duration) -> Result<Self, TimeError> {
        Self::signed(false, span)
    }
}

impl TryFrom<Duration> for core::time::Duration {
    type Error = TimeError;

    fn try_from(span: Duration) -> Result<Self, TimeError> {
        let seconds = u64::try_from(span.seconds).map_err(|_| TimeError)?;
        Ok(Self::new(seconds, span.nanos))
    }
}
