//! What a helper says of a function.
//!
//! Comes in: a target in the helper. Goes out: bytes, and at the host what it needs to offer the same function.

use super::peer::Facts;
use crate::abi::IN_PYTHON;
use crate::error::{Error, Kind};
use crate::expect;
use crate::target::{Bytes, Target};

/// What a helper says of a function.
pub(super) struct Description {
    pub(super) index: u32,
    pub(super) flags: u32,
    pub(super) native: bool,
    /// Why it cannot be called in bytes.
    pub(super) no_bytes: Option<String>,
    pub(super) items: Vec<Vec<u8>>,
}

/// The helper's half.
pub(super) fn describe(facts: &Facts, target: &Target) -> Result<Vec<u8>, Error> {
    let index = facts.functions.iter().position(|name| *name == target.name);
    let index = index.ok_or_else(|| {
        let text = format!("`{}` is not in the list of functions", target.name);
        Error::new(Kind::NotFound, text)
    })?;
    let native = target.native.as_ref();
    // The Python of a helper is not the caller's.
    let flags = native.map_or(0, |native| native.flags & !IN_PYTHON);
    let (bytes, why) = match &target.bytes {
        Bytes::None(why) => (0, why.as_str()),
        _ => (1, ""),
    };
    let described = native.and_then(|native| native.describe);
    let items = described.map(expect::described).unwrap_or_default();
    let mut out = Vec::new();
    for number in [index as u32, flags, u32::from(native.is_some()), bytes] {
        out.extend_from_slice(&number.to_ne_bytes());
    }
    for part in [why.as_bytes()]
        .into_iter()
        .chain(items.iter().map(Vec::as_slice))
    {
        out.extend_from_slice(&(part.len() as u32).to_ne_bytes());
        out.extend_from_slice(part);
    }
    Ok(out)
}

impl Description {
    pub(super) fn decode(mut bytes: &[u8]) -> Option<Self> {
        let mut number = || {
            let (number, rest) = bytes.split_first_chunk()?;
            bytes = rest;
            Some(u32::from_ne_bytes(*number))
        };
        let (index, flags, native, can) = (number()?, number()?, number()?, number()?);
        let mut parts = Vec::new();
        while let Some((len, rest)) = bytes.split_first_chunk() {
            let (part, rest) = rest.split_at_checked(u32::from_ne_bytes(*len) as usize)?;
            parts.push(part.to_vec());
            bytes = rest;
        }
        let why = (!parts.is_empty()).then(|| parts.remove(0))?;
        let why = String::from_utf8_lossy(&why).into_owned();
        Some(Self {
            index,
            flags,
            native: native == 1,
            no_bytes: (can == 0).then_some(why),
            items: parts,
        })
    }
}
