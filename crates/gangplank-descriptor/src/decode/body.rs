//! Items from their fields: one function per kind.

use alloc::string::String;

use super::DecodeError;
use super::part::Part;
use crate::owned::{
    Body, Case, Common, Constant, Encoding, Enum, EnumValue, Event, Field, Function, HostFunction,
    Library, Object, Occurs, Param, ProtoField, ProtoFunction, ProtoName, ProtoResult,
    ProtoService, Record, Role, TypeName, Variant,
};
use crate::tag::{self, kind};

pub(super) fn body(code: u8, part: &Part<'_>) -> Result<Body, DecodeError> {
    Ok(match code {
        kind::LIBRARY => Body::Library(library(part)?),
        kind::RECORD => Body::Record(Record {
            common: common(part)?,
            fields: part.parts(tag::FIELD, field)?,
        }),
        kind::ENUM => Body::Enum(Enum {
            common: common(part)?,
            values: part.parts(tag::VALUE, value)?,
            aliases: part.parts(tag::ALIAS, value)?,
            open: part.yes(tag::OPEN),
        }),
        kind::VARIANT => Body::Variant(variant(part)?),
        kind::ERROR => Body::Error(variant(part)?),
        kind::OBJECT => Body::Object(Object {
            common: common(part)?,
            injected: part.schemas(tag::INJECTED, "injected type")?,
        }),
        kind::FUNCTION => Body::Function(function(part)?),
        kind::HOST_FUNCTION => Body::HostFunction(host_function(part)?),
        kind::EVENT => Body::Event(event(part)?),
        kind::CONSTANT => Body::Constant(Constant {
            common: common(part)?,
            schema: part.schema(tag::SCHEMA, "type")?,
            value: part
                .literal(tag::LITERAL)?
                .ok_or(DecodeError::Missing("value"))?,
        }),
        other => return Err(DecodeError::Unknown("kind of item", other)),
    })
}

fn common(part: &Part<'_>) -> Result<Common, DecodeError> {
    let path = part.required(tag::PATH, "path")?;
    let name = match part.text(tag::NAME)? {
        Some(name) => name,
        None => String::from(path.rsplit("::").next().unwrap_or(&path)),
    };
    Ok(Common {
        name,
        path,
        version: part.note(tag::VERSION)?,
        docs: part.note(tag::DOCS)?,
        deprecated: part.text(tag::DEPRECATED)?,
        file: part.note(tag::FILE)?,
        line: part.number(tag::LINE, "line")?.unwrap_or(0),
        proto: proto_name(part)?,
    })
}

fn proto_name(part: &Part<'_>) -> Result<Option<ProtoName>, DecodeError> {
    let Some(full_name) = part.text(tag::FULL_NAME)? else {
        return Ok(None);
    };
    let package = part.required(tag::PACKAGE, "package")?;
    Ok(Some(ProtoName { package, full_name }))
}

/// What a message can hold of a code.
fn unknown(code: u32) -> u8 {
    u8::try_from(code).unwrap_or(u8::MAX)
}

fn proto_field(part: &Part<'_>) -> Result<ProtoField, DecodeError> {
    let code = |tag, what| Ok(part.number(tag, what)?.unwrap_or(0));
    let encoding = |tag| {
        let code = code(tag, "encoding")?;
        Encoding::from_code(code).ok_or(DecodeError::Unknown("encoding", unknown(code)))
    };
    let occurs = code(tag::OCCURS, "occurrence")?;
    Ok(ProtoField {
        number: code(tag::NUMBER, "field number")?,
        occurs: Occurs::from_code(occurs)
            .ok_or(DecodeError::Unknown("occurrence", unknown(occurs)))?,
        encoding: encoding(tag::ENCODING)?,
        key_encoding: encoding(tag::KEY_ENCODING)?,
    })
}

/// The protobuf form inside a field, parameter or result.
fn proto_of(part: &Part<'_>) -> Result<Option<ProtoField>, DecodeError> {
    Ok(part.parts(tag::PROTO, proto_field)?.into_iter().next())
}

fn proto_result(part: &Part<'_>) -> Result<ProtoResult, DecodeError> {
    let (name, wire) = names(part)?;
    let field = proto_of(part)?.ok_or(DecodeError::Missing("protobuf form"))?;
    Ok(ProtoResult {
        name,
        wire,
        docs: part.note(tag::DOCS)?,
        field,
    })
}

fn proto_function(part: &Part<'_>) -> Result<Option<ProtoFunction>, DecodeError> {
    let Some(request) = part.text(tag::REQUEST)? else {
        return Ok(None);
    };
    Ok(Some(ProtoFunction {
        request,
        response: part.note(tag::RESPONSE)?,
        results: part.parts(tag::PROTO_RESULT, proto_result)?,
    }))
}

fn library(part: &Part<'_>) -> Result<Library, DecodeError> {
    Ok(Library {
        crate_name: part.required(tag::PATH, "crate")?,
        version: part.note(tag::VERSION)?,
        docs: part.note(tag::DOCS)?,
        abi: part
            .number(tag::ABI, "ABI version")?
            .ok_or(DecodeError::Missing("ABI version"))?,
        panic_abort: part.yes(tag::PANIC_ABORT),
        package: part.text(tag::PACKAGE)?,
        services: part.parts(tag::SERVICE, service)?,
    })
}

fn service(part: &Part<'_>) -> Result<ProtoService, DecodeError> {
    Ok(ProtoService {
        name: part.note(tag::NAME)?,
        docs: part.note(tag::DOCS)?,
    })
}

fn variant(part: &Part<'_>) -> Result<Variant, DecodeError> {
    Ok(Variant {
        common: common(part)?,
        cases: part.parts(tag::CASE, case)?,
    })
}

fn owner(part: &Part<'_>) -> Result<Option<TypeName>, DecodeError> {
    let Some(path) = part.text(tag::OWNER)? else {
        return Ok(None);
    };
    Ok(Some(TypeName {
        path,
        version: part.note(tag::OWNER_VERSION)?,
    }))
}

fn function(part: &Part<'_>) -> Result<Function, DecodeError> {
    let flags = part.number(tag::FLAGS, "flags")?.unwrap_or(0);
    let owner = owner(part)?;
    let role = match flags & (tag::FLAG_CONSTRUCTOR | tag::FLAG_METHOD) {
        0 => Role::Free,
        tag::FLAG_CONSTRUCTOR => Role::Constructor,
        tag::FLAG_METHOD => Role::Method,
        _ => return Err(DecodeError::Malformed("flags")),
    };
    if (role == Role::Free) != owner.is_none() {
        return Err(DecodeError::Malformed("owner"));
    }
    let proto = proto_function(part)?;
    let symbol = match proto {
        None => tag::SYMBOL,
        Some(_) => tag::RPC_SYMBOL,
    };
    Ok(Function {
        common: common(part)?,
        symbol: part.required(symbol, "symbol")?,
        owner,
        role,
        is_async: flags & tag::FLAG_ASYNC != 0,
        params: part.parts(tag::PARAM, param)?,
        results: part.schemas(tag::RESULT, "result")?,
        error: part.schemas(tag::FAILURE, "error")?.into_iter().next(),
        untyped_error: flags & tag::FLAG_UNTYPED_ERROR != 0,
        abi_hash: part.long(tag::ABI_HASH, "ABI hash")?.unwrap_or(0),
        proto,
    })
}

fn host_function(part: &Part<'_>) -> Result<HostFunction, DecodeError> {
    Ok(HostFunction {
        common: common(part)?,
        owner: owner(part)?.ok_or(DecodeError::Missing("trait"))?,
        wire: part.required(tag::WIRE, "wire name")?,
        params: part.parts(tag::PARAM, param)?,
        results: part.schemas(tag::RESULT, "result")?,
        error: part.schemas(tag::FAILURE, "error")?.into_iter().next(),
        deadline_ms: part.long(tag::DEADLINE, "deadline")?.unwrap_or(0),
    })
}

fn event(part: &Part<'_>) -> Result<Event, DecodeError> {
    Ok(Event {
        common: common(part)?,
        owner: owner(part)?.ok_or(DecodeError::Missing("trait"))?,
        wire: part.required(tag::WIRE, "wire name")?,
        params: part.parts(tag::PARAM, param)?,
    })
}

/// Rust and wire name of a part; the Rust name is a note and falls back to the other.
fn names(part: &Part<'_>) -> Result<(String, String), DecodeError> {
    let wire = part.required(tag::WIRE, "wire name")?;
    let name = part.text(tag::NAME)?.unwrap_or_else(|| wire.clone());
    Ok((name, wire))
}

fn param(part: &Part<'_>) -> Result<Param, DecodeError> {
    let (name, wire) = names(part)?;
    Ok(Param {
        name,
        wire,
        docs: part.note(tag::DOCS)?,
        schema: part.schema(tag::SCHEMA, "type")?,
        borrowed: part.yes(tag::BORROWED),
        default: part.literal(tag::DEFAULT)?,
        proto: proto_of(part)?,
    })
}

fn field(part: &Part<'_>) -> Result<Field, DecodeError> {
    let (name, wire) = names(part)?;
    Ok(Field {
        name,
        wire,
        docs: part.note(tag::DOCS)?,
        deprecated: part.text(tag::DEPRECATED)?,
        schema: part.schema(tag::SCHEMA, "type")?,
        default: part.literal(tag::DEFAULT)?,
        proto: proto_of(part)?,
    })
}

fn value(part: &Part<'_>) -> Result<EnumValue, DecodeError> {
    let (name, wire) = names(part)?;
    let number = part.number(tag::NUMBER, "number")?;
    Ok(EnumValue {
        name,
        wire,
        docs: part.note(tag::DOCS)?,
        deprecated: part.text(tag::DEPRECATED)?,
        value: number.ok_or(DecodeError::Missing("number"))? as i32,
    })
}

fn case(part: &Part<'_>) -> Result<Case, DecodeError> {
    let (name, wire) = names(part)?;
    Ok(Case {
        name,
        wire,
        docs: part.note(tag::DOCS)?,
        deprecated: part.text(tag::DEPRECATED)?,
        positional: part.yes(tag::POSITIONAL),
        message: part.note(tag::MESSAGE)?,
        fields: part.parts(tag::FIELD, field)?,
    })
}
