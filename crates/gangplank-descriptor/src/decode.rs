//! Bytes to items, for readers of library files and for mismatch messages.
//!
//! Comes in: bytes that nobody vouches for. Goes out: an owned item or the reason why not; never a panic, and memory
//! only in proportion to the bytes that are there.

mod body;
mod identity;
mod part;

use alloc::string::String;
use core::fmt;

use crate::owned::Item;
use crate::{FORMAT, HEADER_LEN, MAGIC};
pub use identity::{Identity, identity};
use part::Part;

/// Why bytes are not an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// They end inside the item.
    Truncated,
    /// They do not start with [`MAGIC`].
    Magic,
    /// The item's length is not the number of bytes.
    Length,
    /// The item was written by a newer toolkit; the format it uses.
    Newer(u8),
    /// A kind, type or literal of a newer toolkit; the code it uses.
    Unknown(&'static str, u8),
    /// Text that is not UTF-8.
    Utf8,
    /// A field that must be there; its name.
    Missing(&'static str),
    /// A field whose payload is malformed; its name.
    Malformed(&'static str),
    /// A type nested deeper than any compiler would have made it.
    TooDeep,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DecodeError::Truncated => f.write_str("the item is truncated"),
            DecodeError::Magic => f.write_str("the bytes do not start with an item's magic"),
            DecodeError::Length => f.write_str("the item's length does not match"),
            DecodeError::Newer(format) => write!(
                f,
                "the item has format {format}; this toolkit reads up to format {FORMAT}: use a newer gangplank"
            ),
            DecodeError::Unknown(what, code) => {
                write!(f, "unknown {what} {code}: use a newer gangplank")
            }
            DecodeError::Utf8 => f.write_str("a text of the item is not UTF-8"),
            DecodeError::Missing(what) => write!(f, "the item has no {what}"),
            DecodeError::Malformed(what) => write!(f, "the item's {what} is malformed"),
            DecodeError::TooDeep => f.write_str("a type of the item is nested too deeply"),
        }
    }
}

impl core::error::Error for DecodeError {}

/// Decodes exactly one item.
///
/// # Errors
///
/// When the bytes are anything else.
pub fn decode(bytes: &[u8]) -> Result<Item, DecodeError> {
    let len = item_len(bytes)?;
    if len != bytes.len() {
        return Err(DecodeError::Length);
    }
    let (header, fields) = bytes.split_at(HEADER_LEN);
    let mut hash = [0; 8];
    hash.copy_from_slice(&header[8..16]);
    let body = body::body(header[17], &Part::read(fields)?)?;
    Ok(Item {
        hash: u64::from_le_bytes(hash),
        body,
    })
}

/// Length of the item at the start of `bytes`, all of which is there; checks magic and format.
fn item_len(bytes: &[u8]) -> Result<usize, DecodeError> {
    let known = MAGIC.len().min(bytes.len());
    if bytes[..known] != MAGIC[..known] {
        return Err(DecodeError::Magic);
    }
    let header = bytes.get(..HEADER_LEN).ok_or(DecodeError::Truncated)?;
    if header[16] == 0 || header[16] > FORMAT {
        return Err(DecodeError::Newer(header[16]));
    }
    let len = u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize;
    if len < HEADER_LEN {
        return Err(DecodeError::Length);
    }
    if len > bytes.len() {
        return Err(DecodeError::Truncated);
    }
    Ok(len)
}

/// The items of a section: each once, as bytes, zero bytes between them skipped.
pub fn items(section: &[u8]) -> Items<'_> {
    Items { section, at: 0 }
}

/// Iterator of [`items`]; ends after the first error.
#[derive(Clone, Debug)]
pub struct Items<'a> {
    section: &'a [u8],
    at: usize,
}

/// Where a section stops being a sequence of items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MalformedItems {
    /// Offset in the section.
    pub offset: usize,
    /// What is wrong there.
    pub error: DecodeError,
}

impl fmt::Display for MalformedItems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "at byte {} of the interface: {}",
            self.offset, self.error
        )
    }
}

impl core::error::Error for MalformedItems {}

impl<'a> Iterator for Items<'a> {
    type Item = Result<&'a [u8], MalformedItems>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.section.get(self.at..)?;
        let zeros = rest.iter().position(|byte| *byte != 0)?;
        let offset = self.at + zeros;
        let rest = &rest[zeros..];
        match item_len(rest) {
            Ok(len) => {
                self.at = offset + len;
                Some(Ok(&rest[..len]))
            }
            Err(error) => {
                self.at = self.section.len();
                Some(Err(MalformedItems { offset, error }))
            }
        }
    }
}

/// Text without trust in its encoding.
fn text(bytes: &[u8]) -> Result<String, DecodeError> {
    match core::str::from_utf8(bytes) {
        Ok(text) => Ok(String::from(text)),
        Err(_) => Err(DecodeError::Utf8),
    }
}
