//! What things are called: paths of items, names of libraries.

use gangplank_descriptor::owned::{Common, ProtoName, TypeName};
use heck::ToSnakeCase;
use protox::prost_reflect::FileDescriptor;

use super::docs::Docs;

/// What the paths of a file's items start with: its package, else its stem.
pub(super) fn package(file: &FileDescriptor) -> String {
    match file.package_name() {
        "" => library(file.name()),
        package => package.replace('.', "::"),
    }
}

/// The name of the library that implements a file's services, unless somebody says otherwise: the stem in snake case.
pub(super) fn library(file_name: &str) -> String {
    let name = file_name.rsplit('/').next().unwrap_or(file_name);
    let stem = name.strip_suffix(".proto").unwrap_or(name);
    let plain = |letter: char| {
        if letter.is_ascii_alphanumeric() {
            letter
        } else {
            '_'
        }
    };
    let snake = stem.chars().map(plain).collect::<String>().to_snake_case();
    let letter = snake.starts_with(|first: char| first.is_ascii_alphabetic());
    let reserved = snake == "gp" || snake.starts_with("gp_");
    if letter && !reserved {
        snake
    } else {
        format!("idl_{snake}").trim_end_matches('_').to_owned()
    }
}

/// The name without its package: `Order.Line`.
fn local<'n>(file: &FileDescriptor, full_name: &'n str) -> &'n str {
    let inside = full_name.strip_prefix(file.package_name());
    match inside.filter(|_| !file.package_name().is_empty()) {
        Some(inside) => inside.trim_start_matches('.'),
        None => full_name,
    }
}

/// The item's path: `shop::v1::Order::Line`.
pub(super) fn path(file: &FileDescriptor, full_name: &str) -> String {
    let local = local(file, full_name).replace('.', "::");
    format!("{}::{local}", package(file))
}

/// How other items refer to a type.
pub(super) fn type_name(file: &FileDescriptor, full_name: &str) -> TypeName {
    TypeName {
        path: path(file, full_name),
        version: String::new(),
    }
}

/// What a declared type carries: `Order_Line` is its name, as in other languages' protobuf.
pub(super) fn common(
    file: &FileDescriptor,
    full_name: &str,
    docs: &Docs,
    path_in_file: &[i32],
    deprecated: bool,
) -> Common {
    let place = docs.at(path_in_file);
    Common {
        name: local(file, full_name).replace('.', "_"),
        path: path(file, full_name),
        version: String::new(),
        docs: place.docs,
        deprecated: deprecated.then(String::new),
        file: file.name().to_owned(),
        line: place.line,
        proto: Some(ProtoName {
            package: package(file),
            full_name: full_name.to_owned(),
        }),
    }
}
