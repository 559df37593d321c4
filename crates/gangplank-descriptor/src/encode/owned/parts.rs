//! Parts of owned items: fields, values, cases, parameters, types and literals.

use super::Writer;
use crate::owned::{
    Case, EnumValue, Field, Literal, Param, ProtoField, ProtoFunction, ProtoService, Schema,
    TypeName,
};
use crate::tag;

impl Writer<'_> {
    pub(super) fn owned_fields(&mut self, fields: &[Field]) {
        for field in fields {
            let part = self.begin(tag::FIELD);
            self.text(tag::WIRE, &field.wire);
            self.note(tag::NAME, &field.name);
            self.owned_type(tag::SCHEMA, &field.schema);
            self.note(tag::DOCS, &field.docs);
            self.deprecated(field.deprecated.as_deref());
            if let Some(default) = &field.default {
                self.owned_literal(tag::DEFAULT, default);
            }
            self.proto_field(field.proto.as_ref());
            self.end_part(part);
        }
    }

    pub(super) fn owned_params(&mut self, params: &[Param]) {
        for param in params {
            let part = self.begin(tag::PARAM);
            self.text(tag::WIRE, &param.wire);
            self.note(tag::NAME, &param.name);
            self.owned_type(tag::SCHEMA, &param.schema);
            self.note(tag::DOCS, &param.docs);
            self.yes(tag::BORROWED, param.borrowed);
            if let Some(default) = &param.default {
                self.owned_literal(tag::DEFAULT, default);
            }
            self.proto_field(param.proto.as_ref());
            self.end_part(part);
        }
    }

    pub(super) fn owned_values(&mut self, tag: u8, values: &[EnumValue]) {
        for value in values {
            let part = self.begin(tag);
            self.text(tag::WIRE, &value.wire);
            self.note(tag::NAME, &value.name);
            self.number(tag::NUMBER, value.value as u32);
            self.note(tag::DOCS, &value.docs);
            self.deprecated(value.deprecated.as_deref());
            self.end_part(part);
        }
    }

    pub(super) fn owned_cases(&mut self, cases: &[Case]) {
        for case in cases {
            let part = self.begin(tag::CASE);
            self.text(tag::WIRE, &case.wire);
            self.note(tag::NAME, &case.name);
            self.yes(tag::POSITIONAL, case.positional);
            self.owned_fields(&case.fields);
            self.note(tag::DOCS, &case.docs);
            self.deprecated(case.deprecated.as_deref());
            self.note(tag::MESSAGE, &case.message);
            self.end_part(part);
        }
    }

    pub(super) fn owned_proto_function(&mut self, function: &ProtoFunction) {
        for result in &function.results {
            let part = self.begin(tag::PROTO_RESULT);
            self.text(tag::WIRE, &result.wire);
            self.note(tag::NAME, &result.name);
            self.note(tag::DOCS, &result.docs);
            self.proto_field(Some(&result.field));
            self.end_part(part);
        }
        self.text(tag::REQUEST, &function.request);
        self.text(tag::RESPONSE, &function.response);
    }

    pub(super) fn services(&mut self, services: &[ProtoService]) {
        for service in services {
            let part = self.begin(tag::SERVICE);
            self.note(tag::NAME, &service.name);
            self.note(tag::DOCS, &service.docs);
            self.end_part(part);
        }
    }

    fn proto_field(&mut self, field: Option<&ProtoField>) {
        let Some(field) = field else {
            return;
        };
        let part = self.begin(tag::PROTO);
        let codes = [
            (tag::NUMBER, field.number),
            (tag::OCCURS, field.occurs.code()),
            (tag::ENCODING, field.encoding.code()),
            (tag::KEY_ENCODING, field.key_encoding.code()),
        ];
        for (tag, code) in codes.into_iter().filter(|(_, code)| *code != 0) {
            self.number(tag, code);
        }
        self.end_part(part);
    }

    pub(super) fn owned_types(&mut self, tag: u8, schemas: &[Schema]) {
        for schema in schemas {
            self.owned_type(tag, schema);
        }
    }

    pub(super) fn owned_type(&mut self, tag: u8, schema: &Schema) {
        let field = self.begin(tag);
        self.owned_schema(schema);
        self.end(field);
    }

    fn owned_schema(&mut self, schema: &Schema) {
        match schema {
            Schema::List(element) => self.owned_container(tag::LIST, &[element]),
            Schema::Option(element) => self.owned_container(tag::OPTION, &[element]),
            Schema::Boxed(element) => self.owned_container(tag::BOXED, &[element]),
            Schema::Stream(element) => self.owned_container(tag::STREAM, &[element]),
            Schema::Map(key, value) => self.owned_container(tag::MAP, &[key, value]),
            Schema::Record(name) => self.owned_name(tag::RECORD, name),
            Schema::Enum(name) => self.owned_name(tag::ENUM, name),
            Schema::Variant(name) => self.owned_name(tag::VARIANT, name),
            Schema::Error(name) => self.owned_name(tag::ERROR, name),
            Schema::Object(name) => self.owned_name(tag::OBJECT, name),
            Schema::Host(name) => self.owned_name(tag::HOST, name),
            Schema::Events(name) => self.owned_name(tag::EVENTS, name),
            Schema::Callback(name) => self.owned_name(tag::CALLBACK, name),
            Schema::Bool => self.put(&[tag::BOOL]),
            Schema::I8 => self.put(&[tag::I8]),
            Schema::I16 => self.put(&[tag::I16]),
            Schema::I32 => self.put(&[tag::I32]),
            Schema::I64 => self.put(&[tag::I64]),
            Schema::U8 => self.put(&[tag::U8]),
            Schema::U16 => self.put(&[tag::U16]),
            Schema::U32 => self.put(&[tag::U32]),
            Schema::U64 => self.put(&[tag::U64]),
            Schema::F32 => self.put(&[tag::F32]),
            Schema::F64 => self.put(&[tag::F64]),
            Schema::String => self.put(&[tag::STRING]),
            Schema::Bytes => self.put(&[tag::BYTES]),
            Schema::Timestamp => self.put(&[tag::TIMESTAMP]),
            Schema::Duration => self.put(&[tag::DURATION]),
        }
    }

    fn owned_container(&mut self, code: u8, inner: &[&Schema]) {
        self.put(&[code]);
        inner.iter().for_each(|schema| self.owned_schema(schema));
    }

    fn owned_name(&mut self, code: u8, name: &TypeName) {
        self.put(&[code]);
        self.name_texts(&name.path, &name.version);
    }

    pub(super) fn owned_literal(&mut self, tag: u8, literal: &Literal) {
        let field = self.begin(tag);
        match literal {
            Literal::Bool(value) => self.put(&[tag::LIT_BOOL, u8::from(*value)]),
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
}
