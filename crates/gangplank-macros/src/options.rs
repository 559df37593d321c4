//! The options of attributes: `#[gangplank::record(name = "…")]` on items and `#[gangplank(…)]` inside them.
//!
//! Each place says which options it knows; any other is an error at the option.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Ident, LitByteStr, LitInt, LitStr};

/// All that authors write; which of them a place knows it says itself.
const KNOWN: &str = "`name`, `wire`, `default`, `deadline_ms`, `constructor`, `hop`";

/// What may stand in an attribute.
#[derive(Default)]
pub(crate) struct Options {
    /// Where each given option stands, by its name.
    given: Vec<(&'static str, Span)>,
    /// `name = "…"`: the exposed name.
    pub(crate) name: Option<LitStr>,
    /// `wire = "…"`: the name in CBOR, JSON and the descriptor.
    pub(crate) wire: Option<LitStr>,
    /// `default = …`.
    pub(crate) default: Option<Expr>,
    /// `deadline_ms = …`.
    pub(crate) deadline_ms: Option<LitInt>,
    /// `constructor`.
    pub(crate) constructor: bool,
    /// `hop`: never polled on the caller's thread.
    pub(crate) hop: bool,
    /// `item = b"…"`: the item of a declaration that was generated from a `.proto` file.
    pub(crate) item: Option<LitByteStr>,
}

impl Options {
    /// The options of an item's own attribute.
    pub(crate) fn parse_item(tokens: TokenStream) -> syn::Result<Self> {
        let mut options = Self::default();
        options.parse_into(tokens)?;
        Ok(options)
    }

    /// The options of the `#[gangplank(…)]` attributes among `attributes`, which are taken away.
    pub(crate) fn take(attributes: &mut Vec<Attribute>) -> syn::Result<Self> {
        let mut options = Self::default();
        let mut errors = Errors::default();
        for attribute in attributes.iter() {
            if attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr") {
                let message = "a part of an item cannot be conditional: one library has one interface; put the \
                               condition on the whole item, or on the code inside";
                errors.add(attribute.span(), message);
            }
        }
        attributes.retain(|attribute| {
            let ours = attribute.path().is_ident("gangplank");
            if ours {
                let list = attribute.meta.require_list();
                errors.keep(list.and_then(|list| options.parse_into(list.tokens.clone())));
            }
            !ours
        });
        errors.finish(options)
    }

    fn parse_into(&mut self, tokens: TokenStream) -> syn::Result<()> {
        let parser = syn::meta::parser(|meta| {
            let Some(key) = meta.path.get_ident().map(Ident::to_string) else {
                return Err(meta.error("an option is a single word"));
            };
            let key = match key.as_str() {
                "name" => {
                    self.name = Some(exposed_name(meta.value()?.parse()?)?);
                    "name"
                }
                "wire" => {
                    self.wire = Some(meta.value()?.parse()?);
                    "wire"
                }
                "default" => {
                    self.default = Some(meta.value()?.parse()?);
                    "default"
                }
                "deadline_ms" => {
                    self.deadline_ms = Some(meta.value()?.parse()?);
                    "deadline_ms"
                }
                "constructor" => {
                    self.constructor = true;
                    "constructor"
                }
                "hop" => {
                    self.hop = true;
                    "hop"
                }
                "item" => {
                    self.item = Some(meta.value()?.parse()?);
                    "item"
                }
                other => {
                    let message =
                        format!("unknown option `{other}`; there are {KNOWN}, each in its place");
                    return Err(meta.error(message));
                }
            };
            if self.given.iter().any(|(given, _)| *given == key) {
                return Err(meta.error(format!("`{key}` is given twice")));
            }
            self.given.push((key, meta.path.span()));
            Ok(())
        });
        parser.parse2(tokens)
    }

    /// An error for each option that has no meaning at `place`.
    pub(crate) fn only(&self, known: &[&str], place: &str) -> syn::Result<()> {
        let mut errors = Errors::default();
        for (key, span) in &self.given {
            // Generated code alone gives an item, so no list of options names it.
            if !known.contains(key) && *key != "item" {
                let list = known
                    .iter()
                    .map(|key| format!("`{key}`"))
                    .collect::<Vec<_>>()
                    .join(", ");
                let known = if known.is_empty() {
                    "it has none".into()
                } else {
                    format!("it knows {list}")
                };
                errors.add(
                    *span,
                    format!("`{key}` is not an option of {place}; {known}"),
                );
            }
        }
        errors.finish(())
    }
}

/// A name given by the author must be an identifier, since symbols and type names are made from it.
fn exposed_name(name: LitStr) -> syn::Result<LitStr> {
    match name.parse::<Ident>() {
        Ok(_) => Ok(name),
        Err(_) => Err(syn::Error::new(
            name.span(),
            "a name is a Rust identifier, such as `open` or `Timer`",
        )),
    }
}

/// Collects errors, so that the author sees all of them.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    /// Adds an error at `span`.
    pub(crate) fn add(&mut self, span: Span, message: impl std::fmt::Display) {
        self.push(syn::Error::new(span, message));
    }

    /// Adds an error.
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            none => *none = Some(error),
        }
    }

    /// The value of `result`, or `None` after adding its error.
    pub(crate) fn keep<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// `value`, unless there were errors.
    pub(crate) fn finish<T>(self, value: T) -> syn::Result<T> {
        self.0.map_or(Ok(value), Err)
    }
}

/// The user's item without our inner attributes, beside the errors: so that what refers to it does not fail as well.
pub(crate) fn with_errors(item: TokenStream, errors: &syn::Error) -> TokenStream {
    let errors = errors.to_compile_error();
    let item = strip(item);
    quote!(#item #errors)
}

/// Removes `#[gangplank(…)]` at any depth.
fn strip(tokens: TokenStream) -> TokenStream {
    use proc_macro2::{Group, TokenTree};
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let ours = matches!(kept.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == '#')
                    && Attribute::parse_outer
                        .parse2(quote!(# #group))
                        .is_ok_and(|found| {
                            found
                                .iter()
                                .any(|attribute| attribute.path().is_ident("gangplank"))
                        });
                if ours {
                    kept.pop();
                } else {
                    let mut inner = Group::new(group.delimiter(), strip(group.stream()));
                    inner.set_span(group.span());
                    kept.push(inner.into());
                }
            }
            other => kept.push(other),
        }
    }
    kept.into_iter().collect()
}
