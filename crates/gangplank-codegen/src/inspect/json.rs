//! The interface as JSON, by the schema of `docs/inspect-json.md`.

use gangplank_model::model::{
    Case, Common, Constant, Declaration, Encoding, EnumValue, Event, Field, Function, HostFunction,
    Interface, Literal, Name, Object, Occurs, Param, ProtoField, ProtoFunction, ProtoResult,
    ProtoService, Type,
};
use serde_json::{Map, Value, json};

use super::{traits, types};

/// Raised when a program that reads one version would misread the next. New keys do not raise it.
pub const SCHEMA_VERSION: u32 = 1;

/// The whole interface, indented, with a final line feed.
pub fn json(interface: &Interface) -> String {
    let library = &interface.library;
    let value = json!({
        "schema": SCHEMA_VERSION,
        "library": {
            "name": library.name,
            "version": library.version,
            "abi": library.abi,
            "panic": if library.panic_abort { "abort" } else { "unwind" },
            "docs": library.docs,
            "services": list(&library.services, service_value),
        },
        "objects": list(&interface.objects, |object| object_value(interface, object)),
        "functions": list(&interface.functions, function_value),
        "types": types(interface).into_iter().map(declaration_value).collect::<Vec<_>>(),
        "constants": list(&interface.constants, constant_value),
        "foreign": list(&interface.foreign, |item| item_value(item, json!({}))),
    });
    format!("{value:#}\n")
}

fn list<T>(items: &[T], value: impl Fn(&T) -> Value) -> Vec<Value> {
    items.iter().map(value).collect()
}

/// What every item has, then `own`.
fn item_value(item: &Common, own: Value) -> Value {
    let mut value = Map::new();
    value.insert("name".into(), item.name.clone().into());
    value.insert("path".into(), item.path.clone().into());
    value.insert("version".into(), item.version.clone().into());
    value.insert("docs".into(), item.docs.clone().into());
    value.insert("deprecated".into(), item.deprecated.clone().into());
    value.insert("location".into(), item.location.to_string().into());
    let proto = item.proto.as_ref().map(|proto| proto.full_name.clone());
    value.insert("proto_name".into(), proto.into());
    value.insert("hash".into(), format!("{:016x}", item.hash).into());
    if let Value::Object(own) = own {
        value.extend(own);
    }
    Value::Object(value)
}

fn object_value(interface: &Interface, object: &Object<Name>) -> Value {
    let functions = || traits(interface, object).flat_map(|item| &item.functions);
    let events = || traits(interface, object).flat_map(|item| &item.events);
    item_value(
        &object.common,
        json!({
            "constructors": list(&object.constructors, function_value),
            "methods": list(&object.methods, function_value),
            "host_functions": functions().map(host_function_value).collect::<Vec<_>>(),
            "events": events().map(event_value).collect::<Vec<_>>(),
        }),
    )
}

fn service_value(service: &ProtoService) -> Value {
    json!({ "name": service.name, "docs": service.docs })
}

fn function_value(function: &Function<Name>) -> Value {
    item_value(
        &function.common,
        json!({
            "symbol": function.symbol,
            "async": function.is_async,
            "params": list(&function.params, param_value),
            "results": list(&function.results, type_value),
            "error": function.error.as_ref().map(type_value),
            "untyped_error": function.untyped_error,
            "proto": function.proto.as_ref().map(rpc_value),
        }),
    )
}

fn rpc_value(rpc: &ProtoFunction) -> Value {
    let result = |result: &ProtoResult| {
        json!({
            "name": result.name,
            "wire": result.wire,
            "docs": result.docs,
            "proto": form_value(&result.field),
        })
    };
    json!({
        "request": rpc.request,
        "response": rpc.response,
        "results": list(&rpc.results, result),
    })
}

fn form_value(form: &ProtoField) -> Value {
    let encoding = |encoding| match encoding {
        Encoding::Default => "default",
        Encoding::ZigZag => "zigzag",
        Encoding::Fixed => "fixed",
    };
    let occurs = match form.occurs {
        Occurs::Implicit => "implicit",
        Occurs::Explicit => "explicit",
        Occurs::Repeated => "repeated",
        Occurs::Packed => "packed",
        Occurs::Map => "map",
        Occurs::Member => "member",
        Occurs::Oneof => "oneof",
        Occurs::Whole => "whole",
    };
    json!({
        "number": form.number,
        "occurs": occurs,
        "encoding": encoding(form.encoding),
        "key_encoding": encoding(form.key_encoding),
    })
}

fn host_function_value(function: &HostFunction<Name>) -> Value {
    item_value(
        &function.common,
        json!({
            "wire": function.wire,
            "params": list(&function.params, param_value),
            "results": list(&function.results, type_value),
            "error": function.error.as_ref().map(type_value),
            "deadline_ms": function.deadline_ms,
        }),
    )
}

fn event_value(event: &Event<Name>) -> Value {
    let params = list(&event.params, param_value);
    item_value(
        &event.common,
        json!({ "wire": event.wire, "params": params }),
    )
}

fn param_value(param: &Param<Name>) -> Value {
    json!({
        "name": param.name,
        "wire": param.wire,
        "docs": param.docs,
        "type": type_value(&param.ty),
        "borrowed": param.borrowed,
        "default": param.default.as_ref().map(literal_value),
        "proto": param.proto.as_ref().map(form_value),
    })
}

fn declaration_value(item: &Declaration<Name>) -> Value {
    let kind = item.kind();
    let own = match item {
        Declaration::Record(record) => json!({
            "kind": kind,
            "fields": list(&record.fields, field_value),
        }),
        Declaration::Enum(item) => json!({
            "kind": kind,
            "values": list(&item.values, enum_value),
            "aliases": list(&item.aliases, enum_value),
            "open": item.open,
        }),
        Declaration::Variant(variant) => json!({
            "kind": kind,
            "cases": list(&variant.cases, case_value),
        }),
    };
    item_value(item.common(), own)
}

fn field_value(field: &Field<Name>) -> Value {
    json!({
        "name": field.name,
        "wire": field.wire,
        "docs": field.docs,
        "deprecated": field.deprecated,
        "type": type_value(&field.ty),
        "default": field.default.as_ref().map(literal_value),
        "proto": field.proto.as_ref().map(form_value),
    })
}

fn enum_value(value: &EnumValue) -> Value {
    json!({
        "name": value.name,
        "wire": value.wire,
        "docs": value.docs,
        "deprecated": value.deprecated,
        "value": value.value,
    })
}

fn case_value(case: &Case<Name>) -> Value {
    json!({
        "name": case.name,
        "wire": case.wire,
        "docs": case.docs,
        "deprecated": case.deprecated,
        "message": case.message,
        "positional": case.positional,
        "fields": list(&case.fields, field_value),
    })
}

fn constant_value(constant: &Constant<Name>) -> Value {
    let ty = type_value(&constant.ty);
    let value = literal_value(&constant.value);
    item_value(&constant.common, json!({ "type": ty, "value": value }))
}

fn type_value(ty: &Type<Name>) -> Value {
    let of = |kind: &str, inner: &Type<Name>| json!({ "kind": kind, "of": type_value(inner) });
    let named = |kind: &str, name: &Name| json!({ "kind": kind, "path": name.path });
    match ty {
        Type::List(inner) => of("list", inner),
        Type::Option(inner) => of("option", inner),
        Type::Boxed(inner) => of("box", inner),
        Type::Stream(inner) => of("stream", inner),
        Type::Map(key, value) => {
            json!({ "kind": "map", "key": type_value(key), "of": type_value(value) })
        }
        Type::Declared(name) => named("type", name),
        Type::Object(name) => named("object", name),
        Type::Host(name) => named("host", name),
        Type::Events(name) => named("events", name),
        Type::Callback(name) => named("callback", name),
        plain => json!({ "kind": plain.to_string() }),
    }
}

/// One key says the kind. Floats that JSON has no number for are text.
fn literal_value(literal: &Literal) -> Value {
    match literal {
        Literal::Bool(value) => json!({ "bool": value }),
        Literal::Int(value) => match (i64::try_from(*value), u64::try_from(*value)) {
            (Ok(value), _) => json!({ "int": value }),
            (_, Ok(value)) => json!({ "int": value }),
            _ => json!({ "int": value.to_string() }),
        },
        Literal::Float(bits) => match f64::from_bits(*bits) {
            value if value.is_finite() => json!({ "float": value }),
            value => json!({ "float": value.to_string() }),
        },
        Literal::String(text) => json!({ "string": text }),
        Literal::Bytes(bytes) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            json!({ "bytes": hex })
        }
        Literal::EnumValue(name) => json!({ "enum": name }),
        Literal::None => json!({ "none": true }),
        Literal::Empty => json!({ "empty": true }),
    }
}
