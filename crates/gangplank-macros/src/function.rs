//! `#[gangplank::function]`: a function without an object.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemFn;
use syn::spanned::Spanned;

use crate::callable::{Callable, Role};
use crate::common::Common;
use crate::options::Options;
use crate::signature::{self, Receiver};

/// Expands the attribute on a free function.
pub(crate) fn expand(options: Options, mut item: ItemFn) -> syn::Result<TokenStream> {
    options.only(&["name", "hop"], "a function")?;
    signature::check(&item.sig)?;
    if signature::receiver(&item.sig)? != Receiver::None {
        let message = "methods are exported by `#[gangplank::object]` on their `impl` block";
        return Err(syn::Error::new(item.sig.span(), message));
    }
    let callable = Callable {
        common: Common::new(&item.sig.ident, &item.attrs, &options)?,
        ident: item.sig.ident.clone(),
        role: Role::Free,
        is_async: item.sig.asyncness.is_some(),
        hop: options.hop,
        params: signature::params(&mut item.sig)?,
        result: signature::result_type(&item.sig),
    };
    callable.check()?;
    let export = callable.export();
    Ok(quote!(#item #export))
}
