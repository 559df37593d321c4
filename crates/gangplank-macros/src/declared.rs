//! What stands on an object's type: its docs and its deprecation, which an attribute on the `impl` block is not given.
//!
//! Comes in: the name of the block's type, with its place. Goes out: the attributes above the type's declaration, looked for
//! in the block's own file, then in the other source files of the crate. Only words come from here, and nothing that a host
//! compares: everything else that depends on a type is left to traits. Decision 0062 says why the source is read.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::{Attribute, Error, Result};

use crate::common::{deprecation, docs, source};

/// The attributes of an object whose `impl` block has the attributes `block`: its own words go before those of the type.
///
/// # Errors
/// The block has no docs, and the crate has several types of that name that do not say the same.
pub(crate) fn attributes(ident: &Ident, block: &[Attribute]) -> Result<Vec<Attribute>> {
    if !docs(block).is_empty() {
        return Ok(block.to_vec());
    }
    let mut declared = find(ident).into_iter();
    let mut chosen = declared.next().unwrap_or_default();
    if declared.any(|other| words(&other) != words(&chosen)) {
        let text = format!(
            "several types of this crate are called `{ident}`, and their docs differ: write the docs of this object on \
             its `impl` block"
        );
        return Err(Error::new(ident.span(), text));
    }
    chosen.extend_from_slice(block);
    Ok(chosen)
}

fn words(attributes: &[Attribute]) -> (String, Option<String>) {
    (docs(attributes), deprecation(attributes))
}

/// The attributes of each type of that name: of those in the block's file, or else in the crate's other files.
fn find(ident: &Ident) -> Vec<Vec<Attribute>> {
    let name = ident.unraw().to_string();
    let Some(source) = source(ident.span().unwrap()) else {
        return Vec::new();
    };
    let here = in_file(&source.file, &name);
    if !here.is_empty() {
        return here;
    }
    let folder = source.folder();
    let mut files = Vec::new();
    collect(&folder, &mut files);
    files.sort();
    let others = files.iter().filter(|file| **file != source.file);
    others.flat_map(|file| in_file(file, &name)).collect()
}

/// Every Rust file below a folder, but for other packages and what cargo has built. What cannot be read is no source of
/// this crate: the compiler has read all of those.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if !path.join("Cargo.toml").exists() && !path.join("CACHEDIR.TAG").exists() {
                collect(&path, files);
            }
        } else if path.extension() == Some(OsStr::new("rs")) {
            files.push(path);
        }
    }
}

fn in_file(file: &Path, name: &str) -> Vec<Vec<Attribute>> {
    let mut found = Vec::new();
    if let Ok(text) = std::fs::read_to_string(file)
        // Tokens are made only of a file that may have it.
        && text.contains(name)
        && let Ok(tokens) = text.parse()
    {
        in_tokens(tokens, name, &mut found);
    }
    found
}

/// Goes by tokens instead of items, so that what only a newer compiler can parse does no harm.
fn in_tokens(tokens: TokenStream, name: &str, found: &mut Vec<Vec<Attribute>>) {
    let mut above = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Punct(hash) if hash.as_char() == '#' => {
                if let Some(TokenTree::Group(group)) = tokens.peek()
                    && group.delimiter() == Delimiter::Bracket
                {
                    above.extend([token]);
                    above.extend(tokens.next());
                }
            }
            // Nothing but a visibility stands between the attributes of a type and its keyword.
            TokenTree::Group(group) => {
                in_tokens(group.stream(), name, found);
                if group.delimiter() != Delimiter::Parenthesis {
                    above = TokenStream::new();
                }
            }
            TokenTree::Ident(word) if word == "struct" || word == "enum" || word == "union" => {
                let above = std::mem::take(&mut above);
                if let Some(TokenTree::Ident(declared)) = tokens.peek()
                    && declared.unraw() == name
                {
                    found.extend(Attribute::parse_outer.parse2(above).ok());
                }
            }
            TokenTree::Ident(word) if word == "pub" => {}
            _ => above = TokenStream::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn docs_of(name: &str, source: &str) -> Vec<String> {
        let mut found = Vec::new();
        in_tokens(source.parse().expect("tokens"), name, &mut found);
        found.iter().map(|attributes| docs(attributes)).collect()
    }

    #[test]
    fn the_docs_above_a_declaration_are_its_own() {
        let source = "
            //! A file.

            /// Not this.
            pub struct Other { timer: Timer }

            /// A running timer.
            ///
            /// It ticks.
            #[derive(Debug)]
            pub(crate) struct Timer { other: Other }

            /// Nor this.
            impl Timer {}
            mod inner {
                /// A word of Rust.
                pub enum r#type { A }
            }
            struct Bare;
        ";
        assert_eq!(docs_of("Timer", source), ["A running timer.\n\nIt ticks."]);
        assert_eq!(docs_of("type", source), ["A word of Rust."]);
        assert_eq!(docs_of("Bare", source), [""]);
        assert_eq!(docs_of("Missing", source), [""; 0]);
    }
}
