//! The language of an implementation.
//!
//! Comes in: the tags of rpcs. Goes out: one language for each, and the one of a whole definition.

use gangplank_model::diagnostics::codes;
use gangplank_model::model::Location;
use gangplank_model::{Diagnostic, Diagnostics};

use super::{GUEST, Request, find};
use crate::proto::Tags;

/// The language that implements a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestLanguage {
    /// The language's name, where the tag has another word for it; the word itself of a language that is not built in.
    pub name: String,
    /// The tag; nothing: the default.
    pub said: Option<Location>,
}

/// The language behind an rpc; a language has one name, however many words mean it.
pub(crate) fn language(tags: Option<&Tags>) -> &str {
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
    let idl = request.read_without_code()?;
    let mut first: Option<GuestLanguage> = None;
    for function in &idl.library.functions {
        let tags = idl.tags.get(&function.common.path);
        let name = language(tags);
        let tag = tags.and_then(|tags| tags.target_language.as_ref());
        let said = tag.map(|tag| tag.location.clone());
        match &first {
            None => {
                let name = name.to_owned();
                first = Some(GuestLanguage { name, said });
            }
            Some(first) if first.name != name => {
                let (one, other) = (&first.name, name);
                let text =
                    format!("functions in `{one}` and in `{other}`: a guest is of one language");
                let mut fault = Diagnostic::new(codes::PROTO_TAG, text);
                fault = match &said {
                    Some(tag) => fault.label(tag, format!("says `{other}`")),
                    None => fault.label(&function.common, format!("no tag: `{other}`")),
                };
                if let Some(tag) = &first.said {
                    fault = fault.label(tag, format!("says `{one}`"));
                }
                return Err(fault
                    .help("put the functions of each language into a file of their own")
                    .into());
            }
            Some(_) => {}
        }
    }
    Ok(first.unwrap_or_else(|| GuestLanguage {
        name: GUEST.name.to_owned(),
        said: None,
    }))
}
