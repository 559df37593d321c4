//! What an item is compared by, without reading all of it.
//!
//! Comes in: an item's bytes. Goes out: path and hashes. Who only compares need not know the item's kind and types, so it
//! can compare the items of a newer toolkit as well.

use super::item_len;
use super::part::Part;
use crate::{HEADER_LEN, tag};

/// What two sides compare of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity<'a> {
    /// `my_timer::EchoRequest`
    pub path: &'a str,
    /// Its shallow hash.
    pub hash: u64,
    /// Of a function, the hash of its lowered signature; else 0.
    pub abi_hash: u64,
}

/// Of the item that `bytes` are; `None` when they are not exactly one item with a path.
pub fn identity(bytes: &[u8]) -> Option<Identity<'_>> {
    if item_len(bytes).ok()? != bytes.len() {
        return None;
    }
    let (header, fields) = bytes.split_at(HEADER_LEN);
    let fields = Part::read(fields).ok()?;
    let long = |bytes: &[u8]| Some(u64::from_le_bytes(bytes.try_into().ok()?));
    Some(Identity {
        path: core::str::from_utf8(fields.first(tag::PATH)?).ok()?,
        hash: long(&header[8..16])?,
        abi_hash: fields.first(tag::ABI_HASH).and_then(long).unwrap_or(0),
    })
}
