//! One item of each kind, with something in every field.

#![allow(dead_code, reason = "each test program uses another part of it")]

use gangplank_descriptor::{
    Case, Common, EnumValue, Event, Field, Function, HostFunction, Item, Library, Literal, Param,
    Role, Schema, TypeName,
};

pub(crate) const COMMON: Common = Common {
    name: "Config",
    path: "my_dep::Config",
    version: "0.3.1",
    docs: "How it is set up.",
    deprecated: Some("use Setup"),
    file: "src/lib.rs",
    line: 42,
};
pub(crate) const CONFIG: TypeName = TypeName {
    path: "my_dep::Config",
    version: "0.3.1",
};
pub(crate) const OTHER: TypeName = TypeName {
    path: "my_dep::Other",
    version: "0.3.1",
};
pub(crate) const FIELD: Field = Field {
    name: "max_retries",
    wire: "maxRetries",
    docs: "At most.",
    deprecated: None,
    schema: Schema::Option(&Schema::I64),
    default: Some(Literal::None),
};
pub(crate) const NESTED: Field = Field {
    name: "rest",
    wire: "rest",
    docs: "",
    deprecated: Some(""),
    schema: Schema::Map(
        &Schema::String,
        &Schema::List(&Schema::Boxed(&Schema::Record(CONFIG))),
    ),
    default: Some(Literal::Empty),
};
pub(crate) const VALUE: EnumValue = EnumValue {
    name: "DarkRed",
    wire: "darkRed",
    docs: "",
    deprecated: Some("see red"),
    value: -3,
};
pub(crate) const CASE: Case = Case {
    name: "BadValue",
    wire: "badValue",
    docs: "not {value}",
    deprecated: Some(""),
    positional: false,
    message: "not {value}",
    fields: &[FIELD],
};
pub(crate) const PARAM: Param = Param {
    name: "request",
    wire: "request",
    schema: Schema::Record(CONFIG),
    borrowed: false,
};
pub(crate) const FUNCTION: Function = Function {
    common: Common {
        name: "echo",
        path: "my_dep::Timer::echo",
        ..COMMON
    },
    symbol: "my_dep_timer_echo",
    owner: Some(TypeName {
        path: "my_dep::Timer",
        version: "0.3.1",
    }),
    role: Role::Method,
    is_async: true,
    params: &[PARAM],
    results: &[Schema::String, Schema::Timestamp],
    error: Some(Schema::Error(OTHER)),
    abi_hash: 7,
};
pub(crate) const HOST_FUNCTION: HostFunction = HostFunction {
    common: Common {
        name: "fetch",
        path: "my_dep::Host::fetch",
        ..COMMON
    },
    owner: OTHER,
    wire: "fetch",
    params: &[PARAM],
    results: &[Schema::Bytes],
    error: Some(Schema::String),
    deadline_ms: 500,
};
pub(crate) const EVENT: Event = Event {
    common: Common {
        name: "fired",
        path: "my_dep::Events::fired",
        ..COMMON
    },
    owner: OTHER,
    wire: "fired",
    params: &[PARAM],
};
pub(crate) const LIBRARY: Library = Library {
    crate_name: "my_dep",
    version: "0.3.1",
    docs: "A library.",
    abi: 1,
    panic_abort: true,
};

pub(crate) const SAMPLES: &[Item] = &[
    Item::Library(LIBRARY),
    Item::Record(COMMON, &[FIELD, NESTED]),
    Item::Record(COMMON, &[]),
    Item::Enum(COMMON, &[VALUE]),
    Item::Variant(
        COMMON,
        &[
            CASE,
            Case {
                positional: true,
                fields: &[],
                ..CASE
            },
        ],
    ),
    Item::Error(COMMON, &[CASE]),
    Item::Object(
        COMMON,
        &[Schema::I64, Schema::Events(OTHER), Schema::Host(CONFIG)],
    ),
    Item::Function(FUNCTION),
    Item::HostFunction(HOST_FUNCTION),
    Item::Event(EVENT),
    Item::Constant(COMMON, Schema::Bytes, Literal::Bytes(&[0, 255])),
    Item::Constant(COMMON, Schema::F64, Literal::Float(0x7ff8_0000_0000_0001)),
    Item::Constant(COMMON, Schema::U64, Literal::Int(u64::MAX as i128)),
    Item::Constant(COMMON, Schema::String, Literal::String("a\0b")),
    Item::Constant(COMMON, Schema::Bool, Literal::Bool(true)),
    Item::Constant(COMMON, Schema::Enum(OTHER), Literal::EnumValue("Red")),
];
