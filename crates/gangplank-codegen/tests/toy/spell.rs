//! Types in Toy. The match has no wildcard: a new kind of type does not compile until it has a spelling here.

use gangplank_model::lowered::{Library, Shape, TypeId};

use super::names;

/// `list of text`
pub(super) fn ty(library: &Library, id: TypeId) -> String {
    match &library.ty(id).shape {
        Shape::Scalar(scalar) => format!("{scalar:?}").to_lowercase(),
        Shape::Bool => "bool".to_owned(),
        Shape::String => "text".to_owned(),
        Shape::Bytes => "bytes".to_owned(),
        Shape::Timestamp => "time".to_owned(),
        Shape::Duration => "span".to_owned(),
        Shape::Enum(of) => names::item(&of.common),
        Shape::Record(of) => names::item(&of.common),
        Shape::Variant(of) => names::item(&of.common),
        Shape::Object(index) => names::item(&library.objects[*index].common),
        Shape::List(inner) => format!("list of {}", ty(library, *inner)),
        Shape::Option(inner) | Shape::Nullable(inner) => format!("maybe {}", ty(library, *inner)),
        Shape::Boxed(inner) => ty(library, *inner),
        Shape::Map { key, value, .. } => {
            format!("map of {} to {}", ty(library, *key), ty(library, *value))
        }
        Shape::Stream(inner) => format!("stream of {}", ty(library, *inner)),
    }
}

/// What a function gives back: nothing, a value, several.
pub(super) fn results(library: &Library, results: &[TypeId]) -> String {
    let all: Vec<String> = results.iter().map(|id| ty(library, *id)).collect();
    match all.is_empty() {
        true => "nothing".to_owned(),
        false => all.join(" and "),
    }
}
