//! The Go backend behind the doors of this folder.
//!
//! Comes in: a definition that has been lowered. Goes out: what the backend writes for it.

use std::collections::BTreeMap;

use gangplank_model::Diagnostics;
use prost_types::{DescriptorProto, FileDescriptorProto};

use super::idl::{Idl, IdlFile};
use super::templates::{GoTemplates, Guest, Implemented};
use super::wanted::Module;
use crate::backends::go::proto as go;

/// The templates of the Go backend.
pub(super) struct Go;

impl GoTemplates for Go {
    fn modules(&self, idl: &Idl) -> Result<Vec<Module>, Diagnostics> {
        let messages = idl.main().map_or("", IdlFile::go_package);
        go::guest::modules(
            &go::Idl::new(&idl.library)?,
            &idl.tags,
            import_path(messages),
        )
    }

    fn guest(&self, idl: &Idl, implemented: &[Implemented<'_>]) -> Result<Guest, Diagnostics> {
        let names = go::Idl::new(&idl.library)?;
        go::guest::guest(&names, &idl.stem, &homes(idl), implemented)
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
