//! Owned items to bytes, at run time: for front ends that make items from something other than Rust source.
//!
//! The same primitives and the same order of fields as the walk at compile time, which cannot read owned values; a test
//! holds the two against each other. What only a `.proto` file says is written here alone.

mod parts;

use alloc::vec;
use alloc::vec::Vec;

use super::{HASH_AT, LENGTH_AT, Writer, patch};
use crate::owned::{
    Body, Common, Constant, Event, Function, HostFunction, Item, Library, Role, TypeName,
};
use crate::tag::{self, kind};
use crate::{FORMAT, MAGIC};

impl Body {
    /// The bytes of the item with this body.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut measure = Writer::new(&mut []);
        measure.body(self);
        let mut bytes = vec![0; measure.len];
        let mut writer = Writer::new(&mut bytes);
        writer.body(self);
        let (len, hash) = (writer.len as u32, writer.hash);
        patch(&mut bytes, LENGTH_AT, &len.to_le_bytes());
        patch(&mut bytes, HASH_AT, &hash.to_le_bytes());
        bytes
    }

    /// The item with this body.
    pub fn into_item(self) -> Item {
        let mut writer = Writer::new(&mut []);
        writer.body(&self);
        let hash = writer.hash;
        Item { hash, body: self }
    }
}

/// The bytes of a function's item with the hash of the signature that it was lowered to, which is a note.
pub fn with_abi_hash(item: &[u8], abi_hash: u64) -> Vec<u8> {
    let mut field = [0; 13];
    Writer::new(&mut field).long(tag::ABI_HASH, abi_hash);
    let mut bytes = [item, &field].concat();
    let len = bytes.len() as u32;
    patch(&mut bytes, LENGTH_AT, &len.to_le_bytes());
    bytes
}

impl Writer<'_> {
    fn body(&mut self, body: &Body) {
        self.write(&MAGIC);
        self.write(&[0; 12]);
        self.write(&[FORMAT]);
        match body {
            Body::Library(library) => self.owned_library(library),
            Body::Record(record) => {
                self.owned_head(kind::RECORD, &record.common);
                self.owned_fields(&record.fields);
            }
            Body::Enum(item) => {
                self.owned_head(kind::ENUM, &item.common);
                self.owned_values(tag::VALUE, &item.values);
                self.owned_values(tag::ALIAS, &item.aliases);
                self.yes(tag::OPEN, item.open);
            }
            Body::Variant(variant) => {
                self.owned_head(kind::VARIANT, &variant.common);
                self.owned_cases(&variant.cases);
            }
            Body::Error(error) => {
                self.owned_head(kind::ERROR, &error.common);
                self.owned_cases(&error.cases);
            }
            Body::Object(object) => {
                self.owned_head(kind::OBJECT, &object.common);
                self.owned_types(tag::INJECTED, &object.injected);
            }
            Body::Function(function) => self.owned_function(function),
            Body::HostFunction(function) => self.owned_host_function(function),
            Body::Event(event) => self.owned_event(event),
            Body::Constant(constant) => self.owned_constant(constant),
        }
    }

    fn owned_head(&mut self, kind: u8, common: &Common) {
        self.kind(kind);
        self.text(tag::PATH, &common.path);
        self.note(tag::NAME, &common.name);
        self.note(tag::VERSION, &common.version);
        self.note(tag::DOCS, &common.docs);
        self.deprecated(common.deprecated.as_deref());
        self.note(tag::FILE, &common.file);
        if common.line != 0 {
            self.number(tag::LINE, common.line);
        }
        if let Some(proto) = &common.proto {
            self.text(tag::PACKAGE, &proto.package);
            self.text(tag::FULL_NAME, &proto.full_name);
        }
    }

    fn owned_library(&mut self, library: &Library) {
        self.kind(kind::LIBRARY);
        self.text(tag::PATH, &library.crate_name);
        self.number(tag::ABI, library.abi);
        self.note(tag::VERSION, &library.version);
        self.note(tag::DOCS, &library.docs);
        self.yes(tag::PANIC_ABORT, library.panic_abort);
        if let Some(package) = &library.package {
            self.text(tag::PACKAGE, package);
        }
        self.services(&library.services);
    }

    fn owned_owner(&mut self, owner: &TypeName) {
        self.text(tag::OWNER, &owner.path);
        self.note(tag::OWNER_VERSION, &owner.version);
    }

    fn owned_function(&mut self, function: &Function) {
        self.owned_head(kind::FUNCTION, &function.common);
        let symbol = match function.proto {
            None => tag::SYMBOL,
            Some(_) => tag::RPC_SYMBOL,
        };
        self.text(symbol, &function.symbol);
        if let Some(owner) = &function.owner {
            self.owned_owner(owner);
        }
        let role = match function.role {
            Role::Free => 0,
            Role::Constructor => tag::FLAG_CONSTRUCTOR,
            Role::Method => tag::FLAG_METHOD,
        };
        let flag = |set: bool, flag: u32| if set { flag } else { 0 };
        let more = flag(function.is_async, tag::FLAG_ASYNC)
            | flag(function.untyped_error, tag::FLAG_UNTYPED_ERROR);
        self.number(tag::FLAGS, role | more);
        self.owned_params(&function.params);
        self.owned_types(tag::RESULT, &function.results);
        self.owned_types(tag::FAILURE, function.error.as_slice());
        if let Some(proto) = &function.proto {
            self.owned_proto_function(proto);
        }
        // Last, where `with_abi_hash` puts it.
        if function.abi_hash != 0 {
            self.long(tag::ABI_HASH, function.abi_hash);
        }
    }

    fn owned_host_function(&mut self, function: &HostFunction) {
        self.owned_head(kind::HOST_FUNCTION, &function.common);
        self.owned_owner(&function.owner);
        self.text(tag::WIRE, &function.wire);
        self.owned_params(&function.params);
        self.owned_types(tag::RESULT, &function.results);
        self.owned_types(tag::FAILURE, function.error.as_slice());
        if function.deadline_ms != 0 {
            self.long(tag::DEADLINE, function.deadline_ms);
        }
    }

    fn owned_event(&mut self, event: &Event) {
        self.owned_head(kind::EVENT, &event.common);
        self.owned_owner(&event.owner);
        self.text(tag::WIRE, &event.wire);
        self.owned_params(&event.params);
    }

    fn owned_constant(&mut self, constant: &Constant) {
        self.owned_head(kind::CONSTANT, &constant.common);
        self.owned_type(tag::SCHEMA, &constant.schema);
        self.owned_literal(tag::LITERAL, &constant.value);
    }
}
