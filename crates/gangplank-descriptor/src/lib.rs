//! The descriptor: a library's interface as bytes.
//!
//! Comes in: the shape of one item of an interface, written by a macro as a constant. Goes out: the same item as bytes
//! in the library's file, and back again as owned data for whoever reads that file. Encoder and decoder stand side by
//! side so that the format exists once.
//!
//! # Format, version 1
//!
//! A link section ([`SECTION`]) holds items one after the other, with any number of zero bytes between them. All
//! numbers are little-endian. An item:
//!
//! | offset | size | what |
//! | --- | --- | --- |
//! | 0 | 4 | [`MAGIC`] |
//! | 4 | 4 | length of the whole item, header included |
//! | 8 | 8 | hash, below |
//! | 16 | 1 | [`FORMAT`]; a reader refuses a higher one |
//! | 17 | 1 | kind: 1 library, 2 record, 3 enum, 4 variant, 5 error, 6 object, 7 function, 8 host function, 9 event, 10 constant |
//! | 18 | 2 | zero |
//! | 20 | | fields: `u8` tag, `u32` length, payload |
//!
//! Tags up to 0x7f are *shape*, tags from 0x80 are *notes*. A reader skips tags that it does not know; a list is its tag
//! repeated. Payloads are text (UTF-8), numbers, one byte for yes, further fields (parts such as a parameter), a type or
//! a literal. The tags are listed in `tag.rs`.
//!
//! A **type** is one code byte ([`Schema`] in order of declaration, from 1); containers are followed by their element
//! types; declared types are followed by two texts, each a `u32` length and bytes: path and crate version. A **literal**
//! is one code byte ([`Literal`] in order, from 1) and its value: one byte, an `i128`, a `u64`, or `u32` length and bytes.
//!
//! # Hash
//!
//! FNV-1a, 64 bits, over the kind and the shape fields in order: the tag, then the payload with each text ended by 0xff
//! instead of preceded by its length, each part ended by 0x00, and without the versions beside type names. So a hash is
//! shallow (other items by name) and holds:
//!
//! - of every item its path; of functions the symbol, owner, role and whether they are async; of host functions and
//!   events the trait and wire name;
//! - of fields, parameters and cases their order, wire name and type; of enum values wire name and number;
//! - results, the error, what a constructor has injected, and a constant's type and value;
//! - of what comes from a `.proto` file also the field numbers and encodings, of enums whether they are open and further
//!   names of their numbers. The symbol of an rpc is a note instead: it depends on the library that implements the rpc,
//!   and any library may.
//!
//! It does not hold what neither side's memory nor any encoding depends on: docs, deprecation, file and line, versions,
//! Rust names where a wire name stands beside them, exposed names, defaults, messages, deadlines, and whether a
//! parameter is only borrowed. The hash of the lowered signature ([`abi_hash`]) stands beside it as a note: it depends
//! on the sizes of other items, and a shallow hash must not.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod decode;
mod encode;
mod explain;
mod exports;
mod hash;
mod item;
mod limits;
pub mod owned;
pub mod status;
mod tag;

pub use decode::{DecodeError, Identity, Items, MalformedItems, decode, identity, items};
pub use encode::owned::with_abi_hash;
pub use explain::wire_name;
pub use exports::RUNTIME_EXPORTS;
pub use hash::{Layout, abi_hash, fnv1a64};
pub use item::{
    Case, Common, EnumValue, Event, Field, Function, HostFunction, Item, Library, Literal, Param,
    Role, Schema, TypeName,
};
pub use limits::{MOVE_FROM, NESTING, VALUES};

/// Version of the native C ABI (`docs/abi.md`).
pub const ABI_VERSION: u32 = 1;
/// Version of the item format.
pub const FORMAT: u8 = 1;
/// First bytes of every item.
pub const MAGIC: [u8; 4] = *b"GPif";
/// Bytes before an item's fields.
pub const HEADER_LEN: usize = 20;
/// Link section of the items on ELF and PE: a C identifier of at most eight characters, because PE truncates longer
/// names and sanitizers instrument sections named otherwise.
pub const SECTION: &str = "gp_iface";
/// The same on Mach-O.
pub const SECTION_MACHO: &str = "__DATA,__gp_iface";
