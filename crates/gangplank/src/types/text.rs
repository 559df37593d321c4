//! `String`. (Bytes are the list of `u8`.)

use gangplank_descriptor::Schema;

use super::{BadValue, ByPointer, ByValue, Compound, Reader, Sink, Tagged, Type, checked_slice};
use crate::abi::{RawStr, Status};
use crate::memory::{Arena, plain_end};

// SAFETY: `gp_string`; `plain` reserves what `plain_end` counts.
unsafe impl Type for String {
    type Kind = Compound;
    type Pass = ByValue<2>;
    type ListPass = ByPointer;
    type Form = Tagged;
    type Abi = RawStr;
    const SCHEMA: Schema = Schema::String;

    fn visit(_: Sink<'_>) {}

    #[inline]
    unsafe fn read(raw: &RawStr, _: &mut Reader) -> Result<Self, BadValue> {
        // SAFETY: the caller vouches for the pointer and length.
        unsafe { read_str(*raw) }.map(str::to_owned)
    }

    #[inline]
    fn size(&self, at: usize) -> usize {
        plain_end::<u8>(at, self.len())
    }

    #[inline]
    fn write(self, arena: &mut Arena) -> RawStr {
        arena.plain(self.into_bytes())
    }
}

/// Reads borrowed text.
///
/// # Safety
/// `raw` describes memory that stays unchanged for `'a`.
#[inline]
pub(super) unsafe fn read_str<'a>(raw: RawStr) -> Result<&'a str, BadValue> {
    // SAFETY: the caller vouches for the pointer and length.
    let bytes = unsafe { checked_slice(raw)? };
    if bytes.is_ascii() {
        // Most text is, and for that this is several times faster.
        // SAFETY: ASCII is UTF-8.
        return Ok(unsafe { core::str::from_utf8_unchecked(bytes) });
    }
    core::str::from_utf8(bytes).map_err(bad_text)
}

#[cold]
fn bad_text(error: core::str::Utf8Error) -> BadValue {
    let reason = format!("not UTF-8: bad byte at offset {}", error.valid_up_to());
    BadValue::new(Status::BadUtf8, reason)
}
