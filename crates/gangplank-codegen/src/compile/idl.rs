//! The interface definition, as far as tools need it.
//!
//! Comes in: the path of a `.proto` file. Goes out: its descriptors with those of its imports, as bytes, so that custom
//! options survive. What the services mean is not decided here.

use std::error::Error;
use std::path::{Path, PathBuf};

use gangplank_model::diagnostics::{Label, codes};
use gangplank_model::model::Location;
use gangplank_model::{Diagnostic, Diagnostics};
use miette::Diagnostic as _;
use prost::Message;
use prost_types::FileDescriptorProto;

/// A parsed interface definition.
#[derive(Clone, Debug)]
pub struct Idl {
    /// As the user wrote it.
    pub path: PathBuf,
    /// The folder that holds it.
    pub folder: PathBuf,
    /// `calc.proto`.
    pub name: String,
    /// `calc`.
    pub stem: String,
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

    /// Fails when there is nothing to call.
    ///
    /// # Errors
    /// The file declares no service.
    pub fn needs_service(&self) -> Result<(), Diagnostics> {
        match self.main() {
            Some(file) if !file.descriptor.service.is_empty() => Ok(()),
            _ => Err(Diagnostic::new(
                codes::NO_SERVICE,
                format!("{} declares no service", self.path.display()),
            )
            .help("declare one: `service Name { rpc do_it (Request) returns (Response); }`")
            .into()),
        }
    }
}

/// `FileDescriptorSet`, with its files unread.
#[derive(Clone, PartialEq, Message)]
struct RawSet {
    #[prost(bytes = "vec", repeated, tag = "1")]
    file: Vec<Vec<u8>>,
}

/// Reads and parses the definition and its imports, which are searched for beside it.
///
/// # Errors
/// Every fault that the parser found.
pub fn read(path: &Path) -> Result<Idl, Diagnostics> {
    let refused = |text: String| Diagnostics::from(Diagnostic::new(codes::IDL, text));
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| refused(format!("{} names no file", path.display())))?;
    std::fs::metadata(path)
        .map_err(|error| refused(format!("cannot read {}: {error}", path.display())))?;
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut compiler = protox::Compiler::new([folder]).map_err(|error| faults(&error, path))?;
    compiler
        .include_imports(true)
        .include_source_info(true)
        .open_file(name)
        .map_err(|error| faults(&error, path))?;
    let decoded = |error: prost::DecodeError| refused(format!("{}: {error}", path.display()));
    let set = RawSet::decode(compiler.encode_file_descriptor_set().as_slice()).map_err(decoded)?;
    let mut files = Vec::new();
    for bytes in set.file {
        let descriptor = FileDescriptorProto::decode(bytes.as_slice()).map_err(decoded)?;
        files.push(IdlFile { descriptor, bytes });
    }
    Ok(Idl {
        path: path.to_owned(),
        folder: folder.to_owned(),
        name: name.to_owned(),
        stem: name.strip_suffix(".proto").unwrap_or(name).to_owned(),
        files,
    })
}

/// The parser's error and those beside it.
fn faults(error: &protox::Error, idl: &Path) -> Diagnostics {
    let mut found = Diagnostics::default();
    found.push(fault(error, error.file(), idl));
    for related in error.related().into_iter().flatten() {
        found.push(fault(related, error.file(), idl));
    }
    found
}

fn fault(error: &dyn miette::Diagnostic, file: Option<&str>, idl: &Path) -> Diagnostic {
    let mut message = error.to_string();
    let mut source: Option<&dyn Error> = error.source();
    while let Some(inner) = source {
        let text = inner.to_string();
        if !message.contains(&text) {
            message = format!("{message}: {text}");
        }
        source = inner.source();
    }
    let mut diagnostic = Diagnostic::new(codes::IDL, message);
    if let Some(file) = file {
        diagnostic.labels.push(Label {
            item: String::new(),
            location: Location {
                file: idl.with_file_name(file).display().to_string(),
                line: line(error).unwrap_or(0),
            },
            text: String::new(),
        });
    }
    if let Some(help) = error.help() {
        diagnostic = diagnostic.help(help.to_string());
    }
    diagnostic
}

fn line(error: &dyn miette::Diagnostic) -> Option<u32> {
    let label = error.labels()?.next()?;
    let contents = error.source_code()?.read_span(label.inner(), 0, 0).ok()?;
    u32::try_from(contents.line() + 1).ok()
}
