//! What the hash of an item holds, and what not.

#[path = "support/samples.rs"]
mod samples;

use gangplank_descriptor::owned::Body;
use gangplank_descriptor::{
    Case, Common, EnumValue, Event, FORMAT, Field, Function, HostFunction, Item, Library, Literal,
    Param, Role, Schema, TypeName, decode, identity, items,
};
use proptest::prelude::*;
use samples::{
    CASE, COMMON, CONFIG, EVENT, FIELD, FUNCTION, HOST_FUNCTION, LIBRARY, NESTED, OTHER, PARAM,
    SAMPLES, VALUE,
};

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
                    deprecated: None,
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
                    deprecated: None,
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
