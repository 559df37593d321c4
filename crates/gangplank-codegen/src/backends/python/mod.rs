//! Guests in Python: classes for the types of a `.proto` file, its items, and where each function is.
//!
//! Comes in: the lowered library, and what implements each function. Goes out: one file, which XLLR's runtime `python3`
//! loads. No call goes through code of this file: the runtime converts by the items.

mod names;
mod spell;
mod view;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gangplank_model::diagnostics::codes;
use gangplank_model::lowered::{Common, Field, Library, Shape};
use gangplank_model::{Diagnostic, Diagnostics};

use crate::backend::File;
use crate::render::{Templates, render};
use names::Names;
use view::{Class, Entry, Enum, Function, Time, Value, View};

const TEMPLATES: Templates = &[("guest.py.j2", include_str!("templates/guest.py.j2"))];

/// What implements a function.
pub(crate) struct Place {
    /// A file, relative to the guest's, or the name of a module.
    pub(crate) module: String,
    /// `div`, `Counter.count`.
    pub(crate) path: String,
}

/// Writes the guest; `place` says where a function of this path is.
pub(crate) fn guest(
    library: &Library,
    idl: &str,
    file: &str,
    place: &dyn Fn(&Common) -> Place,
) -> Result<File, Diagnostics> {
    let mut view = View {
        idl: idl.to_owned(),
        ..View::default()
    };
    let mut names = Names::file();
    let mut bytes = library.item.clone();
    types(library, &mut view, &mut names, &mut bytes);
    for function in &library.functions {
        bytes.extend(&function.common.item);
        let place = place(&function.common);
        view.functions.push(Function {
            name: function.common.local_path().replace("::", "."),
            module: spell::literal(&place.module),
            path: spell::literal(&place.path),
        });
    }
    names.found.into_result(())?;
    view.has_enums = !view.enums.is_empty();
    view.has_times = !view.times.is_empty();
    view.has_classes = !view.classes.is_empty();
    view.has_types = !view.types.is_empty();
    let mut fields = view.classes.iter().flat_map(|class| &class.fields);
    view.has_defaults = fields.any(|field| field.default.starts_with(spell::FIELD));
    let text = STANDARD.encode(bytes);
    view.interface = text
        .as_bytes()
        .chunks(76)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    let text = render(TEMPLATES, "guest.py.j2", &view)
        .map_err(|error| Diagnostic::new(codes::TEMPLATE, error.to_string()))?;
    Ok(File::new(file, text))
}

fn types(library: &Library, view: &mut View, names: &mut Names, bytes: &mut Vec<u8>) {
    for ty in &library.types {
        let (common, class) = match &ty.shape {
            Shape::Enum(of) => {
                let name = names::class(&of.common);
                names.claim(&of.common, &name);
                let values = of.values.iter().chain(&of.aliases);
                let values = values.map(|value| Value {
                    name: names::member(&value.name),
                    number: value.value,
                });
                view.enums.push(Enum {
                    name: name.clone(),
                    docs: of.common.docs.clone(),
                    values: values.collect(),
                });
                (&of.common, name)
            }
            Shape::Record(of) => {
                let name = names::class(&of.common);
                names.claim(&of.common, &name);
                view.classes
                    .push(class(library, &name, &of.common.docs, &of.fields));
                (&of.common, name)
            }
            Shape::Variant(of) => {
                let mut cases = Vec::new();
                for case in &of.cases {
                    let name = names::case(&of.common, &case.name);
                    names.claim(&of.common, &name);
                    view.classes
                        .push(class(library, &name, &case.docs, &case.fields));
                    cases.push(name);
                }
                (&of.common, spell::tuple(&cases))
            }
            Shape::Timestamp => {
                time(
                    view,
                    "timestamp",
                    "Timestamp",
                    "A point in time, since 1970 in UTC.",
                );
                continue;
            }
            Shape::Duration => {
                time(
                    view,
                    "duration",
                    "Duration",
                    "A span; nanos count upwards from seconds.",
                );
                continue;
            }
            Shape::Scalar(_)
            | Shape::Bool
            | Shape::String
            | Shape::Bytes
            | Shape::List(_)
            | Shape::Option(_)
            | Shape::Nullable(_)
            | Shape::Boxed(_)
            | Shape::Map { .. }
            | Shape::Object(_)
            | Shape::Stream(_) => continue,
        };
        bytes.extend(&common.item);
        view.types.push(Entry {
            path: common.path.clone(),
            class,
        });
    }
}

fn time(view: &mut View, path: &str, name: &'static str, docs: &'static str) {
    view.times.push(Time { name, docs });
    view.types.push(Entry {
        path: path.to_owned(),
        class: name.to_owned(),
    });
}

fn class(library: &Library, name: &str, docs: &str, fields: &[Field]) -> Class {
    let fields: Vec<view::Field> = fields
        .iter()
        .map(|field| view::Field {
            // A member of a oneof has no name of its own.
            name: match field.name.starts_with(|c: char| c.is_ascii_digit()) {
                true => "value".to_owned(),
                false => names::field(&field.name),
            },
            docs: field.docs.clone(),
            annotation: spell::annotation(library, field.ty),
            default: spell::default(library, field.ty),
        })
        .collect();
    Class {
        name: name.to_owned(),
        docs: docs.to_owned(),
        is_empty: fields.is_empty(),
        fields,
    }
}
