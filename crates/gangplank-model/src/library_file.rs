//! Reads the interface out of a library file, without running it.
//!
//! Comes in: a shared library, static archive or object file of any platform. Goes out: the items of its section
//! `gp_iface`, for the model to put together, and which of the libraries in it is meant. Nothing in the file is trusted:
//! it may be cut off, damaged or made by somebody else.

mod containers;

use std::collections::BTreeSet;
use std::path::Path;

use crate::diagnostics::codes;
use crate::{Diagnostic, Diagnostics, Source};
use gangplank_descriptor::owned::{Body, Item};
use gangplank_descriptor::{DecodeError, decode, items};

use containers::Contents;

/// Reads the interface of the library at `path`.
///
/// # Errors
///
/// When the file cannot be read, is not a library, is damaged, or carries no interface that this toolkit knows.
pub fn read(path: &Path) -> Result<Source, Diagnostics> {
    let data = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    parse(path, &data)
}

/// Reads the interface of the library whose file holds `data`; `path` is for messages and for its name.
///
/// # Errors
///
/// As for [`read`].
pub fn parse(path: &Path, data: &[u8]) -> Result<Source, Diagnostics> {
    let contents = containers::contents(path, data)?;
    if contents
        .sections
        .iter()
        .all(|section| section.iter().all(|byte| *byte == 0))
    {
        return Err(no_interface(path).into());
    }
    let items = decode_all(path, &contents)?;
    let root = root(path, &items, &contents);
    Ok(Source { items, root })
}

/// All items; every one that cannot be decoded is a finding.
fn decode_all(path: &Path, contents: &Contents<'_>) -> Result<Vec<Item>, Diagnostics> {
    let mut decoded = Vec::new();
    let mut found = Diagnostics::default();
    for section in &contents.sections {
        for item in items(section) {
            let item = item.map_err(|malformed| (malformed.to_string(), malformed.error));
            match item.and_then(|bytes| decode(bytes).map_err(|error| (error.to_string(), error))) {
                Ok(item) => decoded.push(item),
                Err((text, error)) => found.push(malformed(path, &text, &error)),
            }
        }
    }
    found.into_result(decoded)
}

/// The crate whose library the file is, when dependencies declare libraries as well: the one that the file is named
/// after, else the only one whose runtime is exported.
fn root(path: &Path, items: &[Item], contents: &Contents<'_>) -> Option<String> {
    let mut libraries: BTreeSet<&str> = BTreeSet::new();
    for item in items {
        if let Body::Library(library) = &item.body {
            libraries.insert(&library.crate_name);
        }
    }
    if libraries.len() < 2 {
        return None;
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let stem = stem.strip_prefix("lib").unwrap_or(&stem);
    // Cargo puts a hash behind a hyphen; others write hyphens for underscores.
    let names = [
        stem.replace('-', "_"),
        stem.split('-').next().unwrap_or_default().to_owned(),
    ];
    let named = |name: &&&str| names.iter().any(|stem| stem == **name);
    let mut exported = libraries
        .iter()
        .filter(|name| contents.exports.contains(&format!("{name}_abi_version")));
    let only = exported.next().filter(|_| exported.next().is_none());
    libraries
        .iter()
        .find(named)
        .or(only)
        .map(|name| (*name).to_owned())
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    let message = format!("cannot read `{}`: {error}", path.display());
    let diagnostic = Diagnostic::new(codes::UNREADABLE_FILE, message);
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            diagnostic.help("build the library first: `gangplank build`")
        }
        _ => diagnostic,
    }
}

fn no_interface(path: &Path) -> Diagnostic {
    let message = format!("`{}` carries no interface", path.display());
    Diagnostic::new(codes::NO_INTERFACE, message)
        .help("the crate needs `gangplank::library!();` and the crate type `cdylib` or `staticlib`; custom link steps must keep the section `gp_iface`")
}

fn malformed(path: &Path, text: &str, error: &DecodeError) -> Diagnostic {
    let (code, help) = match error {
        DecodeError::Newer(_) | DecodeError::Unknown(..) => (
            codes::NEWER_INTERFACE,
            "use the version of gangplank that the library was built with, or a newer one",
        ),
        _ => (codes::MALFORMED_INTERFACE, "build the library again"),
    };
    Diagnostic::new(
        code,
        format!(
            "the interface in `{}` cannot be read: {text}",
            path.display()
        ),
    )
    .help(help)
}
