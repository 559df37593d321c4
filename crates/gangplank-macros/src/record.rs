//! `#[gangplank::record]`: a struct with named fields.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::spanned::Spanned;
use syn::{Fields, Generics, ItemStruct};

use crate::common::{Common, beside, compound, plain_value};
use crate::fields::Field;
use crate::options::Options;

/// Expands the attribute.
pub(crate) fn expand(options: Options, mut item: ItemStruct) -> syn::Result<TokenStream> {
    options.only(&["name"], "a record")?;
    refuse_generics(&item.generics, "record")?;
    if let Fields::Unnamed(fields) = &item.fields {
        let message = "a record has named fields: `struct Name { field: Type }`";
        return Err(syn::Error::new(fields.span(), message));
    }
    let common = Common::new(&item.ident, &item.attrs, &options)?;
    let fields = Field::all(&mut item.fields, "a field", &item.ident)?;
    let bridge = bridge(&item, &common, &fields);
    Ok(beside(&item, &[&bridge]))
}

/// Nothing generic can cross: the other side has no type parameters to give.
pub(crate) fn refuse_generics(generics: &Generics, what: &str) -> syn::Result<()> {
    if generics.params.is_empty() {
        return Ok(());
    }
    let message = format!(
        "a {what} of the interface cannot be generic; use concrete types, or containers such as `Vec<T>` and `Option<T>`"
    );
    Err(syn::Error::new(generics.params.span(), message))
}

fn bridge(item: &ItemStruct, common: &Common, fields: &[Field]) -> TokenStream {
    let ident = &item.ident;
    let (tokens, type_name) = (common.tokens(), common.type_name());
    let descriptions = fields.iter().map(Field::description);
    let bytes =
        common.item(&quote!(::gangplank::descriptor::Item::Record(#tokens, &[#(#descriptions),*])));
    let declarations = fields.iter().map(Field::declare);
    let raw = fields.iter().map(Field::raw);
    let plain = plain_value(&format_ident!("__GpRaw"));
    // C has no empty struct.
    let filler = fields.is_empty().then(|| quote!(_empty: u8));
    let filler_value = fields.is_empty().then(|| quote!(_empty: 0));
    let patterns: Vec<_> = fields.iter().map(Field::pattern).collect();
    let (reads, sizes) = (
        fields.iter().map(Field::read),
        fields.iter().map(Field::size),
    );
    let (writes, visits) = (
        fields.iter().map(Field::write),
        fields.iter().map(Field::visit),
    );
    let compound = compound();
    quote! {
        #bytes
        #(#declarations)*

        #[repr(C)]
        pub struct __GpRaw { #(#raw,)* #filler }
        #plain

        // SAFETY: the C struct holds the fields' structs in order; both passes go through the fields in order.
        unsafe impl ::gangplank::Type for #ident {
            #compound
            type Abi = __GpRaw;
            const SCHEMA: ::gangplank::descriptor::Schema =
                ::gangplank::descriptor::Schema::Record(#type_name);

            fn visit(sink: ::gangplank::types::Sink<'_>) {
                if sink(&__GP_BYTES) {
                    #(#visits)*
                }
            }

            #[allow(unused_variables, reason = "a record may have no fields")]
            unsafe fn read(
                raw: &__GpRaw,
                reader: &mut ::gangplank::types::Reader,
            ) -> ::core::result::Result<Self, ::gangplank::types::BadValue> {
                // SAFETY: each field is part of the value that the caller vouches for.
                unsafe { ::core::result::Result::Ok(Self { #(#reads),* }) }
            }

            fn size(&self, at: usize) -> usize {
                let Self { #(#patterns),* } = self;
                #(#sizes)*
                at
            }

            #[allow(unused_variables, reason = "a record may have no fields")]
            fn write(self, arena: &mut ::gangplank::memory::Arena) -> __GpRaw {
                let Self { #(#patterns),* } = self;
                __GpRaw { #(#writes,)* #filler_value }
            }
        }
    }
}
