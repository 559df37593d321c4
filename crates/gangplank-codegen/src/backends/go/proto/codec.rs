//! How messages are written and read, field by field.
//!
//! Comes in: messages with their forms. Goes out: statements around the functions of the runtime's `codec.go`: `w` is the
//! writer, `r` the reader, `v` the message, `x` an element.

use std::collections::BTreeSet;

use gangplank_model::lowered::{Encoding, Occurs, ProtoField, Scalar, Shape, TypeId, Variant};

use super::super::spell::quoted;
use super::{Idl, Message, Part, message, spell, view};

/// Which side needs the functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Writes requests, reads responses.
    Host,
    /// Reads requests, writes responses.
    Guest,
    /// Everything.
    Both,
}

const VARINT: u32 = 0;
const FIXED64: u32 = 1;
const LENGTH: u32 = 2;
const FIXED32: u32 = 5;

/// All functions that one side needs.
pub(super) fn view(idl: &Idl<'_>, direction: Direction) -> view::Codec {
    let (mut written, mut read) = (BTreeSet::new(), BTreeSet::new());
    let mut rpcs = Vec::new();
    for function in idl.functions() {
        let params: Vec<_> = function.params.iter().map(|param| param.ty).collect();
        let (host, guest) = (direction != Direction::Guest, direction != Direction::Host);
        for (wanted, all) in [(host, &mut written), (guest, &mut read)] {
            params
                .iter()
                .filter(|_| wanted)
                .for_each(|ty| reach(idl, *ty, all));
        }
        for (wanted, all) in [(guest, &mut written), (host, &mut read)] {
            function
                .results
                .iter()
                .filter(|_| wanted)
                .for_each(|ty| reach(idl, *ty, all));
        }
        rpcs.push(coded(idl, &idl.request(function), host, guest));
        rpcs.push(coded(idl, &idl.response(function), guest, host));
    }
    let mut messages = Vec::new();
    for (index, ty) in idl.library.types.iter().enumerate() {
        let id = TypeId(index);
        if let Shape::Record(record) = &ty.shape {
            let (writes, reads) = (written.contains(&id), read.contains(&id));
            if writes || reads {
                messages.push(coded(
                    idl,
                    &message::record(idl.library, record),
                    writes,
                    reads,
                ));
            }
        }
    }
    messages.extend(rpcs);
    view::Codec {
        own: idl.own(""),
        messages,
    }
}

/// Notes all types inside a value.
fn reach(idl: &Idl<'_>, ty: TypeId, all: &mut BTreeSet<TypeId>) {
    if all.insert(ty) {
        idl.library
            .parts(ty)
            .into_iter()
            .for_each(|part| reach(idl, part, all));
    }
}

fn coded(idl: &Idl<'_>, message: &Message<'_>, writes: bool, reads: bool) -> view::Coded {
    let name = |verb: &str, wanted: bool| {
        let name = message
            .name
            .strip_prefix(&idl.own(""))
            .unwrap_or(&message.name);
        if wanted {
            idl.own(&format!("{verb}_{name}"))
        } else {
            String::new()
        }
    };
    view::Coded {
        write: name("write", writes),
        read: name("read", reads),
        fields: message
            .parts
            .iter()
            .map(|part| field(idl, message, part))
            .collect(),
        name: message.name.clone(),
    }
}

fn field(idl: &Idl<'_>, message: &Message<'_>, part: &Part<'_>) -> view::CodedField {
    let place = format!("v.{}", part.go);
    let what = format!("{}{}", message.said, part.name);
    let base = spell::base(idl, part.ty);
    let form = part.form;
    let coded = view::CodedField {
        place: place.clone(),
        ..view::CodedField::default()
    };
    match (&idl.library.ty(base).shape, form.occurs) {
        (Shape::List(element), _) => list(idl, *element, &form, &what, coded),
        (Shape::Map { key, value, .. }, _) => map(idl, (*key, *value), &form, &what, coded),
        (Shape::Variant(variant), _) => view::CodedField {
            kind: "oneof",
            cases: cases(idl, base, variant, &place, &what),
            ..coded
        },
        (_, Occurs::Whole) => view::CodedField {
            kind: "whole",
            write: whole(idl, base, &format!("w.{{}}({place})")),
            read: vec![format!(
                "{place} = {}",
                whole(idl, base, &format!("r.{{}}({})", quoted(what.as_bytes())))
            )],
            ..coded
        },
        _ => {
            let pointer = spell::is_optional(idl, part.ty) && !spell::has_nil(idl, part.ty);
            let value = if pointer {
                format!("*{place}")
            } else {
                place.clone()
            };
            view::CodedField {
                kind: "value",
                tag: tag(idl, base, &form),
                init: init(idl, part, &place),
                test: test(idl, part, &place),
                write: write(idl, base, form.encoding, &value, &what),
                read: vec![read_field(idl, part, &place, &what)],
                ..coded
            }
        }
    }
}

/// A message of protobuf's own that stands for the whole request or response.
fn whole(idl: &Idl<'_>, ty: TypeId, call: &str) -> String {
    let method = match idl.library.ty(ty).shape {
        Shape::Timestamp => "wholeTime",
        _ => "wholeDuration",
    };
    call.replace("{}", method)
}

/// The statement that makes what is there when nothing arrives: a response that is only a wrapper around a message
/// returns that message, empty when it is absent.
fn init(idl: &Idl<'_>, part: &Part<'_>, place: &str) -> String {
    if part.form.occurs != Occurs::Explicit || spell::is_optional(idl, part.ty) {
        return String::new();
    }
    match idl.library.ty(spell::base(idl, part.ty)).shape {
        Shape::Record(_) => format!(
            "{place} = new({})",
            idl.go_type(part.ty).trim_start_matches('*')
        ),
        Shape::Timestamp => format!("{place} = time.Unix(0, 0).UTC()"),
        _ => String::new(),
    }
}

/// When a field is written.
fn test(idl: &Idl<'_>, part: &Part<'_>, place: &str) -> String {
    let shape = &idl.library.ty(spell::base(idl, part.ty)).shape;
    if part.form.occurs != Occurs::Implicit {
        let always = !spell::is_optional(idl, part.ty) && !spell::has_nil(idl, part.ty);
        return if always {
            "true".to_owned()
        } else {
            format!("{place} != nil")
        };
    }
    match shape {
        Shape::Bool => place.to_owned(),
        Shape::String => format!("{place} != \"\""),
        Shape::Bytes => format!("len({place}) != 0"),
        Shape::Scalar(Scalar::F32) => format!("math.Float32bits({place}) != 0"),
        Shape::Scalar(Scalar::F64) => format!("math.Float64bits({place}) != 0"),
        _ => format!("{place} != 0"),
    }
}

fn wire_type(idl: &Idl<'_>, ty: TypeId, encoding: Encoding) -> u32 {
    match &idl.library.ty(spell::base(idl, ty)).shape {
        Shape::Scalar(scalar) => match (scalar, encoding) {
            (Scalar::F32, _) => FIXED32,
            (Scalar::F64, _) => FIXED64,
            (Scalar::I64 | Scalar::U64, Encoding::Fixed) => FIXED64,
            (_, Encoding::Fixed) => FIXED32,
            _ => VARINT,
        },
        Shape::Bool | Shape::Enum(_) => VARINT,
        _ => LENGTH,
    }
}

fn tag(idl: &Idl<'_>, ty: TypeId, form: &ProtoField) -> u32 {
    form.number << 3 | wire_type(idl, ty, form.encoding)
}

/// The statement that writes a value without its tag; `what` names it in an error.
fn write(idl: &Idl<'_>, ty: TypeId, encoding: Encoding, x: &str, what: &str) -> String {
    let base = spell::base(idl, ty);
    match (&idl.library.ty(base).shape, encoding) {
        (Shape::Scalar(Scalar::F32), _) => format!("w.fixed32(math.Float32bits({x}))"),
        (Shape::Scalar(Scalar::F64), _) => format!("w.fixed64(math.Float64bits({x}))"),
        (Shape::Scalar(Scalar::I64 | Scalar::U64), Encoding::Fixed) => {
            format!("w.fixed64(uint64({x}))")
        }
        (Shape::Scalar(_), Encoding::Fixed) => format!("w.fixed32(uint32({x}))"),
        (Shape::Scalar(_), Encoding::ZigZag) => {
            format!("w.varint(protowire.EncodeZigZag(int64({x})))")
        }
        (Shape::Bool, _) => format!("w.varint(protowire.EncodeBool({x}))"),
        (Shape::String, _) => format!("w.text({x}, {})", quoted(what.as_bytes())),
        (Shape::Bytes, _) => format!("w.octets({x})"),
        (Shape::Timestamp, _) => format!("w.time({x})"),
        (Shape::Duration, _) => format!("w.duration({x})"),
        (Shape::Record(_), _) => {
            let name = spell::declared(idl, base).unwrap_or_default();
            let own = idl.own("");
            format!("{own}write(w, {x}, {own}write_{name})")
        }
        _ => format!("w.varint(uint64({x}))"),
    }
}

/// The expression that reads a value behind its tag. A message or a point in time is a new one.
fn read(idl: &Idl<'_>, ty: TypeId, encoding: Encoding, what: &str) -> String {
    let base = spell::base(idl, ty);
    let go = idl.go_type(base);
    match (&idl.library.ty(base).shape, encoding) {
        (Shape::Scalar(Scalar::F32), _) => "math.Float32frombits(r.fixed32())".to_owned(),
        (Shape::Scalar(Scalar::F64), _) => "math.Float64frombits(r.fixed64())".to_owned(),
        (Shape::Scalar(Scalar::U64), Encoding::Fixed) => "r.fixed64()".to_owned(),
        (Shape::Scalar(Scalar::U32), Encoding::Fixed) => "r.fixed32()".to_owned(),
        (Shape::Scalar(Scalar::I64), Encoding::Fixed) => "int64(r.fixed64())".to_owned(),
        (Shape::Scalar(_), Encoding::Fixed) => "int32(r.fixed32())".to_owned(),
        (Shape::Scalar(Scalar::I64), Encoding::ZigZag) => "r.zigzag64()".to_owned(),
        (Shape::Scalar(_), Encoding::ZigZag) => "r.zigzag32()".to_owned(),
        (Shape::Scalar(Scalar::U64), _) => "r.varint()".to_owned(),
        (Shape::Bool, _) => "protowire.DecodeBool(r.varint())".to_owned(),
        (Shape::String, _) => format!("r.text({})", quoted(what.as_bytes())),
        (Shape::Bytes, _) => "r.octets()".to_owned(),
        (Shape::Timestamp, _) => format!("r.time(nil, {})", quoted(what.as_bytes())),
        (Shape::Duration, _) => format!("r.duration(nil, {})", quoted(what.as_bytes())),
        (Shape::Record(_), _) => {
            let name = spell::declared(idl, base).unwrap_or_default();
            let own = idl.own("");
            format!("{own}readNew(r, {own}read_{name})")
        }
        _ => format!("{go}(r.varint())"),
    }
}

/// The statement that reads a message into a place that may hold one: what is there is merged with what comes.
fn read_into(idl: &Idl<'_>, ty: TypeId, place: &str) -> Option<String> {
    let base = spell::base(idl, ty);
    let Shape::Record(_) = idl.library.ty(base).shape else {
        return None;
    };
    let name = spell::declared(idl, base)?;
    let own = idl.own("");
    Some(format!("{own}readInto(r, &{place}, {own}read_{name})"))
}

/// The method that reads a time or a span.
fn time_method(idl: &Idl<'_>, ty: TypeId) -> Option<&'static str> {
    match idl.library.ty(spell::base(idl, ty)).shape {
        Shape::Timestamp => Some("time"),
        Shape::Duration => Some("duration"),
        _ => None,
    }
}

fn read_field(idl: &Idl<'_>, part: &Part<'_>, place: &str, what: &str) -> String {
    if let Some(statement) = read_into(idl, part.ty, place) {
        return statement;
    }
    let pointer = spell::is_optional(idl, part.ty) && !spell::has_nil(idl, part.ty);
    let value = match time_method(idl, part.ty) {
        Some(method) if pointer => format!("r.{method}({place}, {})", quoted(what.as_bytes())),
        Some(method) => format!("r.{method}(&{place}, {})", quoted(what.as_bytes())),
        None => read(idl, part.ty, part.form.encoding, what),
    };
    if pointer {
        format!("{place} = {}({value})", idl.own("pointer"))
    } else {
        format!("{place} = {value}")
    }
}

fn list(
    idl: &Idl<'_>,
    element: TypeId,
    form: &ProtoField,
    what: &str,
    coded: view::CodedField,
) -> view::CodedField {
    let place = &coded.place;
    let each = tag(idl, element, form);
    let packed = form.number << 3 | LENGTH;
    let is_packed = form.occurs == Occurs::Packed;
    let number = each != packed;
    view::CodedField {
        kind: if is_packed { "packed" } else { "list" },
        tag: if is_packed { packed } else { each },
        other_tag: match (number, is_packed) {
            (false, _) => 0,
            (true, true) => each,
            (true, false) => packed,
        },
        write: write(idl, element, form.encoding, "x", what),
        read: vec![format!(
            "{place} = append({place}, {})",
            read(idl, element, form.encoding, what)
        )],
        ..coded
    }
}

fn map(
    idl: &Idl<'_>,
    (key, value): (TypeId, TypeId),
    form: &ProtoField,
    what: &str,
    coded: view::CodedField,
) -> view::CodedField {
    let quoted_what = quoted(what.as_bytes());
    let value_read =
        read_into(idl, value, "value").unwrap_or_else(|| match time_method(idl, value) {
            Some(method) => format!("value = r.{method}(&value, {quoted_what})"),
            None => format!("value = {}", read(idl, value, form.encoding, what)),
        });
    let go = idl.go_type(value);
    view::CodedField {
        kind: "map",
        tag: form.number << 3 | LENGTH,
        other_tag: 2 << 3 | wire_type(idl, value, form.encoding),
        write: write(idl, value, form.encoding, "x", what),
        read: vec![value_read],
        key: Some(view::Key {
            tag: 1 << 3 | wire_type(idl, key, form.key_encoding),
            write: write(idl, key, form.key_encoding, "key", what),
            read: read(idl, key, form.key_encoding, what),
            declare: format!("var key {}", idl.go_type(key)),
            declare_value: match idl.library.ty(value).shape {
                Shape::Record(_) => format!("value := new({})", go.trim_start_matches('*')),
                Shape::Timestamp => "value := time.Unix(0, 0).UTC()".to_owned(),
                _ => format!("var value {go}"),
            },
            go_type: format!("map[{}]{go}", idl.go_type(key)),
        }),
        ..coded
    }
}

fn cases(
    idl: &Idl<'_>,
    ty: TypeId,
    variant: &Variant,
    place: &str,
    what: &str,
) -> Vec<view::CodedCase> {
    let names = idl
        .oneofs
        .get(&ty)
        .into_iter()
        .flat_map(|oneof| &oneof.cases);
    let mut cases = Vec::new();
    for (case, names) in variant.cases.iter().zip(names) {
        let Some((field, form)) = case
            .fields
            .first()
            .and_then(|field| Some((field, field.proto?)))
        else {
            continue;
        };
        let (wrapper, member) = (&names.wrapper, &names.field);
        let what = format!("{what}.{}", case.name);
        let read = if let Some(into) = read_into(idl, field.ty, &format!("x.{member}")) {
            vec![
                format!("x, _ := {place}.(*{wrapper})"),
                "if x == nil {".to_owned(),
                format!("\tx = new({wrapper})"),
                format!("\t{place} = x"),
                "}".to_owned(),
                into,
            ]
        } else if let Some(method) = time_method(idl, field.ty) {
            vec![
                format!("var old *{}", idl.go_type(field.ty)),
                format!("if x, _ := {place}.(*{wrapper}); x != nil {{"),
                format!("\told = &x.{member}"),
                "}".to_owned(),
                format!(
                    "{place} = &{wrapper}{{{member}: r.{method}(old, {})}}",
                    quoted(what.as_bytes())
                ),
            ]
        } else {
            let value = read(idl, field.ty, form.encoding, &what);
            vec![format!("{place} = &{wrapper}{{{member}: {value}}}")]
        };
        cases.push(view::CodedCase {
            tag: tag(idl, field.ty, &form),
            write: write(idl, field.ty, form.encoding, &format!("x.{member}"), &what),
            wrapper: wrapper.clone(),
            read,
        });
    }
    cases
}
