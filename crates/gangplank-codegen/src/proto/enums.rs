//! Enums.

use std::collections::HashSet;

use gangplank_descriptor::owned::{Body, Enum, EnumValue};
use protox::prost_reflect::{EnumDescriptor, EnumValueDescriptor};

use super::docs::Docs;
use super::names;

/// An enum's item. Every language that has protobuf keeps numbers it does not know, so all are open, those of proto2 too.
pub(super) fn body(item: &EnumDescriptor, docs: &Docs) -> Body {
    let options = item.enum_descriptor_proto().options.as_ref();
    let deprecated = options.is_some_and(|options| options.deprecated());
    let common = names::common(
        &item.parent_file(),
        item.full_name(),
        docs,
        item.path(),
        deprecated,
    );
    let mut seen = HashSet::new();
    // Not `values()`, which is in order of numbers.
    let mut declared: Vec<_> = item.values().collect();
    declared.sort_by_key(|value| value.path().last().copied());
    let (values, aliases): (Vec<_>, Vec<_>) = declared
        .iter()
        .partition(|value| seen.insert(value.number()));
    let all = |list: Vec<&EnumValueDescriptor>| {
        let list = list.into_iter();
        list.map(|item| value(item, docs)).collect()
    };
    Body::Enum(Enum {
        common,
        values: all(values),
        aliases: all(aliases),
        open: true,
    })
}

fn value(value: &EnumValueDescriptor, docs: &Docs) -> EnumValue {
    let options = value.enum_value_descriptor_proto().options.as_ref();
    let deprecated = options.is_some_and(|options| options.deprecated());
    EnumValue {
        name: value.name().to_owned(),
        wire: value.name().to_owned(),
        docs: docs.at(value.path()).docs,
        deprecated: deprecated.then(String::new),
        value: value.number(),
    }
}
