//! `#[gangplank::constant]`: a value that both sides know at compile time.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ItemConst;
use syn::spanned::Spanned;

use crate::common::{Common, beside, item_static, prefix, snake};
use crate::options::Options;
use crate::signature;

/// Expands the attribute.
pub(crate) fn expand(options: Options, item: ItemConst) -> syn::Result<TokenStream> {
    options.only(&["name"], "a constant")?;
    let common = Common::new(&item.ident, &item.attrs, &options)?;
    let (tokens, ident) = (common.tokens(), &item.ident);
    let (ty, span) = (signature::named(&item.ty, None), item.ty.span());
    let value = quote_spanned!(span=> <#ty as ::gangplank::types::ConstantType<__GpConstant>>);
    // The export keeps the item linked: no function refers to it.
    let symbol = format!("{}_{}_item", prefix(), snake(&common.name));
    let bytes = item_static(
        &quote!(::gangplank::descriptor::Item::Constant(#tokens, #value::SCHEMA, #value::LITERAL)),
        Some(&symbol),
    );
    let value = quote! {
        enum __GpConstant {}

        impl ::gangplank::types::Constant for __GpConstant {
            type Type = #ty;
            const VALUE: #ty = #ident;
        }
    };
    Ok(beside(&item, &[&value, &bytes]))
}
