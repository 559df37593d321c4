//! Fields by tag: the tag-length-value level of the format.
//!
//! Comes in: the payload of an item or of a part. Goes out: its fields by tag, each read as what its tag says.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::{DecodeError, text};
use crate::owned::{Literal, Schema, TypeName};
use crate::tag;

/// Deeper than what one sees, shallower than any stack.
const MAX_DEPTH: usize = 64;

/// The fields of an item or of a part of one.
pub(super) struct Part<'a> {
    fields: Vec<(u8, &'a [u8])>,
}

impl<'a> Part<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut input = Input { rest: bytes };
        let mut fields = Vec::new();
        while !input.rest.is_empty() {
            let tag = input.byte()?;
            fields.push((tag, input.sized()?));
        }
        Ok(Part { fields })
    }

    pub(super) fn first(&self, tag: u8) -> Option<&'a [u8]> {
        let found = self.fields.iter().find(|(other, _)| *other == tag)?;
        Some(found.1)
    }

    /// A text, `None` when absent.
    pub(super) fn text(&self, tag: u8) -> Result<Option<String>, DecodeError> {
        self.first(tag).map(text).transpose()
    }

    /// A text, empty when absent.
    pub(super) fn note(&self, tag: u8) -> Result<String, DecodeError> {
        Ok(self.text(tag)?.unwrap_or_default())
    }

    /// A text that must be there.
    pub(super) fn required(&self, tag: u8, what: &'static str) -> Result<String, DecodeError> {
        self.text(tag)?.ok_or(DecodeError::Missing(what))
    }

    pub(super) fn number(&self, tag: u8, what: &'static str) -> Result<Option<u32>, DecodeError> {
        let bytes = self.first(tag).map(<[u8; 4]>::try_from).transpose();
        let bytes = bytes.map_err(|_| DecodeError::Malformed(what))?;
        Ok(bytes.map(u32::from_le_bytes))
    }

    pub(super) fn long(&self, tag: u8, what: &'static str) -> Result<Option<u64>, DecodeError> {
        let bytes = self.first(tag).map(<[u8; 8]>::try_from).transpose();
        let bytes = bytes.map_err(|_| DecodeError::Malformed(what))?;
        Ok(bytes.map(u64::from_le_bytes))
    }

    pub(super) fn yes(&self, tag: u8) -> bool {
        self.first(tag).is_some_and(|bytes| bytes == [1])
    }

    pub(super) fn schema(&self, tag: u8, what: &'static str) -> Result<Schema, DecodeError> {
        schema(self.first(tag).ok_or(DecodeError::Missing(what))?, what)
    }

    pub(super) fn schemas(&self, tag: u8, what: &'static str) -> Result<Vec<Schema>, DecodeError> {
        self.all(tag).map(|bytes| schema(bytes, what)).collect()
    }

    pub(super) fn literal(&self, tag: u8) -> Result<Option<Literal>, DecodeError> {
        self.first(tag).map(literal).transpose()
    }

    /// Each part with this tag, read by `read`.
    pub(super) fn parts<T>(
        &self,
        tag: u8,
        read: fn(&Part<'a>) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        self.all(tag)
            .map(|bytes| read(&Part::read(bytes)?))
            .collect()
    }

    fn all(&self, tag: u8) -> impl Iterator<Item = &'a [u8]> {
        let fields = self.fields.iter();
        fields.filter_map(move |(other, bytes)| (*other == tag).then_some(*bytes))
    }
}

fn schema(bytes: &[u8], what: &'static str) -> Result<Schema, DecodeError> {
    let mut input = Input { rest: bytes };
    let schema = input.schema(0)?;
    if !input.rest.is_empty() {
        return Err(DecodeError::Malformed(what));
    }
    Ok(schema)
}

fn literal(bytes: &[u8]) -> Result<Literal, DecodeError> {
    const MALFORMED: DecodeError = DecodeError::Malformed("literal");
    let (code, value) = bytes.split_first().ok_or(MALFORMED)?;
    let sized = || {
        let mut input = Input { rest: value };
        let bytes = input.sized()?;
        if input.rest.is_empty() {
            Ok(bytes)
        } else {
            Err(MALFORMED)
        }
    };
    match *code {
        tag::LIT_BOOL => match value {
            [0] => Ok(Literal::Bool(false)),
            [1] => Ok(Literal::Bool(true)),
            _ => Err(MALFORMED),
        },
        tag::LIT_INT => match value.try_into() {
            Ok(bytes) => Ok(Literal::Int(i128::from_le_bytes(bytes))),
            Err(_) => Err(MALFORMED),
        },
        tag::LIT_FLOAT => match value.try_into() {
            Ok(bytes) => Ok(Literal::Float(u64::from_le_bytes(bytes))),
            Err(_) => Err(MALFORMED),
        },
        tag::LIT_STRING => Ok(Literal::String(text(sized()?)?)),
        tag::LIT_BYTES => Ok(Literal::Bytes(sized()?.into())),
        tag::LIT_ENUM_VALUE => Ok(Literal::EnumValue(text(sized()?)?)),
        tag::LIT_NONE => Ok(Literal::None),
        tag::LIT_EMPTY => Ok(Literal::Empty),
        other => Err(DecodeError::Unknown("literal", other)),
    }
}

/// What is left to read.
struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    fn byte(&mut self) -> Result<u8, DecodeError> {
        let (first, rest) = self.rest.split_first().ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(*first)
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(len)
            .ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    /// A length and as many bytes.
    fn sized(&mut self) -> Result<&'a [u8], DecodeError> {
        let mut len = [0; 4];
        len.copy_from_slice(self.take(4)?);
        let len = usize::try_from(u32::from_le_bytes(len)).map_err(|_| DecodeError::Truncated)?;
        self.take(len)
    }

    fn name(&mut self) -> Result<TypeName, DecodeError> {
        Ok(TypeName {
            path: text(self.sized()?)?,
            version: text(self.sized()?)?,
        })
    }

    fn inner(&mut self, depth: usize) -> Result<Box<Schema>, DecodeError> {
        if depth >= MAX_DEPTH {
            return Err(DecodeError::TooDeep);
        }
        Ok(Box::new(self.schema(depth + 1)?))
    }

    fn schema(&mut self, depth: usize) -> Result<Schema, DecodeError> {
        let code = self.byte()?;
        Ok(match code {
            tag::LIST => Schema::List(self.inner(depth)?),
            tag::OPTION => Schema::Option(self.inner(depth)?),
            tag::BOXED => Schema::Boxed(self.inner(depth)?),
            tag::STREAM => Schema::Stream(self.inner(depth)?),
            tag::MAP => Schema::Map(self.inner(depth)?, self.inner(depth)?),
            tag::RECORD => Schema::Record(self.name()?),
            tag::ENUM => Schema::Enum(self.name()?),
            tag::VARIANT => Schema::Variant(self.name()?),
            tag::ERROR => Schema::Error(self.name()?),
            tag::OBJECT => Schema::Object(self.name()?),
            tag::HOST => Schema::Host(self.name()?),
            tag::EVENTS => Schema::Events(self.name()?),
            tag::CALLBACK => Schema::Callback(self.name()?),
            other => plain(other)?,
        })
    }
}

/// Types that hold no others.
fn plain(code: u8) -> Result<Schema, DecodeError> {
    Ok(match code {
        tag::BOOL => Schema::Bool,
        tag::I8 => Schema::I8,
        tag::I16 => Schema::I16,
        tag::I32 => Schema::I32,
        tag::I64 => Schema::I64,
        tag::U8 => Schema::U8,
        tag::U16 => Schema::U16,
        tag::U32 => Schema::U32,
        tag::U64 => Schema::U64,
        tag::F32 => Schema::F32,
        tag::F64 => Schema::F64,
        tag::STRING => Schema::String,
        tag::BYTES => Schema::Bytes,
        tag::TIMESTAMP => Schema::Timestamp,
        tag::DURATION => Schema::Duration,
        other => return Err(DecodeError::Unknown("type", other)),
    })
}
