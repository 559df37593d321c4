//! `#[gangplank::enumeration]`: an enum without data.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Fields, ItemEnum, LitStr};

use crate::common::{Common, docs, item_static, wire_name};
use crate::options::{Errors, Options};
use crate::record::refuse_generics;

/// Expands the attribute.
pub(crate) fn expand(options: Options, mut item: ItemEnum) -> syn::Result<TokenStream> {
    options.only(&["name"], "an enumeration")?;
    refuse_generics(&item.generics, "enumeration")?;
    let mut errors = Errors::default();
    if item.variants.is_empty() {
        errors.add(item.ident.span(), "an enumeration has at least one value");
    }
    let common = Common::new(&item.ident, &item.attrs, &options);
    let ident = item.ident.clone();
    let values: Vec<_> = item
        .variants
        .iter_mut()
        .filter_map(|variant| errors.keep(value(&ident, variant)))
        .collect();
    errors.finish(())?;
    let idents: Vec<_> = item
        .variants
        .iter()
        .map(|variant| variant.ident.clone())
        .collect();
    let bridge = bridge(&ident, &common, &values, &idents);
    Ok(quote!(#item #bridge))
}

/// The value of `descriptor::EnumValue`.
fn value(owner: &syn::Ident, variant: &mut syn::Variant) -> syn::Result<TokenStream> {
    let options = Options::take(&mut variant.attrs)?;
    options.only(&["wire"], "a value of an enumeration")?;
    if !matches!(variant.fields, Fields::Unit) {
        let message = "an enumeration carries no data; use `#[gangplank::variant]`";
        return Err(syn::Error::new(variant.fields.span(), message));
    }
    let ident = &variant.ident;
    let name = ident.unraw().to_string();
    let wire = options
        .wire
        .as_ref()
        .map_or_else(|| wire_name(ident), LitStr::value);
    let docs = docs(&variant.attrs);
    let value =
        quote_spanned!(ident.span()=> ::gangplank::types::enum_value(#owner::#ident as i128));
    Ok(quote! {
        ::gangplank::descriptor::EnumValue { name: #name, wire: #wire, docs: #docs, value: #value }
    })
}

fn bridge(
    ident: &syn::Ident,
    common: &Common,
    values: &[TokenStream],
    idents: &[syn::Ident],
) -> TokenStream {
    let (tokens, type_name) = (common.tokens(), common.type_name());
    let bytes = item_static(
        &quote!(::gangplank::descriptor::Item::Enum(#tokens, &[#(#values),*])),
        None,
    );
    let unknown = format!("{{other}} is not a value of {}", common.name);
    quote! {
        const _: () = {
            #bytes

            // SAFETY: an `int32_t`, without a variable part.
            unsafe impl ::gangplank::Type for #ident {
                type Kind = ::gangplank::types::Scalar;
                type Pass = ::gangplank::types::ByValue<1>;
                type ListPass = ::gangplank::types::ByPointer;
                type Form = ::gangplank::types::Tagged;
                type Abi = i32;
                const SCHEMA: ::gangplank::descriptor::Schema = ::gangplank::descriptor::Schema::Enum(#type_name);

                fn visit(sink: ::gangplank::types::Sink<'_>) {
                    sink(&__GP_BYTES);
                }

                unsafe fn read(
                    raw: &i32,
                    _: &mut ::gangplank::types::Reader,
                ) -> ::core::result::Result<Self, ::gangplank::types::BadValue> {
                    match *raw {
                        #(value if value == Self::#idents as i32 => ::core::result::Result::Ok(Self::#idents),)*
                        other => ::core::result::Result::Err(
                            ::gangplank::types::BadValue::argument(::std::format!(#unknown))
                        ),
                    }
                }

                fn size(&self, at: usize) -> usize {
                    at
                }

                fn write(self, _: &mut ::gangplank::memory::Arena) -> i32 {
                    self as i32
                }
            }
        };
    }
}
