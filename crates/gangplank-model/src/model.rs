//! The interface as data: everything that an author declared, nothing that a target language or an ABI adds.
//!
//! Comes in: the front ends fill it. Goes out: `check` resolves and judges it. It is generic over how declared things are
//! referred to: [`Name`] as they were written, [`Id`] once `check` has found them, so that there is one model and no pass
//! after the check can meet an unresolved name.

mod items;
mod types;

pub use gangplank_descriptor::owned::{
    Encoding, Literal, Occurs, ProtoField, ProtoFunction, ProtoName, ProtoResult, ProtoService,
};
pub(crate) use items::split_path;
pub use items::{
    Case, Common, Constant, Declaration, Enum, EnumValue, Event, Field, Function, HostFunction,
    Location, Object, Param, Record, Role, Trait, Variant,
};
pub use types::{Id, Name, Scalar, Type};

/// A library's interface.
#[derive(Clone, Debug)]
pub struct Interface<D = Name> {
    /// The library itself.
    pub library: Library,
    /// Records, enums, variants and errors, also those of other crates.
    pub types: Vec<Declaration<D>>,
    /// The objects of the library's crate.
    pub objects: Vec<Object<D>>,
    /// Host and event traits, also those of other crates.
    pub traits: Vec<Trait<D>>,
    /// Functions of the library's crate without an object.
    pub functions: Vec<Function<D>>,
    /// Constants of the library's crate.
    pub constants: Vec<Constant<D>>,
    /// Functions, objects and constants of other crates: in the file, not part of the interface.
    pub foreign: Vec<Common>,
}

/// The library itself.
#[derive(Clone, Debug)]
pub struct Library {
    /// The crate's name with underscores: prefix of every symbol.
    pub name: String,
    /// The crate's version.
    pub version: String,
    /// The crate's docs.
    pub docs: String,
    /// ABI version that it was built for.
    pub abi: u32,
    /// Whether a panic ends the process.
    pub panic_abort: bool,
    /// What the paths of its items start with: the crate's name, or the package of a `.proto` file.
    pub package: String,
    /// The services of a `.proto` file that have docs.
    pub services: Vec<ProtoService>,
    /// Its item's bytes.
    pub item: Vec<u8>,
}
