//! Messages and their oneofs, and the walk that finds all types a file's rpcs use.

use std::collections::{HashMap, HashSet};

use gangplank_descriptor::owned::{Body, Case, Field, Item, Occurs, Record, Schema, Variant};
use gangplank_model::Diagnostics;
use protox::prost_reflect::{
    EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor, OneofDescriptor,
};

use super::compile::Compiled;
use super::docs::Docs;
use super::recursion::Recursion;
use super::{enums, fields, functions, names, rules};

/// The items of a file's services and of all types that they use.
pub(super) fn items(compiled: &Compiled, found: &mut Diagnostics) -> Vec<Item> {
    let mut items = Items::default();
    functions::add(&mut items, &compiled.main);
    while let Some(message) = items.messages.pop() {
        items.message(&message);
    }
    for message in std::mem::take(&mut items.walked) {
        rules::message(&message, items.docs(&message.parent_file()), found);
    }
    rules::names(&items.bodies, found);
    items.bodies.into_iter().map(Body::into_item).collect()
}

/// The items so far, and what they refer to.
#[derive(Default)]
pub(super) struct Items {
    pub(super) bodies: Vec<Body>,
    recursion: Recursion,
    docs: HashMap<String, Docs>,
    seen: HashSet<String>,
    messages: Vec<MessageDescriptor>,
    /// Every message whose fields were looked at, in order.
    walked: Vec<MessageDescriptor>,
}

/// What stands in a message at one place: a field, or a oneof at the place of its first member.
pub(super) enum Member {
    Field(FieldDescriptor),
    Oneof(OneofDescriptor),
}

fn members(message: &MessageDescriptor) -> Vec<Member> {
    // Not `fields()` alone, which is in order of numbers.
    let mut declared: Vec<_> = message.fields().collect();
    declared.sort_by_key(|field| field.path().last().copied());
    let mut seen = HashSet::new();
    let mut members = Vec::new();
    for field in declared {
        match field
            .containing_oneof()
            .filter(|_| fields::is_member(&field))
        {
            None => members.push(Member::Field(field)),
            Some(oneof) if seen.insert(oneof.full_name().to_owned()) => {
                members.push(Member::Oneof(oneof));
            }
            Some(_) => {}
        }
    }
    members
}

impl Items {
    /// A message's fields and oneofs in order of declaration.
    pub(super) fn members(&mut self, message: &MessageDescriptor) -> Vec<Member> {
        if !self.walked.contains(message) {
            self.walked.push(message.clone());
        }
        members(message)
    }

    /// Docs of the file with this name, made once.
    pub(super) fn docs(&mut self, file: &protox::prost_reflect::FileDescriptor) -> &Docs {
        let docs = self.docs.entry(file.name().to_owned());
        docs.or_insert_with(|| Docs::of(file))
    }

    /// Notes that a field's type is used.
    pub(super) fn uses(&mut self, field: &FieldDescriptor) {
        match field.kind() {
            Kind::Message(entry) if field.is_map() => self.uses(&entry.map_entry_value_field()),
            Kind::Message(message) => self.uses_message(&message),
            Kind::Enum(item) => self.uses_enum(&item),
            _ => {}
        }
    }

    pub(super) fn uses_message(&mut self, message: &MessageDescriptor) {
        let own = fields::well_known(message).is_none();
        if own && self.seen.insert(message.full_name().to_owned()) {
            self.messages.push(message.clone());
        }
    }

    fn uses_enum(&mut self, item: &EnumDescriptor) {
        if self.seen.insert(item.full_name().to_owned()) {
            let body = enums::body(item, self.docs(&item.parent_file()));
            self.bodies.push(body);
        }
    }

    fn message(&mut self, message: &MessageDescriptor) {
        let options = message.descriptor_proto().options.as_ref();
        let deprecated = options.is_some_and(|options| options.deprecated());
        let file = message.parent_file();
        let (full_name, path) = (message.full_name(), message.path());
        let common = names::common(&file, full_name, self.docs(&file), path, deprecated);
        let fields = self.members(message);
        let fields = fields.iter().map(|member| match member {
            Member::Field(field) => self.field(message, field),
            Member::Oneof(oneof) => self.oneof_field(oneof),
        });
        let fields = fields.collect();
        self.bodies.push(Body::Record(Record { common, fields }));
    }

    fn field(&mut self, message: &MessageDescriptor, field: &FieldDescriptor) -> Field {
        self.uses(field);
        let options = field.field_descriptor_proto().options.as_ref();
        let deprecated = options.is_some_and(|options| options.deprecated());
        Field {
            name: field.name().to_owned(),
            wire: field.json_name().to_owned(),
            docs: self.docs(&message.parent_file()).at(field.path()).docs,
            deprecated: deprecated.then(String::new),
            schema: fields::schema(field, Some((message, &self.recursion))),
            default: fields::default(field),
            proto: Some(fields::form(field)),
        }
    }

    fn oneof_field(&mut self, oneof: &OneofDescriptor) -> Field {
        let schema = self.oneof(oneof);
        Field {
            name: oneof.name().to_owned(),
            wire: gangplank_descriptor::wire_name(oneof.name()),
            docs: self.docs(&oneof.parent_file()).at(oneof.path()).docs,
            deprecated: None,
            schema: Schema::Option(Box::new(schema)),
            default: None,
            proto: Some(fields::unnumbered(Occurs::Oneof)),
        }
    }

    /// The variant of a oneof, which is an item of its own.
    pub(super) fn oneof(&mut self, oneof: &OneofDescriptor) -> Schema {
        let file = oneof.parent_file();
        let name = names::type_name(&file, oneof.full_name());
        if self.seen.insert(oneof.full_name().to_owned()) {
            let (full_name, path) = (oneof.full_name(), oneof.path());
            let common = names::common(&file, full_name, self.docs(&file), path, false);
            let mut members: Vec<_> = oneof.fields().collect();
            members.sort_by_key(|field| field.path().last().copied());
            let message = oneof.parent_message();
            let cases = members.iter().map(|field| self.case(message, field));
            let cases = cases.collect();
            self.bodies.push(Body::Variant(Variant { common, cases }));
        }
        Schema::Variant(name)
    }

    fn case(&mut self, message: &MessageDescriptor, field: &FieldDescriptor) -> Case {
        let Field {
            name,
            wire,
            docs,
            deprecated,
            ..
        } = self.field(message, field);
        let value = Field {
            name: "0".to_owned(),
            wire: "0".to_owned(),
            docs: String::new(),
            deprecated: None,
            ..self.field(message, field)
        };
        Case {
            name,
            wire,
            docs,
            deprecated,
            positional: true,
            message: String::new(),
            fields: vec![value],
        }
    }
}
