//! Fields: their types and protobuf forms.

use gangplank_descriptor::owned::{Encoding, Literal, Occurs, ProtoField, Schema};
use protox::prost_reflect::{FieldDescriptor, Kind, MessageDescriptor, Syntax, Value};

use super::names;
use super::recursion::Recursion;

/// A field's type as it stands in `outer`; without one, as a parameter or result, where nothing is boxed.
pub(super) fn schema(
    field: &FieldDescriptor,
    outer: Option<(&MessageDescriptor, &Recursion)>,
) -> Schema {
    if field.is_map() {
        return map(field);
    }
    let value = value(&field.kind());
    if field.is_list() {
        return Schema::List(Box::new(value));
    }
    let value = match (field.kind(), outer) {
        (Kind::Message(inner), Some((outer, recursion))) if recursion.closes(outer, &inner) => {
            Schema::Boxed(Box::new(value))
        }
        _ => value,
    };
    if is_member(field) || !field.supports_presence() {
        value
    } else {
        Schema::Option(Box::new(value))
    }
}

fn map(field: &FieldDescriptor) -> Schema {
    let Kind::Message(entry) = field.kind() else {
        return value(&field.kind());
    };
    Schema::Map(
        Box::new(value(&entry.map_entry_key_field().kind())),
        Box::new(value(&entry.map_entry_value_field().kind())),
    )
}

/// Whether it is one of several in a oneof that its author wrote.
pub(super) fn is_member(field: &FieldDescriptor) -> bool {
    field
        .containing_oneof()
        .is_some_and(|oneof| !oneof.is_synthetic())
}

/// One value of a kind.
pub(super) fn value(kind: &Kind) -> Schema {
    match kind {
        Kind::Double => Schema::F64,
        Kind::Float => Schema::F32,
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Schema::I32,
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Schema::I64,
        Kind::Uint32 | Kind::Fixed32 => Schema::U32,
        Kind::Uint64 | Kind::Fixed64 => Schema::U64,
        Kind::Bool => Schema::Bool,
        Kind::String => Schema::String,
        Kind::Bytes => Schema::Bytes,
        Kind::Message(message) => self::message(message),
        Kind::Enum(item) => Schema::Enum(names::type_name(&item.parent_file(), item.full_name())),
    }
}

/// A message as a value: a record, or a type of the model's own.
pub(super) fn message(message: &MessageDescriptor) -> Schema {
    well_known(message).unwrap_or_else(|| {
        Schema::Record(names::type_name(
            &message.parent_file(),
            message.full_name(),
        ))
    })
}

/// The messages that the model has a type for.
pub(super) fn well_known(message: &MessageDescriptor) -> Option<Schema> {
    match message.full_name() {
        "google.protobuf.Timestamp" => Some(Schema::Timestamp),
        "google.protobuf.Duration" => Some(Schema::Duration),
        _ => None,
    }
}

/// How protobuf writes a field.
pub(super) fn form(field: &FieldDescriptor) -> ProtoField {
    let (encoding, key_encoding) = match field.kind() {
        Kind::Message(entry) if field.is_map() => (
            encoding(&entry.map_entry_value_field().kind()),
            encoding(&entry.map_entry_key_field().kind()),
        ),
        kind => (encoding(&kind), Encoding::Default),
    };
    ProtoField {
        number: field.number(),
        occurs: occurs(field),
        encoding,
        key_encoding,
    }
}

fn occurs(field: &FieldDescriptor) -> Occurs {
    if field.is_map() {
        Occurs::Map
    } else if field.is_list() && is_packed(field) {
        Occurs::Packed
    } else if field.is_list() {
        Occurs::Repeated
    } else if is_member(field) {
        Occurs::Member
    } else if field.supports_presence() {
        Occurs::Explicit
    } else {
        Occurs::Implicit
    }
}

/// Numbers are packed when the field says so, in proto3 also when it says nothing.
fn is_packed(field: &FieldDescriptor) -> bool {
    let texts = matches!(field.kind(), Kind::String | Kind::Bytes | Kind::Message(_));
    let options = field.field_descriptor_proto().options.as_ref();
    let said = options.and_then(|options| options.packed);
    !texts && said.unwrap_or(field.parent_file().syntax() == Syntax::Proto3)
}

/// The form of what has no number of its own.
pub(super) fn unnumbered(occurs: Occurs) -> ProtoField {
    ProtoField {
        number: 0,
        occurs,
        encoding: Encoding::Default,
        key_encoding: Encoding::Default,
    }
}

fn encoding(kind: &Kind) -> Encoding {
    match kind {
        Kind::Sint32 | Kind::Sint64 => Encoding::ZigZag,
        Kind::Fixed32 | Kind::Fixed64 | Kind::Sfixed32 | Kind::Sfixed64 => Encoding::Fixed,
        _ => Encoding::Default,
    }
}

/// What stands for the field when it is absent, where its author says so.
pub(super) fn default(field: &FieldDescriptor) -> Option<Literal> {
    field.field_descriptor_proto().default_value.as_ref()?;
    Some(match (field.default_value(), field.kind()) {
        (Value::Bool(value), _) => Literal::Bool(value),
        (Value::I32(value), _) => Literal::Int(value.into()),
        (Value::I64(value), _) => Literal::Int(value.into()),
        (Value::U32(value), _) => Literal::Int(value.into()),
        (Value::U64(value), _) => Literal::Int(value.into()),
        (Value::F32(value), _) => Literal::Float(f64::from(value).to_bits()),
        (Value::F64(value), _) => Literal::Float(value.to_bits()),
        (Value::String(value), _) => Literal::String(value),
        (Value::Bytes(value), _) => Literal::Bytes(value.to_vec()),
        (Value::EnumNumber(number), Kind::Enum(item)) => {
            let mut values = item.values();
            let value = values.find(|value| value.number() == number)?;
            Literal::EnumValue(value.name().to_owned())
        }
        _ => return None,
    })
}
