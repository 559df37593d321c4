//! The Go backend behind the doors of this folder.
//!
//! Comes in: a definition's path. Goes out: what the backend writes for it. Between the two is the straight line: front
//! end, model, check, lower.

use std::collections::BTreeMap;

use gangplank_model::lowered::Library;
use gangplank_model::{Diagnostics, assemble, check, lower};
use prost_types::{DescriptorProto, FileDescriptorProto};

use super::idl::Idl;
use super::templates::{GoTemplates, Guest, Implemented};
use super::wanted::Module;
use crate::backends::go::proto as go;
use crate::proto::{self, Front};

/// The templates of the Go backend.
pub(super) struct Go;

fn front(idl: &Idl) -> Result<(Front, Library), Diagnostics> {
    let front = proto::read(&idl.path, &[])?;
    let checked = check(assemble(front.source.clone())?)?;
    Ok((front, lower(&checked)))
}

impl GoTemplates for Go {
    fn modules(&self, idl: &Idl) -> Result<Vec<Module>, Diagnostics> {
        let (front, library) = front(idl)?;
        let messages = front.go_package.as_deref().and_then(import_path);
        go::guest::modules(&go::Idl::new(&library)?, &front.tags, messages)
    }

    fn guest(&self, idl: &Idl, implemented: &[Implemented<'_>]) -> Result<Guest, Diagnostics> {
        let (_, library) = front(idl)?;
        go::guest::guest(
            &go::Idl::new(&library)?,
            &idl.stem,
            &homes(idl),
            implemented,
        )
    }
}

/// The import path in a `go_package`; nothing when it is only a name.
fn import_path(go_package: &str) -> Option<&str> {
    let path = go_package.split(';').next().unwrap_or_default().trim();
    path.contains(['.', '/']).then_some(path)
}

/// The import path of every message and enum by its full name.
fn homes(idl: &Idl) -> BTreeMap<String, String> {
    let mut homes = BTreeMap::new();
    for file in &idl.files {
        if let Some(path) = import_path(file.go_package()) {
            names(&file.descriptor, &mut |name| {
                homes.insert(name, path.to_owned());
            });
        }
    }
    homes
}

fn names(file: &FileDescriptorProto, each: &mut impl FnMut(String)) {
    let package = match file.package() {
        "" => String::new(),
        package => format!("{package}."),
    };
    for item in &file.enum_type {
        each(format!("{package}{}", item.name()));
    }
    for message in &file.message_type {
        inside(&package, message, each);
    }
}

fn inside(scope: &str, message: &DescriptorProto, each: &mut impl FnMut(String)) {
    let name = format!("{scope}{}", message.name());
    for item in &message.enum_type {
        each(format!("{name}.{}", item.name()));
    }
    for nested in &message.nested_type {
        inside(&format!("{name}."), nested, each);
    }
    each(name);
}
