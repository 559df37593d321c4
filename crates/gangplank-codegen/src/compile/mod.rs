//! A `.proto` file and its implementation to libraries and packages.
//!
//! Comes in: the path of an interface definition and an output folder. Goes out: generated files and built libraries in
//! that folder, all of them or none. The three functions here are the doors of compiler plugins and of the command line
//! alike, so that both give the same bytes. Everything that runs a tool is in this folder; what generated code says is

mod beside;
mod cache;
mod go_mod;
mod go_templates;
mod go_tool;
mod grpc_tools;
mod guest;
mod host;
pub mod idl;
mod implementation;
pub mod matching;
mod module_version;
mod protoc_gen_go;
mod python;
mod run;
mod rust;
mod serialization;
pub mod signature;
mod sums;
mod templates;
pub mod toolchain;
mod types;
pub mod wanted;
mod workspace;

use std::path::{Path, PathBuf};

use gangplank_model::diagnostics::codes;
use gangplank_model::{Diagnostic, Diagnostics};

pub use guest::to_guest_with;
pub use protoc_gen_go::protobuf_of_go;
pub use run::{Listener, Progress};
pub use templates::{GoTemplates, Guest, Implemented, Import};

use crate::backend::File;
use crate::output::{self, Made};

/// What to compile, and where to.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The interface definition.
    pub idl: &'a Path,
    /// The folder that gets the results; made when it is missing.
    pub output: &'a Path,
    /// The `protoc-gen-go` to use instead of the one on the PATH or in the cache.
    pub protoc_gen_go: Option<&'a Path>,
    /// The interpreter whose tools write protobuf's Python code, before what the environment says.
    pub python: Option<&'a Path>,
    /// The package of hosts; without it the one of `go_package`.
    pub host_package: Option<&'a str>,
    /// Told what happens.
    pub progress: Listener<'a>,
}

impl<'a> Request<'a> {
    /// A request that tells nobody what happens.
    pub fn new(idl: &'a Path, output: &'a Path) -> Request<'a> {
        Request {
            idl,
            output,
            protoc_gen_go: None,
            python: None,
            host_package: None,
            progress: &|_| (),
        }
    }

    fn check(&self) -> Result<(), Diagnostics> {
        for (path, what) in [
            (self.idl, "the interface definition"),
            (self.output, "the output folder"),
        ] {
            if path.as_os_str().is_empty() {
                let text = format!("the path of {what} is empty");
                return Err(Diagnostic::new(codes::PATH, text).into());
            }
        }
        if self.output.exists() && !self.output.is_dir() {
            let text = format!("cannot write into {}: not a folder", self.output.display());
            return Err(Diagnostic::new(codes::OUTPUT, text).into());
        }
        Ok(())
    }

    /// Puts the results in place.
    fn write(&self, files: &[File], made: &[Made<'_>]) -> Result<Vec<PathBuf>, Diagnostics> {
        let outcomes = output::write_with(files, made, self.output)
            .map_err(|error| Diagnostic::new(codes::OUTPUT, error.to_string()))?;
        Ok(outcomes.into_iter().map(|(path, _)| path).collect())
    }
}

/// What a language can do with a definition. Command line, help and plugins read the table.
#[derive(Clone, Copy)]
pub struct Compiler {
    /// The word in tags and after `--from-host`.
    pub name: &'static str,
    /// Other words for it.
    pub also: &'static [&'static str],
    /// What its guests are to hosts.
    pub guests: Guests,
    /// Writes the guest's source and builds its library.
    pub to_guest: Door,
    /// Writes the host package.
    pub from_host: Door,
    /// Writes protobuf's own code.
    pub serialization: Door,
}

/// How hosts reach the guests of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guests {
    /// The runtime of XLLR that runs them.
    pub runtime: &'static str,
    /// What stands behind the dot of their files.
    pub ending: &'static str,
}

impl Compiler {
    /// Whether this word means it.
    pub fn is(&self, word: &str) -> bool {
        self.name == word || self.also.contains(&word)
    }
}

/// One thing to compile; returns the files.
pub type Door = fn(&Request<'_>) -> Result<Vec<PathBuf>, Diagnostics>;

/// Go.
pub const GO: Compiler = Compiler {
    name: "go",
    also: &[],
    guests: LIBRARIES,
    to_guest,
    from_host,
    serialization,
};

/// Rust.
pub const RUST: Compiler = Compiler {
    name: "rust",
    also: &[],
    guests: LIBRARIES,
    to_guest: rust::to_guest,
    from_host: rust::from_host,
    serialization: rust::serialization,
};

/// Python.
pub const PYTHON: Compiler = Compiler {
    name: "python",
    also: &["python3"],
    guests: Guests {
        runtime: "python3",
        ending: "py",
    },
    to_guest: python::to_guest,
    from_host: python::from_host,
    serialization: python::serialization,
};

/// Every language that is built in.
pub const COMPILERS: &[Compiler] = &[GO, RUST, PYTHON];

/// The language that implements a definition whose tags name none.
pub const GUEST: Compiler = GO;

/// Guests that are libraries.
const LIBRARIES: Guests = Guests {
    runtime: "native",
    ending: "so",
};

/// The compiler that this word means.
pub fn find(word: &str) -> Option<&'static Compiler> {
    COMPILERS.iter().find(|compiler| compiler.is(word))
}

/// How hosts reach guests in this language. Those of a language that only a plugin knows are libraries.
pub fn guests(language: &str) -> Guests {
    find(language).map_or(LIBRARIES, |compiler| compiler.guests)
}

/// The language that implements a definition: the one that the tags of all its functions name.
///
/// # Errors
/// The definition has faults, or its functions are in more than one language: a guest is of one.
pub fn guest_language(idl: &Path) -> Result<String, Diagnostics> {
    let idl = idl::read_without_code(idl)?;
    let mut first: Option<&str> = None;
    for function in &idl.library.functions {
        let tags = idl.tags.get(&function.common.path);
        let tag = tags.and_then(|tags| tags.target_language.as_ref());
        let Some(word) = tag
            .map(|tag| tag.value.trim())
            .filter(|word| !word.is_empty())
        else {
            continue;
        };
        // A language has one name, however many words mean it.
        let language = find(word).map_or(word, |compiler| compiler.name);
        match first {
            Some(one) if one != language => {
                let text =
                    format!("functions in `{one}` and in `{language}`: a guest is of one language");
                return Err(Diagnostic::new(codes::PROTO_TAG, text)
                    .label(&function.common, "one of them")
                    .help("put the functions of each language into a file of their own")
                    .into());
            }
            _ => first = Some(language),
        }
    }
    Ok(first.unwrap_or(GUEST.name).to_owned())
}

/// Writes protobuf's own Go code into `<idl>pb/`; returns the files.
///
/// # Errors
/// The definition has faults, `protoc-gen-go` cannot be had, the output cannot be written.
pub fn serialization(request: &Request<'_>) -> Result<Vec<PathBuf>, Diagnostics> {
    request.check()?;
    let idl = idl::read_without_code(request.idl)?;
    let program = protoc_gen_go::find(request.protoc_gen_go, request.progress)?;
    let files = serialization::files(&idl, &program, request.progress)?;
    request.write(&files, &[])
}

/// Writes the guest's source and builds its library; returns the files.
///
/// # Errors
/// The definition has faults, the implementation does not fit or does not build, a tool is missing, the output cannot be
/// written.
pub fn to_guest(request: &Request<'_>) -> Result<Vec<PathBuf>, Diagnostics> {
    to_guest_with(request, templates::templates())
}

/// Writes the host package; returns the files.
///
/// # Errors
/// The definition has faults, Go cannot express it, the output cannot be written.
pub fn from_host(request: &Request<'_>) -> Result<Vec<PathBuf>, Diagnostics> {
    request.check()?;
    let idl = idl::read_without_code(request.idl)?;
    request.write(&host::files(&idl, request.host_package)?, &[])
}
