//! Encoder against decoder, and what a hash holds.

use gangplank_descriptor::owned::{self, Body};
use gangplank_descriptor::{
    Case, Common, DecodeError, EnumValue, Event, FORMAT, Field, Function, HostFunction, Item,
    Library, Literal, Param, Role, Schema, TypeName, decode, identity, items,
};
use proptest::prelude::*;

const COMMON: Common = Common {
    name: "Config",
    path: "my_dep::Config",
    version: "0.3.1",
    docs: "How it is set up.",
    deprecated: Some("use Setup"),
    file: "src/lib.rs",
    line: 42,
};
const CONFIG: TypeName = TypeName {
    path: "my_dep::Config",
    version: "0.3.1",
};
const OTHER: TypeName = TypeName {
    path: "my_dep::Other",
    version: "0.3.1",
};
const FIELD: Field = Field {
    name: "max_retries",
    wire: "maxRetries",
    docs: "At most.",
    deprecated: None,
    schema: Schema::Option(&Schema::I64),
    default: Some(Literal::None),
};
const NESTED: Field = Field {
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
const VALUE: EnumValue = EnumValue {
    name: "DarkRed",
    wire: "darkRed",
    docs: "",
    value: -3,
};
const CASE: Case = Case {
    name: "BadValue",
    wire: "badValue",
    docs: "not {value}",
    positional: false,
    message: "not {value}",
    fields: &[FIELD],
};
const PARAM: Param = Param {
    name: "request",
    wire: "request",
    schema: Schema::Record(CONFIG),
    borrowed: false,
};
const FUNCTION: Function = Function {
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
const HOST_FUNCTION: HostFunction = HostFunction {
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
const EVENT: Event = Event {
    common: Common {
        name: "fired",
        path: "my_dep::Events::fired",
        ..COMMON
    },
    owner: OTHER,
    wire: "fired",
    params: &[PARAM],
};
const LIBRARY: Library = Library {
    crate_name: "my_dep",
    version: "0.3.1",
    docs: "A library.",
    abi: 1,
    panic_abort: true,
};

const SAMPLES: &[Item] = &[
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

#[test]
fn encoding_happens_at_compile_time() {
    const ITEM: Item = Item::Function(FUNCTION);
    static BYTES: [u8; ITEM.encoded_len()] = ITEM.encode();
    const HASH: u64 = ITEM.hash();
    assert_eq!(BYTES.as_slice(), ITEM.to_vec());
    assert_eq!(decode(&BYTES).unwrap().hash, HASH);
}

#[test]
fn every_kind_survives() {
    let decoded: Vec<_> = SAMPLES
        .iter()
        .map(|item| decode(&item.to_vec()).unwrap())
        .collect();
    for (item, decoded) in SAMPLES.iter().zip(&decoded) {
        assert_eq!(item.hash(), decoded.hash);
    }
    let Body::Record(record) = &decoded[1].body else {
        panic!("{:?}", decoded[1])
    };
    assert_eq!(record.common.deprecated.as_deref(), Some("use Setup"));
    assert_eq!(
        (record.common.file.as_str(), record.common.line),
        ("src/lib.rs", 42)
    );
    assert_eq!(record.fields[0].default, Some(owned::Literal::None));
    assert_eq!(record.fields[1].deprecated.as_deref(), Some(""));
    assert_eq!(
        record.fields[1].schema.to_string(),
        "map<string, list<box<my_dep::Config>>>"
    );
    let Body::Enum(item) = &decoded[3].body else {
        panic!("{:?}", decoded[3])
    };
    assert_eq!(item.values[0].value, -3);
    let Body::Object(object) = &decoded[6].body else {
        panic!("{:?}", decoded[6])
    };
    assert_eq!(
        object.injected.len(),
        2,
        "only host and event traits are injected"
    );
    let Body::Function(function) = &decoded[7].body else {
        panic!("{:?}", decoded[7])
    };
    assert_eq!(
        (function.role, function.is_async, function.abi_hash),
        (Role::Method, true, 7)
    );
    let Body::Constant(constant) = &decoded[11].body else {
        panic!("{:?}", decoded[11])
    };
    assert_eq!(constant.value, owned::Literal::Float(0x7ff8_0000_0000_0001));
}

#[test]
fn owned_items_have_the_same_bytes() {
    for item in SAMPLES {
        let decoded = decode(&item.to_vec()).unwrap();
        assert_eq!(decoded.body.to_vec(), item.to_vec(), "{decoded}");
        assert_eq!(decoded.body.clone().into_item(), decoded);
    }
}

#[test]
fn items_read_as_text() {
    let texts: Vec<_> = SAMPLES
        .iter()
        .map(|item| decode(&item.to_vec()).unwrap().to_string())
        .collect();
    assert_eq!(
        texts,
        [
            "library my_dep (ABI 1)",
            "record my_dep::Config { max_retries: option<i64>, rest: map<string, list<box<my_dep::Config>>> }",
            "record my_dep::Config { }",
            "enum my_dep::Config { DarkRed = -3 }",
            "variant my_dep::Config { BadValue { max_retries: option<i64> }, BadValue }",
            "error my_dep::Config { BadValue { max_retries: option<i64> } }",
            "object my_dep::Config(events<my_dep::Other>, host<my_dep::Config>)",
            "async fn my_dep::Timer::echo(self, request: my_dep::Config) -> result<(string, timestamp), my_dep::Other>",
            "host async fn my_dep::Host::fetch(request: my_dep::Config) -> result<bytes, string>",
            "event my_dep::Events::fired(request: my_dep::Config)",
            "const my_dep::Config: bytes = b\"\\x00\\xff\"",
            "const my_dep::Config: f64 = NaN",
            "const my_dep::Config: u64 = 18446744073709551615",
            "const my_dep::Config: string = \"a\\0b\"",
            "const my_dep::Config: bool = true",
            "const my_dep::Config: my_dep::Other = Red",
        ]
    );
}

#[test]
fn a_section_is_read_item_by_item() {
    let mut section = vec![0; 5];
    for item in SAMPLES {
        section.extend(item.to_vec());
        section.extend([0; 3]);
    }
    let found: Vec<_> = items(&section).map(Result::unwrap).collect();
    assert_eq!(found.len(), SAMPLES.len());
    section.extend(b"GPi?");
    let last = items(&section).last().unwrap().unwrap_err();
    assert_eq!(
        (last.offset, last.error),
        (section.len() - 4, DecodeError::Magic)
    );
}

#[test]
fn every_truncation_is_an_error() {
    for item in SAMPLES {
        let bytes = item.to_vec();
        for len in 0..bytes.len() {
            assert!(decode(&bytes[..len]).is_err());
            let mut shortened = bytes[..len].to_vec();
            if len >= 20 {
                shortened[4..8].copy_from_slice(&(len as u32).to_le_bytes());
                let _ = decode(&shortened);
            }
        }
    }
}

#[test]
fn a_newer_format_says_so() {
    let mut bytes = SAMPLES[1].to_vec();
    bytes[16] = FORMAT + 1;
    assert_eq!(decode(&bytes), Err(DecodeError::Newer(FORMAT + 1)));
    bytes[16] = FORMAT;
    bytes[17] = 99;
    assert_eq!(
        decode(&bytes),
        Err(DecodeError::Unknown("kind of item", 99))
    );
}

#[test]
fn unknown_fields_are_skipped() {
    for item in SAMPLES {
        let mut bytes = item.to_vec();
        for tag in [0x7f, 0xff] {
            bytes.push(tag);
            bytes.extend(3u32.to_le_bytes());
            bytes.extend([1, 2, 3]);
        }
        let len = bytes.len() as u32;
        bytes[4..8].copy_from_slice(&len.to_le_bytes());
        assert_eq!(
            format!("{:?}", decode(&bytes)),
            format!("{:?}", decode(&item.to_vec()))
        );
    }
}

#[test]
fn types_nested_too_deeply_are_refused() {
    let mut bytes = Item::Constant(COMMON, Schema::Bool, Literal::None).to_vec();
    let at = bytes
        .windows(6)
        .position(|bytes| bytes == [0x0d, 1, 0, 0, 0, 1])
        .unwrap()
        + 5;
    let deep = 100_000;
    bytes.splice(at..at, std::iter::repeat_n(16, deep));
    bytes[at - 4..at].copy_from_slice(&(deep as u32 + 1).to_le_bytes());
    let len = bytes.len() as u32;
    bytes[4..8].copy_from_slice(&len.to_le_bytes());
    assert_eq!(decode(&bytes), Err(DecodeError::TooDeep));
}

#[test]
fn notes_do_not_change_a_hash() {
    let noted = Common {
        name: "Renamed",
        version: "9.0.0",
        docs: "other",
        deprecated: None,
        file: "src/other.rs",
        line: 1,
        ..COMMON
    };
    let newer = TypeName {
        version: "9.0.0",
        ..CONFIG
    };
    let field = Field {
        name: "retries_at_most",
        docs: "",
        deprecated: Some("x"),
        default: Some(Literal::Int(3)),
        ..FIELD
    };
    let param = [Param {
        name: "r",
        borrowed: true,
        schema: Schema::Record(newer),
        ..PARAM
    }];
    let param: &'static [Param] = param.to_vec().leak();
    let pairs = [
        (
            Item::Record(COMMON, &[FIELD]),
            Item::Record(noted, vec![field].leak()),
        ),
        (
            Item::Error(COMMON, &[CASE]),
            Item::Error(
                noted,
                vec![Case {
                    name: "Bad",
                    docs: "",
                    message: "",
                    ..CASE
                }]
                .leak(),
            ),
        ),
        (
            Item::Enum(COMMON, &[VALUE]),
            Item::Enum(
                noted,
                vec![EnumValue {
                    name: "Red",
                    docs: "x",
                    ..VALUE
                }]
                .leak(),
            ),
        ),
        (
            Item::Library(LIBRARY),
            Item::Library(Library {
                version: "9",
                docs: "",
                panic_abort: false,
                ..LIBRARY
            }),
        ),
        (
            Item::Function(FUNCTION),
            Item::Function(Function {
                params: param,
                abi_hash: 8,
                ..FUNCTION
            }),
        ),
        (
            Item::HostFunction(HOST_FUNCTION),
            Item::HostFunction(HostFunction {
                params: param,
                deadline_ms: 0,
                ..HOST_FUNCTION
            }),
        ),
    ];
    for (old, new) in pairs {
        assert_eq!(old.hash(), new.hash(), "{old:?}");
    }
}

#[test]
fn every_shape_has_its_own_hash() {
    let moved = Common {
        path: "my_dep::Moved",
        ..COMMON
    };
    let renamed = Field {
        wire: "max",
        ..FIELD
    };
    let wider = Field {
        schema: Schema::I64,
        ..FIELD
    };
    let items = [
        Item::Record(COMMON, &[FIELD, NESTED]),
        Item::Record(COMMON, &[NESTED, FIELD]),
        Item::Record(COMMON, &[FIELD]),
        Item::Record(COMMON, &[]),
        Item::Record(moved, &[FIELD]),
        Item::Record(COMMON, vec![renamed].leak()),
        Item::Record(COMMON, vec![wider].leak()),
        Item::Record(
            COMMON,
            vec![Field {
                schema: Schema::Record(CONFIG),
                ..FIELD
            }]
            .leak(),
        ),
        Item::Record(
            COMMON,
            vec![Field {
                schema: Schema::Record(OTHER),
                ..FIELD
            }]
            .leak(),
        ),
        Item::Record(
            COMMON,
            vec![Field {
                schema: Schema::Enum(OTHER),
                ..FIELD
            }]
            .leak(),
        ),
        Item::Enum(COMMON, &[VALUE]),
        Item::Enum(COMMON, vec![EnumValue { value: 3, ..VALUE }].leak()),
        Item::Enum(
            COMMON,
            vec![EnumValue {
                wire: "red",
                ..VALUE
            }]
            .leak(),
        ),
        Item::Variant(COMMON, &[CASE]),
        Item::Error(COMMON, &[CASE]),
        Item::Variant(
            COMMON,
            vec![Case {
                positional: true,
                ..CASE
            }]
            .leak(),
        ),
        Item::Variant(
            COMMON,
            vec![Case {
                fields: &[],
                ..CASE
            }]
            .leak(),
        ),
        Item::Variant(COMMON, vec![Case { wire: "x", ..CASE }].leak()),
        Item::Object(COMMON, &[]),
        Item::Object(COMMON, &[Schema::Host(OTHER)]),
        Item::Object(COMMON, &[Schema::Events(OTHER)]),
        Item::Function(FUNCTION),
        Item::Function(Function {
            is_async: false,
            ..FUNCTION
        }),
        Item::Function(Function {
            role: Role::Constructor,
            ..FUNCTION
        }),
        Item::Function(Function {
            role: Role::Free,
            owner: None,
            ..FUNCTION
        }),
        Item::Function(Function {
            symbol: "other",
            ..FUNCTION
        }),
        Item::Function(Function {
            params: &[],
            ..FUNCTION
        }),
        Item::Function(Function {
            params: vec![Param { wire: "r", ..PARAM }].leak(),
            ..FUNCTION
        }),
        Item::Function(Function {
            results: &[Schema::String],
            ..FUNCTION
        }),
        Item::Function(Function {
            error: None,
            ..FUNCTION
        }),
        Item::Function(Function {
            error: Some(Schema::String),
            ..FUNCTION
        }),
        Item::HostFunction(HOST_FUNCTION),
        Item::HostFunction(HostFunction {
            wire: "x",
            ..HOST_FUNCTION
        }),
        Item::HostFunction(HostFunction {
            owner: CONFIG,
            ..HOST_FUNCTION
        }),
        Item::HostFunction(HostFunction {
            results: &[],
            ..HOST_FUNCTION
        }),
        Item::Event(EVENT),
        Item::Event(Event {
            params: &[],
            ..EVENT
        }),
        Item::Event(Event { wire: "x", ..EVENT }),
        Item::Constant(COMMON, Schema::I64, Literal::Int(1)),
        Item::Constant(COMMON, Schema::I64, Literal::Int(2)),
        Item::Constant(COMMON, Schema::U64, Literal::Int(1)),
        Item::Library(LIBRARY),
        Item::Library(Library { abi: 2, ..LIBRARY }),
    ];
    for (at, item) in items.iter().enumerate() {
        let twin = items[..at].iter().find(|other| other.hash() == item.hash());
        assert!(twin.is_none(), "{item:?} and {twin:?}");
    }
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode(&bytes);
        let _ = items(&bytes).count();
        let mut item = b"GPif".to_vec();
        item.extend((bytes.len() as u32 + 20).to_le_bytes());
        item.extend([0; 8]);
        item.extend([FORMAT, bytes.first().copied().unwrap_or(1) % 11, 0, 0]);
        item.extend(&bytes);
        let _ = decode(&item).map(|item| item.to_string());
    }

    #[test]
    fn changed_bytes_never_panic(sample in 0..SAMPLES.len(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = SAMPLES[sample].to_vec();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = decode(&bytes).map(|item| item.to_string());
        let _ = items(&bytes).count();
    }
}

/// Who only compares reads path and hashes of every kind of item, and nothing out of anything else.
#[test]
fn an_identity_is_what_the_whole_item_says() {
    for sample in SAMPLES {
        let bytes = sample.to_vec();
        let whole = decode(&bytes).unwrap();
        let found = identity(&bytes).unwrap();
        assert_eq!((found.path, found.hash), (whole.path(), whole.hash));
        let abi_hash = match whole.body {
            Body::Function(function) => function.abi_hash,
            _ => 0,
        };
        assert_eq!(found.abi_hash, abi_hash);
        for len in 0..bytes.len() {
            assert_eq!(identity(&bytes[..len]), None);
        }
    }
}
