//! Messages with something in each field.

use prost::Message;
use protox::prost_reflect::{
    DynamicMessage, Kind as FieldKind, MapKey, MessageDescriptor, ReflectMessage, Value,
};

/// A message with something in each field, `which` of the members of each oneof.
pub(crate) fn filled(message: &MessageDescriptor, which: usize, depth: usize) -> DynamicMessage {
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
        FieldKind::Bool => Value::Bool(at.is_multiple_of(2)),
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
pub(crate) fn difference(a: &DynamicMessage, b: &DynamicMessage) -> Option<String> {
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
