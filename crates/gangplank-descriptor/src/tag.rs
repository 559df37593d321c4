//! Numbers of the item format: kinds, field tags, literal codes. Never reused, only added to.

pub(crate) mod kind {
    pub(crate) const LIBRARY: u8 = 1;
    pub(crate) const RECORD: u8 = 2;
    pub(crate) const ENUM: u8 = 3;
    pub(crate) const VARIANT: u8 = 4;
    pub(crate) const ERROR: u8 = 5;
    pub(crate) const OBJECT: u8 = 6;
    pub(crate) const FUNCTION: u8 = 7;
    pub(crate) const HOST_FUNCTION: u8 = 8;
    pub(crate) const EVENT: u8 = 9;
    pub(crate) const CONSTANT: u8 = 10;
}

/// Set in the tags of notes, which no hash contains.
pub(crate) const NOTE: u8 = 0x80;

// Shape. The comment is the payload.
pub(crate) const PATH: u8 = 0x01; // text; of a library its crate
pub(crate) const OWNER: u8 = 0x02; // text: object or trait
pub(crate) const SYMBOL: u8 = 0x03; // text
pub(crate) const FLAGS: u8 = 0x04; // u32: 1 async, 2 constructor, 4 method, 8 untyped error
pub(crate) const FIELD: u8 = 0x05; // part
pub(crate) const VALUE: u8 = 0x06; // part
pub(crate) const CASE: u8 = 0x07; // part
pub(crate) const PARAM: u8 = 0x08; // part
pub(crate) const RESULT: u8 = 0x09; // type
pub(crate) const FAILURE: u8 = 0x0a; // type
pub(crate) const INJECTED: u8 = 0x0b; // type
pub(crate) const WIRE: u8 = 0x0c; // text
pub(crate) const SCHEMA: u8 = 0x0d; // type
pub(crate) const NUMBER: u8 = 0x0e; // u32, the bits of an i32
pub(crate) const POSITIONAL: u8 = 0x0f; // one byte, 1
pub(crate) const LITERAL: u8 = 0x10; // literal
pub(crate) const ABI: u8 = 0x11; // u32
pub(crate) const PROTO: u8 = 0x12; // part: NUMBER, OCCURS, ENCODING, KEY_ENCODING
pub(crate) const OCCURS: u8 = 0x13; // u32
pub(crate) const ENCODING: u8 = 0x14; // u32
pub(crate) const KEY_ENCODING: u8 = 0x15; // u32
pub(crate) const PROTO_RESULT: u8 = 0x16; // part: WIRE, NAME, PROTO
pub(crate) const ALIAS: u8 = 0x17; // part, as VALUE
pub(crate) const OPEN: u8 = 0x18; // one byte, 1

// Notes.
pub(crate) const NAME: u8 = 0x81; // text
pub(crate) const DOCS: u8 = 0x82; // text
pub(crate) const DEPRECATED: u8 = 0x83; // text
pub(crate) const FILE: u8 = 0x84; // text
pub(crate) const LINE: u8 = 0x85; // u32
pub(crate) const VERSION: u8 = 0x86; // text
pub(crate) const OWNER_VERSION: u8 = 0x87; // text
pub(crate) const DEFAULT: u8 = 0x88; // literal
pub(crate) const MESSAGE: u8 = 0x89; // text
pub(crate) const DEADLINE: u8 = 0x8a; // u64, milliseconds
pub(crate) const ABI_HASH: u8 = 0x8b; // u64
pub(crate) const BORROWED: u8 = 0x8c; // one byte, 1
pub(crate) const PANIC_ABORT: u8 = 0x8d; // one byte, 1
pub(crate) const RPC_SYMBOL: u8 = 0x8e; // text: SYMBOL of what has REQUEST
pub(crate) const PACKAGE: u8 = 0x8f; // text: what the path starts with
pub(crate) const FULL_NAME: u8 = 0x90; // text
pub(crate) const REQUEST: u8 = 0x91; // text
pub(crate) const RESPONSE: u8 = 0x92; // text
pub(crate) const SERVICE: u8 = 0x93; // part: NAME, DOCS

pub(crate) const FLAG_ASYNC: u32 = 1;
pub(crate) const FLAG_CONSTRUCTOR: u32 = 2;
pub(crate) const FLAG_METHOD: u32 = 4;
pub(crate) const FLAG_UNTYPED_ERROR: u32 = 8;

// Types.
pub(crate) const BOOL: u8 = 1;
pub(crate) const I8: u8 = 2;
pub(crate) const I16: u8 = 3;
pub(crate) const I32: u8 = 4;
pub(crate) const I64: u8 = 5;
pub(crate) const U8: u8 = 6;
pub(crate) const U16: u8 = 7;
pub(crate) const U32: u8 = 8;
pub(crate) const U64: u8 = 9;
pub(crate) const F32: u8 = 10;
pub(crate) const F64: u8 = 11;
pub(crate) const STRING: u8 = 12;
pub(crate) const BYTES: u8 = 13;
pub(crate) const TIMESTAMP: u8 = 14;
pub(crate) const DURATION: u8 = 15;
pub(crate) const LIST: u8 = 16;
pub(crate) const OPTION: u8 = 17;
pub(crate) const BOXED: u8 = 18;
pub(crate) const MAP: u8 = 19;
pub(crate) const STREAM: u8 = 20;
pub(crate) const RECORD: u8 = 21;
pub(crate) const ENUM: u8 = 22;
pub(crate) const VARIANT: u8 = 23;
pub(crate) const ERROR: u8 = 24;
pub(crate) const OBJECT: u8 = 25;
pub(crate) const HOST: u8 = 26;
pub(crate) const EVENTS: u8 = 27;
pub(crate) const CALLBACK: u8 = 28;

// Literals.
pub(crate) const LIT_BOOL: u8 = 1;
pub(crate) const LIT_INT: u8 = 2;
pub(crate) const LIT_FLOAT: u8 = 3;
pub(crate) const LIT_STRING: u8 = 4;
pub(crate) const LIT_BYTES: u8 = 5;
pub(crate) const LIT_ENUM_VALUE: u8 = 6;
pub(crate) const LIT_NONE: u8 = 7;
pub(crate) const LIT_EMPTY: u8 = 8;
