//! Attributes on items that they are not for.
//!
//! Comes in: an item that an attribute could not read, and the attribute's name. Goes out: what the attribute is for and
//! which one is for this item, if the item is Rust at all and of another kind.

use syn::spanned::Spanned;
use syn::{Item, Visibility};

/// What each attribute stands on.
const PLACES: [(&str, &str); 9] = [
    ("record", "struct"),
    ("enumeration", "enum"),
    ("variant", "enum"),
    ("error", "enum"),
    ("object", "`impl` block"),
    ("function", "function"),
    ("constant", "constant"),
    ("host", "trait"),
    ("events", "trait"),
];

/// The error of an attribute on an item of another kind; `None`: something else is wrong with the item.
pub(crate) fn find(attribute: &str, item: proc_macro2::TokenStream) -> Option<syn::Error> {
    let item: Item = syn::parse2(item).ok()?;
    let (found, instead) = match &item {
        Item::Struct(_) => ("struct", "`#[gangplank::record]`"),
        Item::Enum(_) => (
            "enum",
            "`#[gangplank::enumeration]` (no data), `#[gangplank::variant]` (data) or `#[gangplank::error]`",
        ),
        Item::Impl(_) => ("`impl` block", "`#[gangplank::object]`"),
        Item::Fn(_) => ("function", "`#[gangplank::function]`"),
        Item::Const(_) => ("constant", "`#[gangplank::constant]`"),
        Item::Trait(_) => (
            "trait",
            "`#[gangplank::host]` (the host implements it) or `#[gangplank::events]` (the host listens)",
        ),
        Item::Static(_) => ("static", "none; a `const` has `#[gangplank::constant]`"),
        Item::Type(_) => ("alias", "none: aliases cross as what they stand for"),
        _ => ("item", "none"),
    };
    let (_, place) = PLACES.iter().find(|(name, _)| *name == attribute)?;
    if *place == found {
        return None;
    }
    let (a, b) = (article(place), article(found));
    let message = format!(
        "`#[gangplank::{attribute}]` is for {a} {place}, and this is {b} {found}, which has {instead}"
    );
    Some(syn::Error::new(span(&item), message))
}

fn article(noun: &str) -> &'static str {
    match noun.trim_start_matches('`').starts_with(['a', 'e', 'i']) {
        true => "an",
        false => "a",
    }
}

/// The item's first words, less those that others have as well.
fn span(item: &Item) -> proc_macro2::Span {
    let visibility = |vis: &Visibility, token: proc_macro2::Span| match vis {
        Visibility::Inherited => token,
        other => other.span().join(token).unwrap_or(token),
    };
    match item {
        Item::Struct(item) => visibility(&item.vis, item.struct_token.span),
        Item::Enum(item) => visibility(&item.vis, item.enum_token.span),
        Item::Const(item) => visibility(&item.vis, item.const_token.span),
        Item::Trait(item) => visibility(&item.vis, item.trait_token.span),
        Item::Fn(item) => item.sig.ident.span(),
        Item::Impl(item) => item.impl_token.span,
        other => other.span(),
    }
}
