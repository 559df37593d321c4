//! A guest in Go with everything that a definition can say: values there and back, also through C structs; errors, panics,
//! limits.

mod support;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use prost::Message;
use protox::prost_reflect::{
    DescriptorPool, DynamicMessage, Kind as FieldKind, MapKey, MessageDescriptor, ReflectMessage,
    Value,
};
use xllr::{Kind, Module, Options};

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());
static VALUES: LazyLock<PathBuf> = LazyLock::new(|| {
    let protos = support::root().join("crates/gangplank-codegen/tests/proto");
    let more = [
        (protos.join("kinds.proto"), "kinds.proto"),
        (protos.join("common/money.proto"), "common/money.proto"),
    ];
    support::go_guest(FOLDER.path(), "values", "x_windows.proto", &more)
});

fn values() -> Module {
    Module::open("native", VALUES.to_str().unwrap(), &Options::default()).unwrap()
}

fn pool() -> DescriptorPool {
    drop(values());
    let mut compiler = protox::Compiler::new([FOLDER.path()]).unwrap();
    compiler
        .include_imports(true)
        .open_file("x_windows.proto")
        .unwrap();
    compiler.descriptor_pool()
}

#[derive(Clone, PartialEq, Message)]
struct Text {
    #[prost(string, tag = "1")]
    text: String,
}

fn said(function: &str, text: &str) -> Result<String, xllr::Error> {
    let request = Text {
        text: text.to_owned(),
    };
    let answer = values()
        .function(function)
        .unwrap()
        .call_bytes(&request.encode_to_vec())?;
    Ok(Text::decode(answer.as_slice()).unwrap().text)
}

/// A message with something in each field, `which` of the members of each oneof.
fn filled(message: &MessageDescriptor, which: usize, depth: usize) -> DynamicMessage {
    let mut filled = DynamicMessage::new(message.clone());
    for field in message.fields() {
        let member = field
            .containing_oneof()
            .filter(|oneof| !oneof.is_synthetic());
        let chosen = |fields: &[u32]| fields[which % fields.len()] == field.number();
        let members = member.map(|oneof| {
            oneof
                .fields()
                .map(|field| field.number())
                .collect::<Vec<_>>()
        });
        if members.is_some_and(|members| !chosen(&members)) {
            continue;
        }
        let deep = matches!(field.kind(), FieldKind::Message(_)) && depth == 0;
        if deep {
            continue;
        }
        let value = if field.is_map() {
            let FieldKind::Message(entry) = field.kind() else {
                continue;
            };
            let (key, value) = (entry.map_entry_key_field(), entry.map_entry_value_field());
            if depth == 0 || (depth == 1 && matches!(value.kind(), FieldKind::Message(_))) {
                continue;
            }
            let pairs = (0..5).map(|at| {
                (
                    key_of(&key.kind(), at),
                    value_of(&value.kind(), which + at, depth),
                )
            });
            Value::Map(pairs.collect())
        } else if field.is_list() {
            Value::List(
                (0..4)
                    .map(|at| value_of(&field.kind(), which + at, depth))
                    .collect(),
            )
        } else {
            value_of(&field.kind(), which, depth)
        };
        filled.set_field(&field, value);
    }
    // Once through bytes: a zero that was set and one that was not are the same there.
    DynamicMessage::decode(message.clone(), filled.encode_to_vec().as_slice()).unwrap()
}

fn key_of(kind: &FieldKind, at: usize) -> MapKey {
    match value_of(kind, at, 0) {
        Value::Bool(value) => MapKey::Bool(value),
        Value::I32(value) => MapKey::I32(value),
        Value::I64(value) => MapKey::I64(value),
        Value::U32(value) => MapKey::U32(value),
        Value::U64(value) => MapKey::U64(value),
        Value::String(value) => MapKey::String(value),
        other => panic!("{other:?} is no key"),
    }
}

fn value_of(kind: &FieldKind, at: usize, depth: usize) -> Value {
    let pick = |options: [i64; 5]| options[at % 5];
    match kind {
        FieldKind::Double => Value::F64([0.5, f64::NEG_INFINITY, 5e-324, -0.0, f64::MAX][at % 5]),
        FieldKind::Float => Value::F32([0.5, f32::INFINITY, 1e-45, -0.0, f32::MIN][at % 5]),
        FieldKind::Int32 | FieldKind::Sint32 | FieldKind::Sfixed32 => {
            Value::I32([1, i32::MIN, i32::MAX, -1, 7][at % 5])
        }
        FieldKind::Int64 | FieldKind::Sint64 | FieldKind::Sfixed64 => {
            Value::I64(pick([1, i64::MIN, i64::MAX, -1, 7]))
        }
        FieldKind::Uint32 | FieldKind::Fixed32 => Value::U32([1, u32::MAX, 0, 3, 7][at % 5]),
        FieldKind::Uint64 | FieldKind::Fixed64 => Value::U64([1, u64::MAX, 0, 3, 7][at % 5]),
        FieldKind::Bool => Value::Bool(at % 2 == 0),
        FieldKind::String => {
            Value::String(["text", "", "a\0b", "äöü€", "x"][at % 5].repeat(1 + at % 3))
        }
        FieldKind::Bytes => Value::Bytes(
            [&b"\0\xff"[..], b"", b"abc", b"\x80", b"z"][at % 5]
                .to_vec()
                .into(),
        ),
        FieldKind::Enum(item) => Value::EnumNumber(
            item.values()
                .nth(at % item.values().len())
                .unwrap()
                .number(),
        ),
        FieldKind::Message(message) => match message.full_name() {
            "google.protobuf.Timestamp" => time(
                message,
                pick([0, -1, 253_402_300_799, -62_135_596_800, 5]),
                999_999_999,
            ),
            "google.protobuf.Duration" => time(message, pick([0, 1, 9_223_372_036, 5, 6]), 5),
            _ => Value::Message(filled(message, at, depth.saturating_sub(1))),
        },
    }
}

fn time(message: &MessageDescriptor, seconds: i64, nanos: i32) -> Value {
    let mut time = DynamicMessage::new(message.clone());
    time.set_field_by_name("seconds", Value::I64(seconds));
    time.set_field_by_name("nanos", Value::I32(nanos));
    Value::Message(time)
}

/// The path of the first field that is not the same. (Printing whole messages has no end: they may be of any depth.)
fn difference(a: &DynamicMessage, b: &DynamicMessage) -> Option<String> {
    a.descriptor().fields().find_map(|field| {
        let (x, y) = (a.get_field(&field), b.get_field(&field));
        let same = a.has_field(&field) == b.has_field(&field) && x == y;
        match (x.as_message(), y.as_message()) {
            _ if same => None,
            (Some(x), Some(y)) => Some(format!(
                "{}.{}",
                field.name(),
                difference(x, y).unwrap_or_default()
            )),
            _ if matches!(field.kind(), FieldKind::Message(_)) => Some(field.name().to_owned()),
            _ => Some(format!("{}: {x:?} {y:?}", field.name())),
        }
    })
}

#[test]
fn every_kind_of_value_there_and_back() {
    if !support::has_go() {
        return;
    }
    let message = pool().get_message_by_name("values.Box").unwrap();
    let echo = values().function("echo").unwrap();
    for which in 0..24 {
        let sent = filled(&message, which, 4);
        let answer = echo.call_bytes(&sent.encode_to_vec()).unwrap();
        let back = DynamicMessage::decode(sent.descriptor(), answer.as_slice()).unwrap();
        assert_eq!(difference(&sent, &back), None, "{which}");
    }
    assert_eq!(
        echo.call_bytes(&[]).unwrap(),
        b"",
        "absent messages stay absent"
    );
}

#[test]
fn numbers_at_their_limits() {
    if !support::has_go() {
        return;
    }
    let message = pool().get_message_by_name("values.Limits").unwrap();
    for which in 0..5 {
        let sent = filled(&message, which, 1);
        let answer = values()
            .function("limits")
            .unwrap()
            .call_bytes(&sent.encode_to_vec())
            .unwrap();
        assert!(sent == DynamicMessage::decode(message.clone(), answer.as_slice()).unwrap());
    }
}

#[test]
fn errors_and_panics_are_texts() {
    if !support::has_go() {
        return;
    }
    let failed = |how: &str| {
        let error = said("Values.fail", how).unwrap_err();
        assert_eq!(error.kind(), Kind::Failed, "{how}");
        error.text().to_owned()
    };
    assert_eq!(failed("error"), "an error");
    assert_eq!(failed("wrapped"), "outer: middle: inner");
    assert_eq!(failed("bad error"), "a\u{fffd}b");
    for (how, text) in [
        ("panic error", "panic: an error"),
        ("panic string", "panic: a string"),
        ("panic value", "panic: {1 2}"),
        ("panic nil", "panic: panic called with nil argument"),
        ("panic in Error", "PANIC=Error method: in Error"),
        ("error in Error", "panic: in Error"),
        ("nil map", "panic: assignment to entry in nil map"),
        ("index", "panic: runtime error: index out of range"),
        (
            "nil pointer",
            "panic: runtime error: invalid memory address or nil pointer dereference",
        ),
    ] {
        let found = failed(how);
        assert!(found.contains(text), "{how}: {found}");
        assert!(found.contains("values.go:"), "{how}: {found}");
    }
    assert!(failed("bad text").contains("UTF-8"));
    assert!(
        failed("large").contains("larger than"),
        "{}",
        failed("large")
    );
    assert_eq!(
        said("Values.fail", "nothing").unwrap(),
        "nothing",
        "still usable"
    );
}

#[test]
fn names_and_forms_of_calls() {
    if !support::has_go() {
        return;
    }
    assert_eq!(said("Others.fail", "x").unwrap(), "other x");
    assert_eq!(said("Values.with_context", "x").unwrap(), "x");
    assert_eq!(said("type", "x").unwrap(), "X");
    let error = values().function("fail").unwrap_err();
    assert!(
        error.text().contains("Others.fail or Values.fail"),
        "{error}"
    );
}

#[derive(Clone, PartialEq, Message)]
struct Numbers {
    #[prost(int32, tag = "1")]
    first: i32,
    #[prost(int64, repeated, tag = "2")]
    rest: Vec<i64>,
}

#[test]
fn integers_that_do_not_fit() {
    if !support::has_go() {
        return;
    }
    let sum = |first, rest: &[i64]| {
        let numbers = Numbers {
            first,
            rest: rest.to_vec(),
        };
        let answer = values()
            .function("sum")
            .unwrap()
            .call_bytes(&numbers.encode_to_vec());
        answer.map_err(|error| error.text().to_owned())
    };
    assert_eq!(sum(1, &[2, 65_535]).unwrap(), [0x08, 0x82, 0x80, 0x04]);
    assert_eq!(
        sum(200, &[]).unwrap_err(),
        "first: 200 is out of range for main.small"
    );
    assert_eq!(
        sum(1, &[1, -1]).unwrap_err(),
        "rest: -1 is out of range for uint16"
    );
    let error = sum(-1, &[]).unwrap_err();
    assert_eq!(
        error,
        "total: 18446744073709551615 is out of range for int64"
    );
}

#[test]
fn functions_that_do_not_fit() {
    if !support::has_go() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let idl = folder.path().join("calc.proto");
    std::fs::copy(support::root().join("tests/fixtures/calc/calc.proto"), &idl).unwrap();
    let source =
        "package main\n\nfunc HelloWorld() {}\nfunc Div(x string, y int) float32 { return 0 }\n";
    std::fs::write(folder.path().join("calc.go"), source).unwrap();
    let request = gangplank_codegen::compile::Request::new(&idl, folder.path());
    let text = gangplank_codegen::compile::to_guest(&request)
        .unwrap_err()
        .to_string();
    for words in [
        "`Div` cannot be called as the rpc `div`",
        "calc.go:4",
        "func Div(x string, y int) float32",
        "calc.proto:10",
        "func Div(x int32, y int32) (float32, error)",
        "there is no function `ConcatStrings`",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    assert!(!Path::new(&folder.path().join("calcMetaFFIGuest.go")).exists());
}
