//! Protobuf's wire: tags, varints and lengths, without knowing what they mean.

use std::collections::BTreeMap;

/// Bytes that are no message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) String);

pub(super) fn malformed<T>(text: impl Into<String>) -> Result<T, Malformed> {
    Err(Malformed(text.into()))
}

/// A value behind a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Value<'b> {
    Varint(u64),
    Eight(u64),
    Bytes(&'b [u8]),
    Four(u32),
}

/// The fields of a message, each with its values in order and where they stood.
pub(super) type Fields<'b> = BTreeMap<u32, Vec<(usize, Value<'b>)>>;

/// Takes a message apart. Groups are skipped.
pub(super) fn fields(mut bytes: &[u8]) -> Result<Fields<'_>, Malformed> {
    let mut found = Fields::new();
    let mut at = 0;
    while !bytes.is_empty() {
        let (number, kind) = tag(&mut bytes)?;
        if let Some(value) = value(&mut bytes, number, kind, 0)? {
            found.entry(number).or_default().push((at, value));
        }
        at += 1;
    }
    Ok(found)
}

fn tag(bytes: &mut &[u8]) -> Result<(u32, u8), Malformed> {
    let tag = varint(bytes)?;
    match u32::try_from(tag >> 3) {
        Ok(number) if number != 0 && number < 1 << 29 => Ok((number, (tag & 7) as u8)),
        _ => malformed(format!("{} is not a field number", tag >> 3)),
    }
}

/// The deepest nesting of groups, which are only skipped.
const GROUPS: u32 = 64;

fn value<'b>(
    bytes: &mut &'b [u8],
    number: u32,
    kind: u8,
    depth: u32,
) -> Result<Option<Value<'b>>, Malformed> {
    Ok(Some(match kind {
        0 => Value::Varint(varint(bytes)?),
        1 => Value::Eight(eight(bytes)?),
        2 => Value::Bytes(counted(bytes)?),
        3 if depth < GROUPS => loop {
            let (inner, kind) = tag(bytes)?;
            if kind == 4 && inner == number {
                return Ok(None);
            }
            value(bytes, inner, kind, depth + 1)?;
        },
        5 => Value::Four(four(bytes)?),
        other => return malformed(format!("field {number} has the wire type {other}")),
    }))
}

pub(super) fn varint(bytes: &mut &[u8]) -> Result<u64, Malformed> {
    let mut value = 0_u64;
    for shift in 0..10 {
        let Some((first, rest)) = bytes.split_first() else {
            return malformed("it ends inside a number");
        };
        *bytes = rest;
        value |= u64::from(first & 0x7f) << (7 * shift);
        if first & 0x80 == 0 {
            return match shift == 9 && *first > 1 {
                true => malformed("a number has more than 64 bits"),
                false => Ok(value),
            };
        }
    }
    malformed("a number has more than 64 bits")
}

fn take<'b>(bytes: &mut &'b [u8], len: usize) -> Result<&'b [u8], Malformed> {
    match bytes.split_at_checked(len) {
        Some((taken, rest)) => {
            *bytes = rest;
            Ok(taken)
        }
        None => malformed(format!("it ends {} bytes too early", len - bytes.len())),
    }
}

pub(super) fn four(bytes: &mut &[u8]) -> Result<u32, Malformed> {
    let mut octets = [0; 4];
    octets.copy_from_slice(take(bytes, 4)?);
    Ok(u32::from_le_bytes(octets))
}

pub(super) fn eight(bytes: &mut &[u8]) -> Result<u64, Malformed> {
    let mut octets = [0; 8];
    octets.copy_from_slice(take(bytes, 8)?);
    Ok(u64::from_le_bytes(octets))
}

fn counted<'b>(bytes: &mut &'b [u8]) -> Result<&'b [u8], Malformed> {
    let len = varint(bytes)?;
    take(bytes, usize::try_from(len).unwrap_or(usize::MAX))
}

/// Appends a varint.
pub(super) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a tag.
pub(super) fn put_tag(out: &mut Vec<u8>, number: u32, kind: u8) {
    put_varint(out, u64::from(number) << 3 | u64::from(kind));
}

/// Appends bytes behind their tag and length.
pub(super) fn put_bytes(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    put_tag(out, number, 2);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cut_is_an_error_or_a_shorter_message() {
        let mut message = Vec::new();
        put_tag(&mut message, 1, 0);
        put_varint(&mut message, u64::MAX);
        put_bytes(&mut message, 2, b"abc");
        put_tag(&mut message, 3, 5);
        message.extend_from_slice(&7_u32.to_le_bytes());
        let whole = fields(&message).unwrap();
        assert_eq!(whole[&1], [(0, Value::Varint(u64::MAX))]);
        assert_eq!(whole[&2], [(1, Value::Bytes(b"abc"))]);
        assert_eq!(whole[&3], [(2, Value::Four(7))]);
        let borders = [0, 11, 16];
        for cut in 0..message.len() {
            assert_eq!(
                fields(&message[..cut]).is_ok(),
                borders.contains(&cut),
                "{cut}"
            );
        }
    }

    #[test]
    fn groups_are_skipped_and_nonsense_is_refused() {
        assert_eq!(fields(&[0x0b, 0x10, 0x01, 0x0c]).unwrap().len(), 0);
        assert!(fields(&[0x0b, 0x10, 0x01]).is_err(), "no end");
        assert!(fields(&[0x0c]).is_err(), "an end alone");
        assert!(fields(&[0x0e]).is_err(), "an unknown type");
        assert!(fields(&[0x00]).is_err(), "number 0");
        assert!(fields(&[0x0b; 1000]).is_err(), "deep groups");
        assert!(
            fields(&[
                0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f
            ])
            .is_err()
        );
        assert!(
            fields(&[
                0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01
            ])
            .is_err()
        );
    }
}
