//! An interface definition, ready for tools and templates.
//!
//! Comes in: the path of a `.proto` file. Goes out: the lowered library of its services with the tags of its rpcs, and
//! its descriptors with those of its imports, as bytes, so that custom options survive. The front end ([`crate::proto`])
//! decides what the file means.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gangplank_model::diagnostics::codes;
use gangplank_model::lowered::Library;
use gangplank_model::{Diagnostic, Diagnostics};
use prost::Message;
use prost_types::FileDescriptorProto;

use crate::proto::{self, Tags};

/// A definition that has been read.
#[derive(Debug)]
pub struct Idl {
    /// As the user wrote it.
    pub path: PathBuf,
    /// The folder that holds it.
    pub folder: PathBuf,
    /// `calc.proto`.
    pub name: String,
    /// `calc`.
    pub stem: String,
    /// Its services.
    pub library: Library,
    /// Which code is behind each function, by its path (`calc::Calc::div`).
    pub tags: BTreeMap<String, Tags>,
    /// Imports before those that import them; the definition itself is the last.
    pub files: Vec<IdlFile>,
}

/// One file of an interface definition.
#[derive(Clone, Debug)]
pub struct IdlFile {
    /// What it says.
    pub descriptor: FileDescriptorProto,
    /// The same as bytes, custom options included.
    pub bytes: Vec<u8>,
}

impl IdlFile {
    /// As imports name it.
    pub fn name(&self) -> &str {
        self.descriptor.name()
    }

    /// `option go_package`, empty when there is none.
    pub fn go_package(&self) -> &str {
        self.descriptor
            .options
            .as_ref()
            .map_or("", |options| options.go_package())
    }
}

impl Idl {
    /// The definition itself.
    pub fn main(&self) -> Option<&IdlFile> {
        self.files.iter().find(|file| file.name() == self.name)
    }

    /// All files as one `FileDescriptorSet`, custom options included.
    pub(super) fn descriptor_set(&self) -> Vec<u8> {
        let file = self.files.iter().map(|file| file.bytes.clone()).collect();
        RawSet { file }.encode_to_vec()
    }
}

/// `FileDescriptorSet`, with its files unread.
#[derive(Clone, PartialEq, Message)]
struct RawSet {
    #[prost(bytes = "vec", repeated, tag = "1")]
    file: Vec<Vec<u8>>,
}

/// Reads the definition and its imports, which are looked up in `includes`, then beside it.
///
/// # Errors
/// Everything that is wrong with them.
pub fn read(path: &Path, includes: &[PathBuf]) -> Result<Idl, Diagnostics> {
    idl(path, proto::read(path, includes)?)
}

/// The same for those who do not ask which code is behind it, and need not have the variables of its tags set.
///
/// # Errors
/// As [`read`].
pub fn read_without_code(path: &Path, includes: &[PathBuf]) -> Result<Idl, Diagnostics> {
    let as_written = |name: &str| Some(format!("${{{name}}}"));
    idl(path, proto::read_with(path, includes, &as_written)?)
}

fn idl(path: &Path, front: proto::Front) -> Result<Idl, Diagnostics> {
    let library = crate::lowered(front.source)?;
    let unread = |error: prost::DecodeError| {
        let text = format!("cannot read the descriptors of {}: {error}", path.display());
        Diagnostic::new(codes::PROTO_INVALID, text)
    };
    let set = RawSet::decode(front.descriptors.as_slice()).map_err(unread)?;
    let mut files = Vec::new();
    for bytes in set.file {
        let descriptor = FileDescriptorProto::decode(bytes.as_slice()).map_err(unread)?;
        files.push(IdlFile { descriptor, bytes });
    }
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let last = front.file.rsplit('/').next().unwrap_or(&front.file);
    Ok(Idl {
        path: path.to_owned(),
        folder: folder.to_owned(),
        stem: last.strip_suffix(".proto").unwrap_or(last).to_owned(),
        name: front.file,
        library,
        tags: front.tags,
        files,
    })
}
