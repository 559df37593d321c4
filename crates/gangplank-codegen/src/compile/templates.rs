//! What the Go templates of guests are asked for.
//!
//! Comes in: a definition, and how the implementation's functions are called. Goes out: the text of files. The driver in
//! this folder knows tools and no text; the templates know text and no tools.

use gangplank_model::Diagnostics;

use super::idl::Idl;
use super::matching::Call;
use super::signature::Package;
use super::wanted::Module;
use crate::backend::File;

/// The text of guests in Go.
pub trait GoTemplates: Sync {
    /// What the definition's services want of their implementations.
    ///
    /// # Errors
    /// Everything that the front end finds wrong.
    fn modules(&self, idl: &Idl) -> Result<Vec<Module>, Diagnostics>;

    /// The guest for these implementations, which are those of [`GoTemplates::modules`] in order.
    ///
    /// # Errors
    /// What Go cannot express.
    fn guest(&self, idl: &Idl, implemented: &[Implemented<'_>]) -> Result<Guest, Diagnostics>;
}

/// A module, and what its implementation turned out to be.
#[derive(Clone, Debug)]
pub struct Implemented<'a> {
    /// What was wanted.
    pub module: &'a Module,
    /// How the guest imports it; nothing: its files are in the guest's own package.
    pub import: Option<Import>,
    /// What it declares.
    pub package: &'a Package,
    /// How to call each of `module.functions`.
    pub calls: Vec<Call>,
}

/// How a package is imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// `github.com/Masterminds/goutils`.
    pub path: String,
    /// `goutils`.
    pub name: String,
}

/// The sources of a guest. All of them are in one folder while the library is built.
#[derive(Clone, Debug)]
pub struct Guest {
    /// Files that the user gets, in the output folder: `calcMetaFFIGuest.go`.
    pub files: Vec<File>,
    /// Files of the build only: Go, C, headers.
    pub build_only: Vec<File>,
    /// The library's file name: `calcMetaFFIGuest.so`.
    pub library: String,
}

/// The templates of this toolkit.
#[must_use]
pub fn templates() -> &'static dyn GoTemplates {
    &super::go_templates::Go
}
