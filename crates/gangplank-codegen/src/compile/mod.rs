//! A `.proto` file and its implementation to libraries and packages.
//!
//! Comes in: the path of an interface definition and an output folder. Goes out: generated files and built libraries in
//! that folder, all of them or none. The doors of the table here are those of compiler plugins and of the command line
//! alike, so that both give the same bytes. Everything that runs a tool is in this folder; what generated code says is
//! the templates' business.

mod beside;
mod cache;
mod downloads;
mod go_mod;
mod go_templates;
mod go_tool;
mod grpc_tools;
pub(crate) mod guest;
pub(crate) mod host;
pub mod idl;
mod implementation;
mod language;
pub mod matching;
mod module_text;
mod module_version;
mod one_folder;
mod protoc_gen_go;
pub(crate) mod python;
mod request;
mod results;
mod run;
pub(crate) mod rust;
pub(crate) mod serialization;
pub mod signature;
mod sums;
mod templates;
pub mod toolchain;
mod types;
pub mod wanted;
mod workspace;

use gangplank_model::Diagnostics;

pub use guest::to_guest_with;
pub use language::{GuestLanguage, GuestModule, guest_language};
pub(crate) use language::{guest_module, identifier, module_stem};
pub use protoc_gen_go::protobuf_of_go;
pub use request::Request;
pub use results::{Results, Staged};
pub use run::{Listener, Progress};
pub use templates::{GoTemplates, Guest, Implemented, Import, templates};

use crate::backend::{BACKENDS, Language};
use crate::backends::go;
use crate::config::Config;
use crate::{Input, generate};

/// What a language can do with a definition. It stands in the language's backend as `COMPILER`, and
/// [`crate::backend::BACKENDS`] has it for each language; command line, help and plugins read it there.
#[derive(Clone, Copy)]
pub struct Compiler {
    /// The word in tags and after `--from-host`.
    pub name: &'static str,
    /// Other words for it.
    pub also: &'static [&'static str],
    /// What its guests are to hosts.
    pub guests: Guests,
    /// What keeps [`Compiler::to_guest`] from being asked, as far as the definition alone shows it.
    pub check_guest: Check,
    /// Writes the guest's source and builds its library.
    pub to_guest: Door,
    /// Writes the host package. It builds nothing.
    pub from_host: Door,
    /// Writes protobuf's own code.
    pub serialization: Door,
    /// Options of a [`Request`] that only some doors read, with those of this language that do.
    pub reads: &'static [(Setting, Part)],
}

/// A door by what it makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// [`Compiler::to_guest`].
    Guest,
    /// [`Compiler::from_host`].
    Host,
    /// [`Compiler::serialization`].
    Serialization,
}

/// An option that means nothing to most doors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// [`Request::host_package`].
    HostPackage,
    /// [`Request::protoc_gen_go`].
    ProtocGenGo,
    /// [`Request::python`].
    Python,
}

/// How hosts reach the guests of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guests {
    /// The runtime of XLLR that runs them.
    pub runtime: &'static str,
    /// What stands behind the dot of their files.
    pub ending: &'static str,
    /// Whether programs import them by their names, which are identifiers then.
    pub imported: bool,
}

impl Guests {
    /// Of a language whose guests are libraries.
    pub const LIBRARIES: Guests = Guests {
        runtime: "native",
        ending: "so",
        imported: false,
    };
}

impl Compiler {
    /// Whether this word means it.
    pub fn is(&self, word: &str) -> bool {
        self.name == word || self.also.contains(&word)
    }

    /// The door that makes this.
    pub fn door(&self, part: Part) -> Door {
        match part {
            Part::Guest => self.to_guest,
            Part::Host => self.from_host,
            Part::Serialization => self.serialization,
        }
    }
}

/// One thing to compile; [`Request::run`] puts what it has made in place.
pub type Door = fn(&Request<'_>) -> Result<Results, Diagnostics>;

/// What can be said before anything is built.
pub type Check = fn(&Request<'_>) -> Result<(), Diagnostics>;

/// The language that implements a definition whose tags name none.
pub const GUEST: Compiler = go::COMPILER;

/// Every compiler that is built in, in the order of the table.
pub fn compilers() -> impl Iterator<Item = &'static Compiler> {
    let lines = BACKENDS.iter();
    lines.filter_map(|language| language.compiler.as_ref())
}

/// The compiler that this word means.
pub fn find(word: &str) -> Option<&'static Compiler> {
    compilers().find(|compiler| compiler.is(word))
}

/// What a language writes for a definition, for hosts whose package is all that they need.
///
/// # Errors
/// The definition has faults, or the language cannot express it.
pub fn package(request: &Request<'_>, language: &Language) -> Result<Results, Diagnostics> {
    let input = Input::ProtoFile {
        path: request.idl,
        includes: request.includes,
    };
    generate(input, language, &Config::default()).map(Results::of)
}

/// How hosts reach guests in this language. Those of a language that only a plugin knows are libraries.
pub fn guests(language: &str) -> Guests {
    find(language).map_or(Guests::LIBRARIES, |compiler| compiler.guests)
}
