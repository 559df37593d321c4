//! The language of an implementation.
//!
//! Comes in: the tags of rpcs. Goes out: one language for each, the one of a whole definition, and the module that its
//! hosts open.

use gangplank_model::diagnostics::codes;
use gangplank_model::lowered::Common;
use gangplank_model::model::Location;
use gangplank_model::{Diagnostic, Diagnostics};

use super::idl::Idl;
use super::{Compiler, GUEST, Guests, Request, find, guests};
use crate::proto::Tags;

/// The language that implements a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestLanguage {
    /// The language's name, where the tag has another word for it; the word itself of a language that is not built in.
    pub name: String,
    /// The tag; nothing: the default.
    pub said: Option<Location>,
}

/// What a host opens: every language's hosts of a definition ask for the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestModule {
    /// How its language is run.
    pub guests: Guests,
    /// Its file without the ending: `calcMetaFFIGuest`.
    pub name: String,
}

impl GuestModule {
    /// With the ending that its language's guests have.
    pub fn file(&self) -> String {
        format!("{}.{}", self.name, self.guests.ending)
    }
}

/// The stem of a definition's guests and hosts, `<stem>MetaFFIGuest`: Go overlooks files that begin with `_` or `.`.
pub(crate) fn module_stem(stem: &str) -> String {
    match stem.strip_prefix(['_', '.']) {
        Some(_) => format!("idl{}", stem.replace('.', "_")),
        None => stem.to_owned(),
    }
}

/// The stem of a file that programs import: `my_calc` of `my-calc`, as protobuf's own code is called.
pub(crate) fn identifier(stem: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() { c } else { '_' };
    let stem: String = stem.chars().map(plain).collect();
    match stem.starts_with(|c: char| c.is_numeric()) {
        true => format!("_{stem}"),
        false => stem,
    }
}

/// The module that a guest in `language` is.
pub(crate) fn guest_module(stem: &str, language: &str) -> GuestModule {
    let guests = guests(language);
    let stem = module_stem(stem);
    let stem = match guests.imported {
        true => identifier(&stem),
        false => stem,
    };
    GuestModule {
        guests,
        name: format!("{stem}MetaFFIGuest"),
    }
}

/// The language behind an rpc; a language has one name, however many words mean it.
fn language(tags: Option<&Tags>) -> &str {
    let said = tags.and_then(|tags| tags.target_language.as_ref());
    match said.map(|tag| tag.value.trim()) {
        None | Some("") => GUEST.name,
        Some(word) => find(word).map_or(word, |compiler| compiler.name),
    }
}

/// The language that implements a definition: the one of all its functions.
///
/// # Errors
/// The definition has faults, or its functions are in more than one language: a guest is of one.
pub fn guest_language(request: &Request<'_>) -> Result<GuestLanguage, Diagnostics> {
    request.read_without_code()?.guest_language()
}

impl Idl {
    /// The module that its hosts open.
    ///
    /// # Errors
    /// Its functions are in more than one language.
    pub fn guest_module(&self) -> Result<GuestModule, Diagnostics> {
        Ok(guest_module(&self.stem, &self.guest_language()?.name))
    }

    /// The module that a compiler makes of it, for the door that makes guests.
    ///
    /// # Errors
    /// Its functions are in more than one language, or in another one: its hosts would open another module.
    pub(crate) fn guest_of(&self, compiler: &Compiler) -> Result<GuestModule, Diagnostics> {
        let found = self.guest_language()?;
        if found.name == compiler.name {
            return Ok(guest_module(&self.stem, &found.name));
        }
        let text = format!(
            "the guest of {} is in `{}`, and this compiler makes guests in `{}`",
            self.name, found.name, compiler.name
        );
        let fault = Diagnostic::new(codes::NO_IMPLEMENTATION, text);
        let fault = match (&found.said, self.library.functions.first()) {
            (Some(tag), _) => fault.label(tag, format!("says `{}`", found.name)),
            (None, Some(function)) => {
                fault.label(&function.common, format!("no tag: `{}`", found.name))
            }
            (None, None) => fault,
        };
        let word = compiler.also.first().unwrap_or(&compiler.name);
        Err(fault
            .help(format!("say so: `// metaffi_target_language: \"{word}\"`"))
            .into())
    }

    fn guest_language(&self) -> Result<GuestLanguage, Diagnostics> {
        let mut first: Option<GuestLanguage> = None;
        for function in &self.library.functions {
            let tags = self.tags.get(&function.common.path);
            let name = language(tags);
            let tag = tags.and_then(|tags| tags.target_language.as_ref());
            let said = tag.map(|tag| tag.location.clone());
            match &first {
                None => {
                    let name = name.to_owned();
                    first = Some(GuestLanguage { name, said });
                }
                Some(first) if first.name != name => {
                    return Err(two_languages(first, name, said, &function.common));
                }
                Some(_) => {}
            }
        }
        Ok(first.unwrap_or_else(|| GuestLanguage {
            name: GUEST.name.to_owned(),
            said: None,
        }))
    }
}

/// A function in another language than those before it.
fn two_languages(
    first: &GuestLanguage,
    other: &str,
    said: Option<Location>,
    function: &Common,
) -> Diagnostics {
    let one = &first.name;
    let text = format!("functions in `{one}` and in `{other}`: a guest is of one language");
    let mut fault = Diagnostic::new(codes::PROTO_TAG, text);
    fault = match &said {
        Some(tag) => fault.label(tag, format!("says `{other}`")),
        None => fault.label(function, format!("no tag: `{other}`")),
    };
    if let Some(tag) = &first.said {
        fault = fault.label(tag, format!("says `{one}`"));
    }
    fault
        .help("put the functions of each language into a file of their own")
        .into()
}
