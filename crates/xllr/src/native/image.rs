//! A library's file before it is opened.
//!
//! Comes in: a path. Goes out: what the file offers, or what is wrong with it. Nothing of it has run: a file for another
//! machine, cut short or not a library at all must be a sentence and not the end of the process.

use std::fs;
use std::path::Path;

use gangplank_model::diagnostics::codes;
use gangplank_model::model::Interface;
use gangplank_model::{Diagnostics, assemble, library_file};
use object::{Architecture, Object, ObjectKind, ObjectSection, ObjectSegment};

use crate::abi::NATIVE_ABI;
use crate::error::{Error, Kind};

/// What a file offers.
pub(super) struct Image {
    /// Of a library made with Gangplank.
    pub(super) interface: Option<Interface>,
    /// Its exported `Foreign…` functions.
    pub(super) foreign: Vec<String>,
    /// It brings a Go runtime.
    pub(super) go: bool,
}

impl Image {
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let bad =
            |text: String| Error::new(Kind::BadModule, format!("`{}` {text}", path.display()));
        if !path.is_file() {
            return Err(bad("is not a file".to_owned()));
        }
        let data = fs::read(path).map_err(|error| bad(format!("cannot be read: {error}")))?;
        let file = parse(&data).map_err(bad)?;
        let interface = interface(path, &data)?;
        if let Some(interface) = &interface
            && interface.library.abi != NATIVE_ABI
        {
            return Err(bad(super::other_abi(interface.library.abi)));
        }
        let exports = file
            .exports()
            .map_err(|error| bad(damaged(&error)))?
            .filter_map(Result::ok)
            .filter_map(|export| export.name().name().map(plain(&file)))
            .filter(|name| name.starts_with("Foreign"));
        Ok(Self {
            interface,
            foreign: exports.collect(),
            go: is_go(&file),
        })
    }
}

/// Whether the file brings a Go runtime: every Go binary has one of these, also a stripped one.
pub(super) fn is_go<'a>(file: &impl Object<'a>) -> bool {
    [
        ".go.buildinfo",
        ".note.go.buildid",
        ".gopclntab",
        "__go_buildinfo",
    ]
    .iter()
    .any(|name| file.section_by_name(name).is_some())
}

fn parse(data: &[u8]) -> Result<object::File<'_>, String> {
    if object::FileKind::parse(data).is_err() {
        return Err("is not a shared library".to_owned());
    }
    let file = object::File::parse(data).map_err(|error| damaged(&error))?;
    let (there, here) = (file.architecture(), architecture());
    if there != here || !file.is_64() {
        return Err(format!(
            "is built for {there:?}, this program runs on {here:?}"
        ));
    }
    if file.kind() != ObjectKind::Dynamic {
        return Err("is not a shared library".to_owned());
    }
    let size = data.len() as u64;
    let inside = |(offset, len): (u64, u64)| offset.checked_add(len).is_some_and(|end| end <= size);
    let whole = file.segments().all(|segment| inside(segment.file_range()))
        && file
            .sections()
            .filter_map(|section| section.file_range())
            .all(inside);
    if !whole {
        return Err(damaged(&"a part of it lies outside the file"));
    }
    Ok(file)
}

fn damaged(error: &dyn std::fmt::Display) -> String {
    format!("is truncated or damaged: {error}")
}

/// Mach-O writes an underscore before each name.
fn plain(file: &object::File<'_>) -> impl Fn(&[u8]) -> String {
    let skipped = match file.format() {
        object::BinaryFormat::MachO => "_",
        _ => "",
    };
    move |name| {
        let name = String::from_utf8_lossy(name);
        name.strip_prefix(skipped).unwrap_or(&name).to_owned()
    }
}

fn interface(path: &Path, data: &[u8]) -> Result<Option<Interface>, Error> {
    let read = library_file::parse(path, data).and_then(assemble);
    match read {
        Ok(interface) => Ok(Some(interface)),
        Err(found) if found.iter().all(|one| one.code == codes::NO_INTERFACE) => Ok(None),
        Err(found) => Err(Error::new(Kind::BadModule, in_words(&found))),
    }
}

fn in_words(found: &Diagnostics) -> String {
    let lines = found.iter().map(|one| {
        let help = one.help.iter().map(|help| format!("; {help}"));
        help.fold(one.message.clone(), |text, help| text + &help)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn architecture() -> Architecture {
    match std::env::consts::ARCH {
        "x86_64" => Architecture::X86_64,
        "aarch64" => Architecture::Aarch64,
        "riscv64" => Architecture::Riscv64,
        "powerpc64" => Architecture::PowerPc64,
        "loongarch64" => Architecture::LoongArch64,
        _ => Architecture::Unknown,
    }
}
