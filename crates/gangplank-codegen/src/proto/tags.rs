//! Tags: which code is behind an rpc.
//!
//! Comes in: comments such as `metaffi_module: "…"` and the options of `gangplank/options.proto`, on the file, a service
//! or an rpc. Goes out: one [`Tags`] per rpc, the innermost word for each key, variables of the environment filled in.
//! They are no part of the interface: the same interface may be implemented anywhere.

mod level;
mod options;
mod parse;

use std::collections::BTreeMap;

use gangplank_model::diagnostics::codes;
use gangplank_model::model::Location;
use gangplank_model::{Diagnostic, Diagnostics};
use protox::prost_reflect::FileDescriptor;

use super::errors::Spot;
use super::names;
use level::{Level, level};
pub(super) use parse::is_tag;

/// Which code is behind an rpc, as far as anybody says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags {
    /// `go`, `python3`, `rust` …
    pub target_language: Option<Tag>,
    /// Where the code lives; an empty value: beside the file.
    pub module: Option<Tag>,
    /// The package or class in the module.
    pub package: Option<Tag>,
    /// The function's name, when it is not the rpc's.
    pub function: Option<Tag>,
}

/// What a tag says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// With variables of the environment filled in.
    pub value: String,
    /// As it is written.
    pub written: String,
    /// Where.
    pub location: Location,
}

/// What a tag is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    TargetLanguage,
    Module,
    Package,
    Function,
}

impl Key {
    fn name(self) -> &'static str {
        match self {
            Key::TargetLanguage => "target language",
            Key::Module => "module",
            Key::Package => "package",
            Key::Function => "function",
        }
    }
}

/// A variable of the environment.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The tags of all rpcs of a file, by path of the function.
pub(super) fn tags(
    file: &FileDescriptor,
    source: &str,
    environment: Environment<'_>,
    found: &mut Diagnostics,
) -> BTreeMap<String, Tags> {
    let mut words = Words {
        file: file.name(),
        environment,
        said: BTreeMap::new(),
        found,
    };
    let scan = super::scan::scan(source);
    for comment in &scan.comments {
        let level = level(source, &scan, comment);
        parse::comment(source, comment, &mut |line, key, value| {
            words.comment(&level, line, key, value);
        });
    }
    options::add(file, &mut words);
    let said = words.said;
    let of = |level: &Level, key| said.get(&(level.clone(), key)).cloned();
    let mut all = BTreeMap::new();
    for service in file.services() {
        let outer = Level::Service(service.name().to_owned());
        for rpc in service.methods() {
            let inner = Level::Rpc(service.name().to_owned(), rpc.name().to_owned());
            let pick = |key| {
                let levels = [&inner, &outer, &Level::File];
                levels.into_iter().find_map(|level| of(level, key))
            };
            let tags = Tags {
                target_language: pick(Key::TargetLanguage),
                module: pick(Key::Module),
                package: pick(Key::Package),
                function: pick(Key::Function),
            };
            all.insert(names::path(file, rpc.full_name()), tags);
        }
    }
    all
}

/// What was said so far.
struct Words<'a> {
    file: &'a str,
    environment: Environment<'a>,
    said: BTreeMap<(Level, Key), Tag>,
    found: &'a mut Diagnostics,
}

impl Words<'_> {
    /// A tag in a comment, not understood yet.
    fn comment(&mut self, level: &Level, line: u32, key: &str, value: Option<&str>) {
        let spot = Spot::line(self.file, line);
        let Some(value) = value else {
            let message = format!("the tag `{key}` has no value in quotes");
            self.wrong(
                message,
                &spot,
                "write the value in double quotes: `metaffi_module: \"…\"`",
            );
            return;
        };
        match parse::values(key, value) {
            Ok(values) => {
                for (key, value) in values {
                    self.say(level, key, value, line);
                }
            }
            Err(message) => self.wrong(
                message,
                &spot,
                "known are `metaffi_target_language`, `metaffi_module` and `metaffi_function_path` with `module=…`, \
                 `package=…` and `function=…`",
            ),
        }
    }

    fn wrong(&mut self, message: String, spot: &Spot, help: &str) {
        let diagnostic = Diagnostic::new(codes::PROTO_TAG, message);
        self.found.push(diagnostic.label(spot, "here").help(help));
    }

    /// One word on a key.
    fn say(&mut self, level: &Level, key: Key, written: &str, line: u32) {
        let spot = Spot::line(self.file, line);
        let value = match parse::expand(written, self.environment) {
            Ok(value) => value,
            Err(variable) => {
                let message = format!("the variable `{variable}` of the environment is not set");
                self.wrong(message, &spot, "set it, or write the value into the file");
                return;
            }
        };
        let tag = Tag {
            value,
            written: written.to_owned(),
            location: Location {
                file: self.file.to_owned(),
                line,
            },
        };
        let place = (level.clone(), key);
        match self.said.get(&place) {
            None => drop(self.said.insert(place, tag)),
            Some(first) if first.value == tag.value => {}
            Some(first) => {
                let message = format!(
                    "{level} has two values for its {}: `{}` and `{}`",
                    key.name(),
                    first.written.escape_debug(),
                    tag.written.escape_debug()
                );
                let first = Spot::line(self.file, first.location.line);
                self.found.push(
                    Diagnostic::new(codes::PROTO_TAG_TWICE, message)
                        .label(&spot, "the other one")
                        .label(&first, "the first one")
                        .help("a tag stands for the rpc or service that it is in or directly before, else for the file; remove one"),
                );
            }
        }
    }
}
