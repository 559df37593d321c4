//! Which symbols of a library stay visible.
//!
//! Comes in: cargo's archive and the library's name. Goes out: the names of its own functions and constants. Symbols
//! of the standard library, of C code and of other gangplank crates among the dependencies are not among them; the
//! latter are known by the interface that they carry, because `my_timer_echo` may belong to `my` or to `my_timer`.

use std::collections::BTreeSet;
use std::path::Path;

use gangplank_descriptor::owned::Body;
use gangplank_descriptor::{RUNTIME_EXPORTS, SECTION, decode, items};
use object::read::archive::ArchiveFile;
use object::{BinaryFormat, Object, ObjectSection, ObjectSymbol};

use crate::failure::{Failure, Outcome};

/// Reads the symbols called `<lib>_…` that the archive defines for others; sorted.
///
/// # Errors
/// The file is not an archive, or defines no such symbol.
pub(super) fn read(archive: &Path, lib: &str) -> Outcome<Vec<String>> {
    let data = std::fs::read(archive).map_err(|error| Failure::file("read", archive, &error))?;
    let found = symbols(&data, lib).map_err(|error| {
        Failure::Diagnostics(format!("error: cannot read {}: {error}", archive.display()))
    })?;
    if found.is_empty() {
        return Err(Failure::Diagnostics(format!(
            "error: the crate exports nothing that starts with `{lib}_`\n  help: call `gangplank::library!();` in \
             src/lib.rs and mark what to export with `#[gangplank::function]` or `#[gangplank::object]`"
        )));
    }
    Ok(found)
}

fn symbols(data: &[u8], lib: &str) -> object::Result<Vec<String>> {
    let prefix = format!("{lib}_");
    let mut found = BTreeSet::new();
    let mut others = BTreeSet::new();
    for member in ArchiveFile::parse(data)?.members() {
        // What is not an object (the compiler's own metadata) has no symbols.
        let Ok(object) = object::File::parse(member?.data(data)?) else {
            continue;
        };
        found.extend(
            defined(&object)
                .filter(|name| name.starts_with(&prefix))
                .map(str::to_owned),
        );
        others.extend(of_other_crates(&object, lib));
    }
    Ok(found.difference(&others).cloned().collect())
}

/// What an object defines for others, as C spells it.
fn defined<'data>(object: &object::File<'data>) -> impl Iterator<Item = &'data str> {
    let underscore = object.format() == BinaryFormat::MachO;
    let visible = object
        .symbols()
        .filter(|symbol| symbol.is_global() && symbol.is_definition());
    let names: Vec<&str> = visible.filter_map(|symbol| symbol.name().ok()).collect();
    names.into_iter().map(move |name| {
        if underscore {
            name.strip_prefix('_').unwrap_or(name)
        } else {
            name
        }
    })
}

/// What other gangplank crates export, read from the interface in the object.
fn of_other_crates(object: &object::File<'_>, lib: &str) -> Vec<String> {
    let sections = object
        .sections()
        .filter(|section| section.name() == Ok(interface_section(object)));
    let mut names = Vec::new();
    for data in sections.filter_map(|section| section.data().ok()) {
        for item in items(data).flatten().filter_map(|bytes| decode(bytes).ok()) {
            if item.path().split("::").next() == Some(lib) {
                continue;
            }
            match &item.body {
                Body::Function(function) => {
                    names.extend([
                        function.symbol.clone(),
                        format!("{}_entry", function.symbol),
                    ]);
                }
                Body::Library(other) => {
                    names.extend(
                        RUNTIME_EXPORTS
                            .iter()
                            .map(|name| format!("{}_{name}", other.crate_name)),
                    );
                }
                _ => {}
            }
        }
    }
    names
}

fn interface_section(object: &object::File<'_>) -> &'static str {
    match object.format() {
        BinaryFormat::MachO => "__gp_iface",
        _ => SECTION,
    }
}
