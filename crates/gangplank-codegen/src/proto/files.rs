//! The file and everything it imports, read and parsed one by one.
//!
//! Comes in: a path and folders. Goes out: every file by the name it is imported by. Done here and not by the compiler,
//! which stops at the first fault and trusts paths: what is wrong in any file is reported, and no import leaves its
//! folder.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};

use gangplank_model::diagnostics::codes;
use gangplank_model::{Diagnostic, Diagnostics};
use protox::file::{File, FileResolver, GoogleFileResolver};

use super::cycles;
use super::errors::{self, Spot};
use super::scan::{MAX_NESTED, scan};

/// The options that this toolkit offers to `.proto` files.
const OPTIONS: (&str, &str) = ("gangplank/options.proto", include_str!("options.proto"));

/// All files of an interface.
#[derive(Debug)]
pub(super) struct Loaded {
    /// Name of the file that was asked for.
    pub(super) main: String,
    /// By name.
    pub(super) files: BTreeMap<String, File>,
}

impl Loaded {
    /// Text of the file that was asked for.
    pub(super) fn source(&self) -> &str {
        let main = self.files.get(&self.main);
        main.and_then(File::source).unwrap_or_default()
    }
}

/// Reads and parses `path` and all that it imports.
pub(super) fn load(path: &Path, includes: &[PathBuf]) -> Result<Loaded, Diagnostics> {
    let (main, folders) = place(path, includes);
    let mut loading = Loading {
        folders,
        loaded: Loaded {
            main: main.clone(),
            files: BTreeMap::new(),
        },
        found: Diagnostics::default(),
    };
    match std::fs::read(path) {
        Ok(bytes) => loading.add(&main, &bytes),
        Err(error) => loading.found.push(unreadable(path, &error)),
    }
    let Loading {
        loaded, mut found, ..
    } = loading;
    cycles::check(&loaded.files, &loaded.main, &mut found);
    found.into_result(loaded)
}

/// What the file is called by those who import it, and where imports are looked up.
pub(super) fn place(path: &Path, includes: &[PathBuf]) -> (String, Vec<PathBuf>) {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut folders = includes.to_vec();
    folders.push(parent.to_owned());
    let name = includes.iter().find_map(|folder| {
        let inside = path.strip_prefix(folder).ok()?;
        let parts = inside.components().map(|part| part.as_os_str().to_str());
        Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
    });
    let file_name = || path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.unwrap_or_else(|| file_name().into_owned());
    (name, folders)
}

fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    let message = format!("cannot read `{}`: {error}", path.display());
    Diagnostic::new(codes::PROTO_UNREADABLE, message)
}

struct Loading {
    folders: Vec<PathBuf>,
    loaded: Loaded,
    found: Diagnostics,
}

impl Loading {
    /// Adds a file and, one after the other, what it imports.
    fn add(&mut self, name: &str, bytes: &[u8]) {
        let mut open = VecDeque::from([(name.to_owned(), bytes.to_vec())]);
        while let Some((name, bytes)) = open.pop_front() {
            let Some(file) = self.parse(&name, bytes) else {
                continue;
            };
            for (at, import) in file.file_descriptor_proto().dependency.iter().enumerate() {
                let spot = errors::import_spot(&file, at);
                if let Some(why) = strange(import) {
                    self.found.push(import_trick(import, why, &spot));
                } else if !self.loaded.files.contains_key(import)
                    && !open.iter().any(|(name, _)| name == import)
                    && *import != name
                {
                    match self.find(import) {
                        Ok(Some(Found::Text(bytes))) => open.push_back((import.clone(), bytes)),
                        Ok(Some(Found::Parsed(file))) => {
                            self.loaded.files.insert(import.clone(), *file);
                        }
                        Ok(None) => self.found.push(self.missing(import, &spot)),
                        Err(diagnostic) => self.found.push(diagnostic),
                    }
                }
            }
            self.loaded.files.insert(name, file);
        }
    }

    fn parse(&mut self, name: &str, bytes: Vec<u8>) -> Option<File> {
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let text = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let lines = text.iter().filter(|byte| **byte == b'\n').count();
                let spot = Spot::line(name, u32::try_from(lines + 1).unwrap_or(0));
                let message = format!("`{name}` is not UTF-8 text");
                let found = Diagnostic::new(codes::PROTO_SYNTAX, message)
                    .label(&spot, "the first bytes that are none")
                    .help("save the file as UTF-8: other encodings cannot be told apart");
                self.found.push(found);
                return None;
            }
        };
        let refused = refused(name, &text);
        if !refused.is_empty() {
            self.found.append(refused);
            return None;
        }
        match File::from_source(name, &text) {
            Ok(file) => Some(file),
            Err(error) => {
                self.found.append(errors::diagnostics(&error));
                None
            }
        }
    }

    fn find(&self, name: &str) -> Result<Option<Found>, Diagnostic> {
        for folder in &self.folders {
            let path = folder.join(name);
            match std::fs::read(&path) {
                Ok(bytes) => return Ok(Some(Found::Text(bytes))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(unreadable(&path, &error)),
            }
        }
        if name == OPTIONS.0 {
            return Ok(Some(Found::Text(OPTIONS.1.into())));
        }
        let known = GoogleFileResolver::new().open_file(name).ok();
        Ok(known.map(|file| Found::Parsed(Box::new(file))))
    }

    fn missing(&self, import: &str, spot: &Spot) -> Diagnostic {
        let folders = self.folders.iter();
        let folders: Vec<_> = folders
            .map(|folder| format!("`{}`", folder.display()))
            .collect();
        Diagnostic::new(
            codes::PROTO_IMPORT,
            format!("cannot find the imported file `{import}`"),
        )
        .label(spot, "imported here")
        .help(format!(
            "looked in {}: name the folder that the path starts in with `-I`",
            folders.join(", ")
        ))
    }
}

/// What is refused before the parser sees it: editions, nesting without end, and imports that leave their folder.
fn refused(name: &str, text: &str) -> Diagnostics {
    let scan = scan(text);
    let spot = |at: usize| {
        let lines = text[..at].matches('\n').count();
        Spot::line(name, u32::try_from(lines + 1).unwrap_or(0))
    };
    let mut found = Diagnostics::default();
    if let Some(word) = scan.first_word
        && text.get(word.clone()) == Some("edition")
    {
        found.push(
            Diagnostic::new(
                codes::PROTO_UNSUPPORTED,
                format!("`{name}` uses an edition"),
            )
            .label(&spot(word.start), "here")
            .help("editions are not supported: begin the file with `syntax = \"proto3\";`"),
        );
    }
    if let Some(at) = scan.too_deep {
        let message = format!("`{name}` nests deeper than {MAX_NESTED} brackets");
        found.push(Diagnostic::new(codes::PROTO_UNSUPPORTED, message).label(&spot(at), "here"));
    }
    for (path, at) in &scan.imports {
        if let Some(why) = strange(path) {
            found.push(import_trick(path, why, &spot(*at)));
        }
    }
    found
}

/// An imported file.
enum Found {
    Text(Vec<u8>),
    /// One that comes with protobuf.
    Parsed(Box<File>),
}

/// Why a path in a `.proto` file is refused.
pub(super) fn strange(path: &str) -> Option<&'static str> {
    if path.is_empty() {
        Some("is empty")
    } else if path.contains('\\') {
        Some("has a backslash")
    } else if path.starts_with('/') || path.get(1..2) == Some(":") {
        Some("is absolute")
    } else if path.split('/').any(|part| part == "..") {
        Some("leaves its folder with `..`")
    } else if path.split('/').any(|part| part.is_empty() || part == ".") {
        Some("has an empty part or `.` in it")
    } else if path.contains('\0') {
        Some("has a NUL")
    } else {
        None
    }
}

fn import_trick(path: &str, why: &str, spot: &Spot) -> Diagnostic {
    path_trick("imported path", path, why, spot)
        .help("write a plain path with `/` that starts in one of the include folders")
}

/// A path that is refused.
pub(super) fn path_trick(what: &str, path: &str, why: &str, spot: &Spot) -> Diagnostic {
    let message = format!("the {what} `{}` {why}", path.escape_debug());
    Diagnostic::new(codes::PROTO_PATH, message).label(spot, "here")
}
