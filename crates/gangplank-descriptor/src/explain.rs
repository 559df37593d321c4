//! Items as text that people read: in `inspect`, and in messages about two libraries that do not fit.
//!
//! Comes in: a decoded item. Goes out: its shape on one line, complete enough that two items with different hashes read
//! differently (names by Rust name, with the wire name where it is not derived from it).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Display, Formatter, Write as _};
use heck::ToLowerCamelCase;

use crate::owned::{
    Body, Case, Enum, Field, Function, HostFunction, Item, Literal, Param, ProtoField, ProtoResult,
    Role, Schema, TypeName,
};

impl Display for Item {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let path = self.path();
        match &self.body {
            Body::Library(library) => write!(f, "library {path} (ABI {})", library.abi),
            Body::Record(record) => {
                write!(f, "record {path}")?;
                fields(f, &record.fields)
            }
            Body::Enum(item) => enumeration(f, path, item),
            Body::Variant(item) => cases(f, "variant", path, &item.cases),
            Body::Error(item) => cases(f, "error", path, &item.cases),
            Body::Object(object) => {
                write!(f, "object {path}(")?;
                list(f, &object.injected, |f, schema| schema.fmt(f))?;
                f.write_char(')')
            }
            Body::Function(item) => function(f, path, item),
            Body::HostFunction(item) => host_function(f, path, item),
            Body::Event(item) => {
                write!(f, "event {path}(")?;
                list(f, &item.params, param)?;
                f.write_char(')')?;
                wire_of_function(f, path, &item.wire)
            }
            Body::Constant(item) => write!(f, "const {path}: {} = {}", item.schema, item.value),
        }
    }
}

impl Display for TypeName {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}

impl Display for Schema {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Schema::List(element) => write!(f, "list<{element}>"),
            Schema::Option(element) => write!(f, "option<{element}>"),
            Schema::Boxed(element) => write!(f, "box<{element}>"),
            Schema::Map(key, value) => write!(f, "map<{key}, {value}>"),
            Schema::Stream(element) => write!(f, "stream<{element}>"),
            Schema::Record(name)
            | Schema::Enum(name)
            | Schema::Variant(name)
            | Schema::Error(name)
            | Schema::Object(name) => name.fmt(f),
            Schema::Host(name) => write!(f, "host<{name}>"),
            Schema::Events(name) => write!(f, "events<{name}>"),
            Schema::Callback(name) => write!(f, "callback<{name}>"),
            plain => f.write_str(plain_name(plain)),
        }
    }
}

fn plain_name(schema: &Schema) -> &'static str {
    match schema {
        Schema::Bool => "bool",
        Schema::I8 => "i8",
        Schema::I16 => "i16",
        Schema::I32 => "i32",
        Schema::I64 => "i64",
        Schema::U8 => "u8",
        Schema::U16 => "u16",
        Schema::U32 => "u32",
        Schema::U64 => "u64",
        Schema::F32 => "f32",
        Schema::F64 => "f64",
        Schema::String => "string",
        Schema::Bytes => "bytes",
        Schema::Timestamp => "timestamp",
        Schema::Duration => "duration",
        _ => "",
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Bool(value) => write!(f, "{value}"),
            Literal::Int(value) => write!(f, "{value}"),
            Literal::Float(bits) => write!(f, "{:?}", f64::from_bits(*bits)),
            Literal::String(text) => write!(f, "{text:?}"),
            Literal::Bytes(bytes) => write!(f, "b\"{}\"", bytes.escape_ascii()),
            Literal::EnumValue(name) => f.write_str(name),
            Literal::None => f.write_str("none"),
            Literal::Empty => f.write_str("empty"),
        }
    }
}

fn enumeration(f: &mut Formatter<'_>, path: &str, item: &Enum) -> fmt::Result {
    let open = if item.open { "open " } else { "" };
    write!(f, "{open}enum {path} {{ ")?;
    let values: Vec<_> = item.values.iter().chain(&item.aliases).collect();
    list(f, &values, |f, value| {
        // Names from `.proto` files are their wire names.
        match value.wire == value.name {
            true => f.write_str(&value.name)?,
            false => named(f, &value.name, &value.wire)?,
        }
        write!(f, " = {}", value.value)
    })?;
    f.write_str(" }")
}

/// The protobuf form, after the type.
fn proto(f: &mut Formatter<'_>, field: Option<&ProtoField>) -> fmt::Result {
    match field {
        None => Ok(()),
        Some(field) => field.fmt(f),
    }
}

fn function(f: &mut Formatter<'_>, path: &str, function: &Function) -> fmt::Result {
    if function.role == Role::Constructor {
        f.write_str("constructor ")?;
    }
    if function.is_async {
        f.write_str("async ")?;
    }
    write!(f, "fn {path}(")?;
    if function.role == Role::Method {
        f.write_str(if function.params.is_empty() {
            "self"
        } else {
            "self, "
        })?;
    }
    list(f, &function.params, param)?;
    f.write_char(')')?;
    if let Some(proto) = &function.proto {
        return rpc_outcome(f, function, &proto.results);
    }
    match function.untyped_error {
        false => outcome(f, &function.results, function.error.as_ref()),
        true => {
            f.write_str(" -> result<")?;
            results_of(f, &function.results)?;
            f.write_char('>')
        }
    }
}

fn rpc_outcome(f: &mut Formatter<'_>, function: &Function, forms: &[ProtoResult]) -> fmt::Result {
    f.write_str(" -> result<(")?;
    let both: Vec<_> = function.results.iter().zip(forms).collect();
    list(f, &both, |f, (schema, form)| {
        named(f, &form.name, &form.wire)?;
        write!(f, ": {schema}")?;
        proto(f, Some(&form.field))
    })?;
    f.write_str(")>")
}

fn host_function(f: &mut Formatter<'_>, path: &str, function: &HostFunction) -> fmt::Result {
    write!(f, "host async fn {path}(")?;
    list(f, &function.params, param)?;
    f.write_char(')')?;
    outcome(f, &function.results, function.error.as_ref())?;
    wire_of_function(f, path, &function.wire)
}

fn outcome(f: &mut Formatter<'_>, results: &[Schema], error: Option<&Schema>) -> fmt::Result {
    if results.is_empty() && error.is_none() {
        return Ok(());
    }
    f.write_str(" -> ")?;
    if error.is_some() {
        f.write_str("result<")?;
    }
    results_of(f, results)?;
    match error {
        Some(error) => write!(f, ", {error}>"),
        None => Ok(()),
    }
}

fn results_of(f: &mut Formatter<'_>, results: &[Schema]) -> fmt::Result {
    match results {
        [one] => one.fmt(f),
        several => {
            f.write_char('(')?;
            list(f, several, |f, schema| schema.fmt(f))?;
            f.write_char(')')
        }
    }
}

fn cases(f: &mut Formatter<'_>, kind: &str, path: &str, cases: &[Case]) -> fmt::Result {
    write!(f, "{kind} {path} {{ ")?;
    list(f, cases, |f, case| {
        named(f, &case.name, &case.wire)?;
        if case.fields.is_empty() {
            return Ok(());
        }
        if !case.positional {
            return fields(f, &case.fields);
        }
        f.write_char('(')?;
        list(f, &case.fields, |f, field| {
            if field.wire != field.name {
                write!(f, "{:?}: ", field.wire)?;
            }
            field.schema.fmt(f)?;
            proto(f, field.proto.as_ref())
        })?;
        f.write_char(')')
    })?;
    f.write_str(" }")
}

fn fields(f: &mut Formatter<'_>, fields: &[Field]) -> fmt::Result {
    f.write_str(" { ")?;
    list(f, fields, |f, field| {
        named(f, &field.name, &field.wire)?;
        write!(f, ": {}", field.schema)?;
        proto(f, field.proto.as_ref())
    })?;
    f.write_str(if fields.is_empty() { "}" } else { " }" })
}

fn param(f: &mut Formatter<'_>, param: &Param) -> fmt::Result {
    named(f, &param.name, &param.wire)?;
    write!(f, ": {}", param.schema)?;
    proto(f, param.proto.as_ref())
}

/// A name, with the wire name beside it where that is not the usual one.
fn named(f: &mut Formatter<'_>, name: &str, wire: &str) -> fmt::Result {
    f.write_str(name)?;
    if wire != wire_name(name) {
        write!(f, " ({wire:?})")?;
    }
    Ok(())
}

fn wire_of_function(f: &mut Formatter<'_>, path: &str, wire: &str) -> fmt::Result {
    if path.rsplit("::").next() != Some(wire) {
        write!(f, " ({wire:?})")?;
    }
    Ok(())
}

fn list<T>(
    f: &mut Formatter<'_>,
    items: &[T],
    mut each: impl FnMut(&mut Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            f.write_str(", ")?;
        }
        each(f, item)?;
    }
    Ok(())
}

/// `delay_ms` → `delayMs`, `EmptyJobName` → `emptyJobName`: the wire name of a field, parameter, value or case that has no other.
pub fn wire_name(name: &str) -> String {
    name.trim_start_matches("r#").to_lower_camel_case()
}
