//! Decoded items to the model, one function per kind. Names of types stay names.

use gangplank_descriptor::owned::{self, Schema};

use crate::model::{
    Case, Common, Constant, Declaration, Enum, EnumValue, Event, Field, Function, HostFunction,
    Location, Name, Object, Param, Record, Role, Scalar, Type, Variant,
};

/// `None` for a library, which is no declaration.
pub(super) fn common(item: &owned::Item) -> Option<Common> {
    let bytes = item.body.to_vec();
    let common = item.common()?.clone();
    Some(Common {
        name: common.name,
        path: common.path,
        version: common.version,
        docs: common.docs,
        deprecated: common.deprecated,
        location: Location {
            file: common.file,
            line: common.line,
        },
        hash: item.hash,
        shape_text: item.to_string(),
        item: bytes,
        proto: common.proto,
    })
}

pub(super) fn record(common: Common, record: owned::Record) -> Declaration<Name> {
    Declaration::Record(Record {
        common,
        fields: record.fields.into_iter().map(field).collect(),
    })
}

pub(super) fn enumeration(common: Common, item: owned::Enum) -> Declaration<Name> {
    Declaration::Enum(Enum {
        common,
        values: item.values.into_iter().map(enum_value).collect(),
        aliases: item.aliases.into_iter().map(enum_value).collect(),
        open: item.open,
    })
}

fn enum_value(value: owned::EnumValue) -> EnumValue {
    EnumValue {
        name: value.name,
        wire: value.wire,
        docs: value.docs,
        deprecated: value.deprecated,
        value: value.value,
    }
}

pub(super) fn variant(
    common: Common,
    variant: owned::Variant,
    is_error: bool,
) -> Declaration<Name> {
    let case = |case: owned::Case| Case {
        name: case.name,
        wire: case.wire,
        docs: case.docs,
        deprecated: case.deprecated,
        positional: case.positional,
        message: case.message,
        fields: case.fields.into_iter().map(field).collect(),
    };
    Declaration::Variant(Variant {
        common,
        is_error,
        cases: variant.cases.into_iter().map(case).collect(),
    })
}

pub(super) fn object(common: Common, object: owned::Object) -> Object<Name> {
    let mut injected: Vec<Type<Name>> = Vec::new();
    for schema in object.injected {
        let ty = ty(schema);
        if !injected.contains(&ty) {
            injected.push(ty);
        }
    }
    Object {
        common,
        injected,
        constructors: Vec::new(),
        methods: Vec::new(),
    }
}

/// The function and its object.
pub(super) fn function(
    common: Common,
    function: owned::Function,
) -> (Option<Name>, Function<Name>) {
    let role = match function.role {
        owned::Role::Free => Role::Free,
        owned::Role::Constructor => Role::Constructor,
        owned::Role::Method => Role::Method,
    };
    let item = Function {
        common,
        symbol: function.symbol,
        role,
        is_async: function.is_async,
        params: function.params.into_iter().map(param).collect(),
        results: function.results.into_iter().map(ty).collect(),
        error: function.error.map(ty),
        untyped_error: function.untyped_error,
        // An rpc's signature was lowered by nobody before.
        abi_hash: (function.proto.is_none() || function.abi_hash != 0).then_some(function.abi_hash),
        proto: function.proto,
    };
    (function.owner.map(name), item)
}

/// The function and its trait.
pub(super) fn host_function(
    common: Common,
    function: owned::HostFunction,
) -> (Name, HostFunction<Name>) {
    let item = HostFunction {
        common,
        wire: function.wire,
        params: function.params.into_iter().map(param).collect(),
        results: function.results.into_iter().map(ty).collect(),
        error: function.error.map(ty),
        deadline_ms: (function.deadline_ms != 0).then_some(function.deadline_ms),
    };
    (name(function.owner), item)
}

/// The event and its trait.
pub(super) fn event(common: Common, event: owned::Event) -> (Name, Event<Name>) {
    let item = Event {
        common,
        wire: event.wire,
        params: event.params.into_iter().map(param).collect(),
    };
    (name(event.owner), item)
}

pub(super) fn constant(common: Common, constant: owned::Constant) -> Constant<Name> {
    Constant {
        common,
        ty: ty(constant.schema),
        value: constant.value,
    }
}

fn name(name: owned::TypeName) -> Name {
    Name {
        path: name.path,
        version: name.version,
    }
}

fn field(field: owned::Field) -> Field<Name> {
    Field {
        name: field.name,
        wire: field.wire,
        docs: field.docs,
        deprecated: field.deprecated,
        ty: ty(field.schema),
        default: field.default,
        proto: field.proto,
    }
}

fn param(param: owned::Param) -> Param<Name> {
    Param {
        name: param.name,
        wire: param.wire,
        docs: param.docs,
        ty: ty(param.schema),
        borrowed: param.borrowed,
        default: param.default,
        proto: param.proto,
    }
}

fn ty(schema: Schema) -> Type<Name> {
    let inner = |schema: Box<Schema>| Box::new(ty(*schema));
    match schema {
        Schema::Bool => Type::Bool,
        Schema::String => Type::String,
        Schema::Bytes => Type::Bytes,
        Schema::Timestamp => Type::Timestamp,
        Schema::Duration => Type::Duration,
        Schema::List(element) => Type::List(inner(element)),
        Schema::Option(element) => Type::Option(inner(element)),
        Schema::Boxed(element) => Type::Boxed(inner(element)),
        Schema::Map(key, value) => Type::Map(inner(key), inner(value)),
        Schema::Stream(element) => Type::Stream(inner(element)),
        Schema::Record(of) | Schema::Enum(of) | Schema::Variant(of) | Schema::Error(of) => {
            Type::Declared(name(of))
        }
        Schema::Object(of) => Type::Object(name(of)),
        Schema::Host(of) => Type::Host(name(of)),
        Schema::Events(of) => Type::Events(name(of)),
        Schema::Callback(of) => Type::Callback(name(of)),
        Schema::I8 => Type::Number(Scalar::I8),
        Schema::I16 => Type::Number(Scalar::I16),
        Schema::I32 => Type::Number(Scalar::I32),
        Schema::I64 => Type::Number(Scalar::I64),
        Schema::U8 => Type::Number(Scalar::U8),
        Schema::U16 => Type::Number(Scalar::U16),
        Schema::U32 => Type::Number(Scalar::U32),
        Schema::U64 => Type::Number(Scalar::U64),
        Schema::F32 => Type::Number(Scalar::F32),
        Schema::F64 => Type::Number(Scalar::F64),
    }
}
