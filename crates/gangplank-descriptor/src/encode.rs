//! Items to bytes, at compile time.
//!
//! Comes in: an [`Item`]. Goes out: its length, its hash and its bytes, all three from one walk over the item (the
//! length pass writes nowhere), so that they cannot disagree.

pub(crate) mod owned;
mod writer;

use alloc::vec;
use alloc::vec::Vec;

use crate::item::{
    Case, Common, EnumValue, Event, Field, Function, HostFunction, Item, Library, Param, Role,
    Schema, TypeName,
};
use crate::tag::{self, kind};
use crate::{FORMAT, HEADER_LEN, MAGIC};
use writer::{Writer, patch};

const LENGTH_AT: usize = 4;
const HASH_AT: usize = 8;

impl Item {
    /// Length of [`Item::encode`]'s result in bytes.
    pub const fn encoded_len(&self) -> usize {
        let mut writer = Writer::new(&mut []);
        // Hashing is what takes the compiler's time.
        writer.hashing = false;
        writer.item(self);
        writer.len
    }

    /// The item's bytes; `N` is [`Item::encoded_len`].
    ///
    /// # Panics
    ///
    /// When `N` is another number: at compile time, where this is called.
    pub const fn encode<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        let len = self.fill(&mut bytes);
        assert!(len == N, "N is not the item's encoded_len()");
        bytes
    }

    /// The item's bytes, made at run time.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.encoded_len()];
        self.fill(&mut bytes);
        bytes
    }

    /// Writes the item into `bytes`, as far as it fits; returns its length.
    const fn fill(&self, bytes: &mut [u8]) -> usize {
        let mut writer = Writer::new(bytes);
        writer.item(self);
        let (len, hash) = (writer.len, writer.hash);
        patch(bytes, LENGTH_AT, &(len as u32).to_le_bytes());
        patch(bytes, HASH_AT, &hash.to_le_bytes());
        len
    }

    /// The item's shallow hash; see the crate's documentation for what it holds.
    pub const fn hash(&self) -> u64 {
        let mut writer = Writer::new(&mut []);
        writer.item(self);
        writer.hash
    }
}

impl Writer<'_> {
    const fn item(&mut self, item: &Item) {
        self.write(&MAGIC);
        self.write(&[0; 12]);
        self.write(&[FORMAT]);
        match item {
            Item::Library(library) => self.library(library),
            Item::Record(common, fields) => {
                self.head(kind::RECORD, common);
                self.fields(fields);
            }
            Item::Enum(common, values) => {
                self.head(kind::ENUM, common);
                self.values(values);
            }
            Item::Variant(common, cases) => {
                self.head(kind::VARIANT, common);
                self.cases(cases);
            }
            Item::Error(common, cases) => {
                self.head(kind::ERROR, common);
                self.cases(cases);
            }
            Item::Object(common, schemas) => {
                self.head(kind::OBJECT, common);
                self.injected(schemas);
            }
            Item::Function(function) => self.function(function),
            Item::HostFunction(function) => self.host_function(function),
            Item::Event(event) => self.event(event),
            Item::Constant(common, schema, value) => {
                self.head(kind::CONSTANT, common);
                self.typed(tag::SCHEMA, schema);
                self.literal(tag::LITERAL, value);
            }
        }
    }

    const fn kind(&mut self, kind: u8) {
        self.put(&[kind]);
        self.write(&[0; 2]);
        assert!(
            self.len == HEADER_LEN,
            "the header is as long as documented"
        );
    }

    const fn head(&mut self, kind: u8, common: &Common) {
        self.kind(kind);
        self.text(tag::PATH, common.path);
        self.note(tag::NAME, common.name);
        self.note(tag::VERSION, common.version);
        self.note(tag::DOCS, common.docs);
        self.deprecated(common.deprecated);
        self.note(tag::FILE, common.file);
        if common.line != 0 {
            self.number(tag::LINE, common.line);
        }
    }

    const fn deprecated(&mut self, note: Option<&str>) {
        if let Some(note) = note {
            self.text(tag::DEPRECATED, note);
        }
    }

    const fn library(&mut self, library: &Library) {
        self.kind(kind::LIBRARY);
        self.text(tag::PATH, library.crate_name);
        self.number(tag::ABI, library.abi);
        self.note(tag::VERSION, library.version);
        self.note(tag::DOCS, library.docs);
        self.yes(tag::PANIC_ABORT, library.panic_abort);
    }

    const fn owner(&mut self, owner: &TypeName) {
        self.text(tag::OWNER, owner.path);
        self.note(tag::OWNER_VERSION, owner.version);
    }

    const fn function(&mut self, function: &Function) {
        self.head(kind::FUNCTION, &function.common);
        self.text(tag::SYMBOL, function.symbol);
        if let Some(owner) = &function.owner {
            self.owner(owner);
        }
        let role = match function.role {
            Role::Free => 0,
            Role::Constructor => tag::FLAG_CONSTRUCTOR,
            Role::Method => tag::FLAG_METHOD,
        };
        let is_async = if function.is_async {
            tag::FLAG_ASYNC
        } else {
            0
        };
        self.number(tag::FLAGS, role | is_async);
        self.params(function.params);
        self.outcome(function.results, &function.error);
        self.long(tag::ABI_HASH, function.abi_hash);
    }

    const fn host_function(&mut self, function: &HostFunction) {
        self.head(kind::HOST_FUNCTION, &function.common);
        self.owner(&function.owner);
        self.text(tag::WIRE, function.wire);
        self.params(function.params);
        self.outcome(function.results, &function.error);
        if function.deadline_ms != 0 {
            self.long(tag::DEADLINE, function.deadline_ms);
        }
    }

    const fn event(&mut self, event: &Event) {
        self.head(kind::EVENT, &event.common);
        self.owner(&event.owner);
        self.text(tag::WIRE, event.wire);
        self.params(event.params);
    }

    const fn outcome(&mut self, mut results: &[Schema], error: &Option<Schema>) {
        while let [first, rest @ ..] = results {
            self.typed(tag::RESULT, first);
            results = rest;
        }
        if let Some(error) = error {
            self.typed(tag::FAILURE, error);
        }
    }

    const fn injected(&mut self, mut schemas: &[Schema]) {
        while let [first, rest @ ..] = schemas {
            if matches!(first, Schema::Host(_) | Schema::Events(_)) {
                self.typed(tag::INJECTED, first);
            }
            schemas = rest;
        }
    }

    const fn params(&mut self, mut params: &[Param]) {
        while let [first, rest @ ..] = params {
            let part = self.begin(tag::PARAM);
            self.text(tag::WIRE, first.wire);
            self.note(tag::NAME, first.name);
            self.typed(tag::SCHEMA, &first.schema);
            self.yes(tag::BORROWED, first.borrowed);
            self.end_part(part);
            params = rest;
        }
    }

    const fn fields(&mut self, mut fields: &[Field]) {
        while let [first, rest @ ..] = fields {
            let part = self.begin(tag::FIELD);
            self.text(tag::WIRE, first.wire);
            self.note(tag::NAME, first.name);
            self.typed(tag::SCHEMA, &first.schema);
            self.note(tag::DOCS, first.docs);
            self.deprecated(first.deprecated);
            if let Some(default) = &first.default {
                self.literal(tag::DEFAULT, default);
            }
            self.end_part(part);
            fields = rest;
        }
    }

    const fn values(&mut self, mut values: &[EnumValue]) {
        while let [first, rest @ ..] = values {
            let part = self.begin(tag::VALUE);
            self.text(tag::WIRE, first.wire);
            self.note(tag::NAME, first.name);
            self.number(tag::NUMBER, first.value as u32);
            self.note(tag::DOCS, first.docs);
            self.deprecated(first.deprecated);
            self.end_part(part);
            values = rest;
        }
    }

    const fn cases(&mut self, mut cases: &[Case]) {
        while let [first, rest @ ..] = cases {
            let part = self.begin(tag::CASE);
            self.text(tag::WIRE, first.wire);
            self.note(tag::NAME, first.name);
            self.yes(tag::POSITIONAL, first.positional);
            self.fields(first.fields);
            self.note(tag::DOCS, first.docs);
            self.deprecated(first.deprecated);
            self.note(tag::MESSAGE, first.message);
            self.end_part(part);
            cases = rest;
        }
    }
}
