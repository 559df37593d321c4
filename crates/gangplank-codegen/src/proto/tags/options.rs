//! Tags as options of `gangplank/options.proto`.

use protox::prost_reflect::{DynamicMessage, FileDescriptor, ReflectMessage, Value};

use super::super::docs::Docs;
use super::level::Level;
use super::{Key, Words};

/// Adds what the options of a file, its services and rpcs say.
pub(super) fn add(file: &FileDescriptor, words: &mut Words<'_>) {
    let docs = Docs::of(file);
    one(words, &file.options(), "gangplank.file", &Level::File, 0);
    for service in file.services() {
        let line = docs.at(service.path()).line;
        let level = Level::Service(service.name().to_owned());
        one(words, &service.options(), "gangplank.service", &level, line);
        for rpc in service.methods() {
            let line = docs.at(rpc.path()).line;
            let level = Level::Rpc(service.name().to_owned(), rpc.name().to_owned());
            one(words, &rpc.options(), "gangplank.rpc", &level, line);
        }
    }
}

fn one(words: &mut Words<'_>, options: &DynamicMessage, name: &str, level: &Level, line: u32) {
    let pool = options.descriptor().parent_pool().clone();
    let Some(extension) = pool.get_extension_by_name(name) else {
        return;
    };
    if !options.has_extension(&extension) {
        return;
    }
    let value = options.get_extension(&extension);
    let Value::Message(said) = value.as_ref() else {
        return;
    };
    let keys = [
        ("target_language", Key::TargetLanguage),
        ("module", Key::Module),
        ("package", Key::Package),
        ("function", Key::Function),
    ];
    for (field, key) in keys {
        if said.has_field_by_name(field)
            && let Some(value) = said.get_field_by_name(field)
            && let Value::String(text) = value.as_ref()
        {
            words.say(level, key, text, line);
        }
    }
}
