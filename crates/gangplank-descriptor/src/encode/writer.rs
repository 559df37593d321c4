//! Bytes, hash and length in one walk: the fields, texts, numbers, types and literals of the format.

use crate::hash::{fnv1a64, fnv1a64_more};
use crate::item::{Literal, Schema, TypeName};
use crate::tag;

/// Overwrites `to` at `at`; what does not fit is left out.
pub(super) const fn patch(to: &mut [u8], at: usize, bytes: &[u8]) {
    if at > to.len() || bytes.len() > to.len() - at {
        return;
    }
    if bytes.len() > 32 {
        let (_, tail) = to.split_at_mut(at);
        let (place, _) = tail.split_at_mut(bytes.len());
        place.copy_from_slice(bytes);
        return;
    }
    // Most pieces are a few bytes, and the compiler's interpreter is slow at calls.
    let mut done = 0;
    while done < bytes.len() {
        to[at + done] = bytes[done];
        done += 1;
    }
}

/// What has been written.
pub(super) struct Writer<'a> {
    out: &'a mut [u8],
    pub(super) len: usize,
    pub(super) hash: u64,
    /// Off inside notes.
    pub(super) hashing: bool,
}

impl<'a> Writer<'a> {
    pub(super) const fn new(out: &'a mut [u8]) -> Self {
        Writer {
            out,
            len: 0,
            hash: fnv1a64(&[]),
            hashing: true,
        }
    }

    /// Bytes that are written but are not part of the hash.
    pub(super) const fn write(&mut self, bytes: &[u8]) {
        patch(self.out, self.len, bytes);
        self.len += bytes.len();
    }

    /// Bytes that are part of the hash but are not written.
    pub(super) const fn mix(&mut self, bytes: &[u8]) {
        if self.hashing {
            self.hash = fnv1a64_more(self.hash, bytes);
        }
    }

    pub(super) const fn put(&mut self, bytes: &[u8]) {
        self.write(bytes);
        self.mix(bytes);
    }

    /// Starts a field; returns what [`Writer::end`] needs.
    pub(super) const fn begin(&mut self, tag: u8) -> (usize, bool) {
        let outer = self.hashing;
        self.hashing = outer && tag & tag::NOTE == 0;
        self.put(&[tag]);
        self.write(&[0; 4]);
        (self.len, outer)
    }

    pub(super) const fn end(&mut self, (start, outer): (usize, bool)) {
        let len = (self.len - start) as u32;
        patch(self.out, start - 4, &len.to_le_bytes());
        self.hashing = outer;
    }

    pub(super) const fn text(&mut self, tag: u8, text: &str) {
        let field = self.begin(tag);
        self.put(text.as_bytes());
        self.mix(&[0xff]);
        self.end(field);
    }

    pub(super) const fn note(&mut self, tag: u8, text: &str) {
        if !text.is_empty() {
            self.text(tag, text);
        }
    }

    pub(super) const fn number(&mut self, tag: u8, number: u32) {
        let field = self.begin(tag);
        self.put(&number.to_le_bytes());
        self.end(field);
    }

    pub(super) const fn long(&mut self, tag: u8, number: u64) {
        let field = self.begin(tag);
        self.put(&number.to_le_bytes());
        self.end(field);
    }

    pub(super) const fn yes(&mut self, tag: u8, value: bool) {
        if value {
            let field = self.begin(tag);
            self.put(&[1]);
            self.end(field);
        }
    }

    pub(super) const fn end_part(&mut self, field: (usize, bool)) {
        self.mix(&[0]);
        self.end(field);
    }

    pub(super) const fn typed(&mut self, tag: u8, schema: &Schema) {
        let field = self.begin(tag);
        self.schema(schema);
        self.end(field);
    }

    const fn schema(&mut self, schema: &Schema) {
        self.put(&[schema_code(schema)]);
        match schema {
            Schema::List(element)
            | Schema::Option(element)
            | Schema::Boxed(element)
            | Schema::Stream(element) => self.schema(element),
            Schema::Map(key, value) => {
                self.schema(key);
                self.schema(value);
            }
            Schema::Record(name)
            | Schema::Enum(name)
            | Schema::Variant(name)
            | Schema::Error(name)
            | Schema::Object(name)
            | Schema::Host(name)
            | Schema::Events(name)
            | Schema::Callback(name) => self.type_name(name),
            _ => {}
        }
    }

    const fn type_name(&mut self, name: &TypeName) {
        self.name_texts(name.path, name.version);
    }

    pub(super) const fn name_texts(&mut self, path: &str, version: &str) {
        self.write(&(path.len() as u32).to_le_bytes());
        self.put(path.as_bytes());
        self.mix(&[0xff]);
        self.write(&(version.len() as u32).to_le_bytes());
        self.write(version.as_bytes());
    }

    pub(super) const fn literal(&mut self, tag: u8, literal: &Literal) {
        let field = self.begin(tag);
        match literal {
            Literal::Bool(value) => self.put(&[tag::LIT_BOOL, *value as u8]),
            Literal::Int(value) => {
                self.put(&[tag::LIT_INT]);
                self.put(&value.to_le_bytes());
            }
            Literal::Float(bits) => {
                self.put(&[tag::LIT_FLOAT]);
                self.put(&bits.to_le_bytes());
            }
            Literal::String(text) => self.octets(tag::LIT_STRING, text.as_bytes()),
            Literal::Bytes(bytes) => self.octets(tag::LIT_BYTES, bytes),
            Literal::EnumValue(name) => self.octets(tag::LIT_ENUM_VALUE, name.as_bytes()),
            Literal::None => self.put(&[tag::LIT_NONE]),
            Literal::Empty => self.put(&[tag::LIT_EMPTY]),
        }
        self.end(field);
    }

    pub(super) const fn octets(&mut self, code: u8, bytes: &[u8]) {
        self.put(&[code]);
        self.put(&(bytes.len() as u32).to_le_bytes());
        self.put(bytes);
    }
}

const fn schema_code(schema: &Schema) -> u8 {
    match schema {
        Schema::Bool => tag::BOOL,
        Schema::I8 => tag::I8,
        Schema::I16 => tag::I16,
        Schema::I32 => tag::I32,
        Schema::I64 => tag::I64,
        Schema::U8 => tag::U8,
        Schema::U16 => tag::U16,
        Schema::U32 => tag::U32,
        Schema::U64 => tag::U64,
        Schema::F32 => tag::F32,
        Schema::F64 => tag::F64,
        Schema::String => tag::STRING,
        Schema::Bytes => tag::BYTES,
        Schema::Timestamp => tag::TIMESTAMP,
        Schema::Duration => tag::DURATION,
        Schema::List(_) => tag::LIST,
        Schema::Option(_) => tag::OPTION,
        Schema::Boxed(_) => tag::BOXED,
        Schema::Map(..) => tag::MAP,
        Schema::Stream(_) => tag::STREAM,
        Schema::Record(_) => tag::RECORD,
        Schema::Enum(_) => tag::ENUM,
        Schema::Variant(_) => tag::VARIANT,
        Schema::Error(_) => tag::ERROR,
        Schema::Object(_) => tag::OBJECT,
        Schema::Host(_) => tag::HOST,
        Schema::Events(_) => tag::EVENTS,
        Schema::Callback(_) => tag::CALLBACK,
    }
}
