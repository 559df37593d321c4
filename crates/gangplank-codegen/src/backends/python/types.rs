//! Declared types as classes, for guests and packages alike.
//!
//! Comes in: the lowered library. Goes out: what `types.py.j2` prints, and the bytes of the types' items. The table of
//! classes by path is what the runtime converts by: a class is called with its fields in order and read by its
//! `__match_args__`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gangplank_model::Diagnostic;
use gangplank_model::diagnostics::{Named, codes};
use gangplank_model::lowered::{Case, Common, Enum, Field, Record, Scalar, Shape, Variant};

use super::names::Names;
use super::spell::Spelling;
use super::{docs, names, spell, view};

/// What is being put together.
#[derive(Default)]
pub(super) struct Types {
    pub(super) view: view::Types,
    pub(super) names: Names,
    /// Of the items so far.
    pub(super) bytes: Vec<u8>,
}

impl Types {
    /// A type of the library.
    pub(super) fn add(&mut self, with: &Spelling<'_>, shape: &Shape) {
        match shape {
            Shape::Enum(item) => self.enumeration(with, item),
            Shape::Record(item) => self.record(with, item),
            Shape::Variant(item) if item.is_error => self.error(with, item),
            Shape::Variant(item) => self.variant(with, item),
            Shape::Timestamp => self.time("timestamp", "Timestamp"),
            Shape::Duration => self.time("duration", "Duration"),
            Shape::Option(inner) if with.is_option(*inner) => self.some(),
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
            | Shape::Stream(_) => {}
        }
    }

    fn entry(&mut self, path: &str, class: String) {
        self.view.table.push(view::Entry {
            path: path.to_owned(),
            class,
        });
    }

    fn item(&mut self, common: &Common, class: String) {
        self.bytes.extend(&common.item);
        self.entry(&common.path, class);
    }

    fn time(&mut self, path: &str, name: &str) {
        match name {
            "Timestamp" => self.view.has_timestamp = true,
            _ => self.view.has_duration = true,
        }
        self.names.reserve("", name);
        self.entry(path, name.to_owned());
    }

    fn some(&mut self) {
        if !self.view.has_some {
            self.view.has_some = true;
            self.names.reserve("", "Some");
            self.entry("some", "Some".to_owned());
        }
    }

    fn class_name(&mut self, with: &Spelling<'_>, common: &Common) -> String {
        let name = names::class(with.options, common);
        self.names.claim((Named::Item, common), "", &name);
        name
    }

    fn enumeration(&mut self, with: &Spelling<'_>, item: &Enum) {
        let name = self.class_name(with, &item.common);
        let scope = format!("{name}.");
        let mut values = Vec::new();
        for value in item.values.iter().chain(&item.aliases) {
            let member = names::member(&item.common, &value.name);
            self.names
                .claim_part((&item.common, "value", &value.name), &scope, &member);
            values.push(view::Value {
                name: member,
                number: value.value,
                docs: docs::string(&noted(&value.docs, value.deprecated.as_deref()), 4),
            });
        }
        self.view.enums.push(view::Enum {
            docs: item_docs(&item.common, "", 4),
            values,
            name: name.clone(),
        });
        self.item(&item.common, name);
    }

    fn record(&mut self, with: &Spelling<'_>, item: &Record) {
        let name = self.class_name(with, &item.common);
        let docs = item_docs(&item.common, "", 4);
        let class = self.class(with, &item.common, &name, docs, &item.fields);
        self.view.classes.push(class);
        self.item(&item.common, name);
    }

    fn variant(&mut self, with: &Spelling<'_>, item: &Variant) {
        let name = self.class_name(with, &item.common);
        let cases = with.cases(item);
        for (case, class) in item.cases.iter().zip(&cases) {
            self.names
                .claim_part((&item.common, "case", &case.name), "", class);
            let docs = docs::string(&noted(&case.docs, case.deprecated.as_deref()), 4);
            let class = self.class(with, &item.common, class, docs, &case.fields);
            self.view.classes.push(class);
        }
        self.view.variants.push(view::Alias {
            name,
            docs: item_docs(&item.common, "", 0),
            cases: cases.join(" | "),
        });
        self.item(&item.common, spell::tuple(&cases));
    }

    fn error(&mut self, with: &Spelling<'_>, item: &Variant) {
        let name = self.class_name(with, &item.common);
        let classes = with.cases(item);
        let mut cases = Vec::new();
        for (case, class) in item.cases.iter().zip(&classes) {
            self.names
                .claim_part((&item.common, "case", &case.name), "", class);
            cases.push(self.error_case(with, item, case, class));
        }
        self.view.errors.push(view::Error {
            name,
            body: match item_docs(&item.common, "", 4) {
                docs if docs.is_empty() => "pass".to_owned(),
                docs => docs,
            },
            cases,
        });
        self.item(&item.common, spell::tuple(&classes));
    }

    fn error_case(
        &mut self,
        with: &Spelling<'_>,
        item: &Variant,
        case: &Case,
        name: &str,
    ) -> view::Case {
        let scope = format!("{name}.");
        for taken in ["add_note", "args", "with_traceback"] {
            self.names.reserve(&scope, taken);
        }
        let rest = case.docs.split_once('\n').map_or("", |(_, rest)| rest);
        let rest = noted(rest, case.deprecated.as_deref());
        let docs = docs::string(&docs::paragraphs(&[&case.message, &rest]), 4);
        let class = self.class(with, &item.common, name, docs, &case.fields);
        let literals: Vec<String> = class
            .fields
            .iter()
            .map(|field| spell::text(&field.name))
            .collect();
        let params = class
            .fields
            .iter()
            .map(|field| format!(", {}: {}", field.name, field.annotation));
        view::Case {
            names: spell::tuple(&literals),
            params: format!("self{}", params.collect::<String>()),
            message: message(with, case),
            class,
        }
    }

    fn class(
        &mut self,
        with: &Spelling<'_>,
        item: &Common,
        name: &str,
        docs: String,
        fields: &[Field],
    ) -> view::Class {
        let scope = format!("{name}.");
        let all: Vec<String> = fields
            .iter()
            .map(|field| names::field(&field.name, fields.len()))
            .collect();
        let mut needs = false;
        let mut views = Vec::new();
        for (field, field_name) in fields.iter().zip(&all) {
            self.names
                .claim_part((item, "field", &field.name), &scope, field_name);
            needs |= field.default.is_some();
            let default = with.default(field, needs, &all);
            if default.is_none() {
                self.no_default(item, field);
            }
            views.push(view::Field {
                name: field_name.clone(),
                docs: docs::string(&noted(&field.docs, field.deprecated.as_deref()), 4),
                annotation: with.annotation(field.ty, &all),
                default: default.unwrap_or_default(),
            });
        }
        view::Class {
            name: name.to_owned(),
            is_empty: docs.is_empty() && views.is_empty(),
            docs,
            fields: views,
        }
    }

    fn no_default(&mut self, item: &Common, field: &Field) {
        let text = match &field.default {
            Some(_) => format!(
                "the default of `{}.{}` cannot be written in Python",
                item.path, field.name
            ),
            None => format!(
                "`{}.{}` stands after a field with a default, and has none in Python",
                item.path, field.name
            ),
        };
        let help = "defaults are numbers, `bool`, text, octets, enum values, `None` and empty containers; put what has none before them";
        let finding = Diagnostic::new(codes::NO_LITERAL, text);
        self.names
            .found
            .push(finding.label(item, "declared here").help(help));
    }

    /// Everything has been seen.
    pub(super) fn finish(&mut self, with: &Spelling<'_>) {
        let view = &mut self.view;
        let functions = &with.library.functions;
        let in_definition = functions.iter().any(|rpc| rpc.common.proto.is_some());
        for name in with.aliased() {
            let alias = names::alias(&name);
            self.names.own(&alias, in_definition);
            view.hidden.push(view::Hidden { name, alias });
        }
        view.words = with.words(&[]);
        let cases = || view.errors.iter().flat_map(|error| &error.cases);
        let of = |found: &dyn Fn(&view::Field) -> bool| {
            let errors = cases().map(|case| &case.class);
            let mut fields = view
                .classes
                .iter()
                .chain(errors)
                .flat_map(|class| &class.fields);
            fields.any(found)
        };
        let imports = view::Imports {
            builtins: view.words.is_hidden()
                || of(&|field| field.annotation.contains("_builtins.")),
            datetime: view.has_timestamp || view.has_duration,
            enums: !view.enums.is_empty(),
            math: of(&|field| field.default.contains("_math.")),
            typing: view.has_timestamp
                || view.has_duration
                || view.has_some
                || !view.variants.is_empty()
                || !view.hidden.is_empty(),
            dataclass: view.has_some || !view.classes.is_empty(),
            field: of(&|field| field.default.contains("_field(")),
            text: cases().any(|case| case.message.contains("{_text(")),
        };
        view.imports = imports;
        view.interface = STANDARD
            .encode(&self.bytes)
            .as_bytes()
            .chunks(LINE)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
    }
}

/// The text of an error: the message with its `{field}` holes filled in as Rust would.
fn message(with: &Spelling<'_>, case: &Case) -> String {
    let mut text = String::new();
    let mut has_holes = false;
    for (index, part) in case.message.split('{').enumerate() {
        let (hole, rest) = match index {
            0 => ("", part),
            _ => part.split_once('}').unwrap_or(("", part)),
        };
        if let Some(field) = case.fields.iter().find(|field| field.name == hole) {
            has_holes = true;
            let name = names::field(&field.name, case.fields.len());
            text.push_str(&match with.library.ty(field.ty).shape {
                Shape::Scalar(Scalar::F32) => format!("{{_text(self.{name}, 'f')}}"),
                Shape::Scalar(Scalar::F64) => format!("{{_text(self.{name}, 'd')}}"),
                Shape::Bool => format!("{{'true' if self.{name} else 'false'}}"),
                _ => format!("{{self.{name}}}"),
            });
            text.push_str(&doubled(rest));
        } else if index > 0 {
            text.push_str(&doubled(&format!("{{{part}")));
        } else {
            text.push_str(&doubled(part));
        }
    }
    match has_holes {
        true => format!("f{}", spell::text(&text)),
        false => spell::text(&case.message),
    }
}

/// Letters of base64 in a line.
const LINE: usize = 112;

/// Docs of an item, then what is added, then whether it should not be used any more; as a docstring.
pub(super) fn item_docs(common: &Common, more: &str, indent: usize) -> String {
    docs::string(&item_text(common, more), indent)
}

/// The same as text, to which more is added.
pub(super) fn item_text(common: &Common, more: &str) -> String {
    noted(
        &docs::paragraphs(&[&common.docs, more]),
        common.deprecated.as_deref(),
    )
}

/// Docs with a note of deprecation.
fn noted(text: &str, deprecated: Option<&str>) -> String {
    docs::paragraphs(&[text, &docs::deprecation(deprecated)])
}

/// Text that is no hole.
fn doubled(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}
