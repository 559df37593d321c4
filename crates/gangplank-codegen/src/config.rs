//! What the author of a library says about the packages made from it.
//!
//! Comes in: `[package.metadata.gangplank]` or `gangplank.toml`, parsed by the command line. Goes out: one [`Options`]
//! per language. The keys are the same for every language; [`crate::backend::Language::options`] says which of them a
//! language reads, and a key that it does not read is an error.

use std::collections::BTreeMap;

use gangplank_model::diagnostics::codes;
use gangplank_model::{Diagnostic, Diagnostics};
use serde::Deserialize;

use crate::backend::Language;
use crate::compile::GuestModule;

/// The sections of all languages, by name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Config {
    /// `[package.metadata.gangplank.<name>]`.
    pub languages: BTreeMap<String, Options>,
}

impl Config {
    /// The section of `language`, empty when there is none.
    pub fn options(&self, language: &str) -> Options {
        self.languages.get(language).cloned().unwrap_or_default()
    }
}

/// One language's section.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Where the package lives for those who import it (Go: the module path `example.com/mytimer`).
    pub module: Option<String>,
    /// The package's name, when it is not what the library's name gives.
    pub package: Option<String>,
    /// New names for items: path without the crate (`Timer::echo`, `EchoRequest`) to the name in this language.
    /// Symbols never change.
    pub renames: BTreeMap<String, String>,
    /// The module that hosts of a `.proto` file open. Whoever reads the file sets it, never a configuration.
    #[serde(skip)]
    pub guest: Option<GuestModule>,
}

impl Options {
    /// Whether `language` reads every key that is set.
    ///
    /// # Errors
    /// One diagnostic per key that it does not read.
    pub fn check(&self, language: &Language) -> Result<(), Diagnostics> {
        let set = [
            ("module", self.module.is_some()),
            ("package", self.package.is_some()),
            ("renames", !self.renames.is_empty()),
        ];
        let mut diagnostics = Diagnostics::default();
        for (key, _) in set.iter().filter(|(_, is_set)| *is_set) {
            if language.options.iter().all(|(known, _)| known != key) {
                let message = format!("`{key}` means nothing to the backend `{}`", language.name);
                let help = format!(
                    "remove `{key}` from the section `{}` of the configuration",
                    language.name
                );
                diagnostics.push(Diagnostic::new(codes::UNREAD_OPTION, message).help(help));
            }
        }
        diagnostics.into_result(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend;

    #[test]
    fn a_key_that_the_language_does_not_read_is_reported() {
        let options = Options {
            module: Some("example.com/x".into()),
            ..Options::default()
        };
        let found = options.check(backend::find("c").unwrap()).unwrap_err();
        assert_eq!(found.len(), 1);
        assert!(
            found
                .to_string()
                .contains("`module` means nothing to the backend `c`")
        );
        assert!(options.check(backend::find("go").unwrap()).is_ok());
    }
}
