//! What is left of a type that has a mistake: the traits that others ask of it, so that one mistake gives one error.
//!
//! Comes in: a record, enumeration, variant or error that could not be expanded. Goes out: implementations that never run,
//! since the crate does not compile. The type's own words about itself are the errors beside them.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Generics, Ident, ItemEnum, ItemStruct};

use crate::cases::display_and_error;
use crate::common::{compound, value_names};
use crate::enumeration::Input;

/// For items that nothing refers to as a type, and for objects, which stay objects by themselves.
pub(crate) fn none<T>(_: &T) -> TokenStream {
    TokenStream::new()
}

/// Of a record.
pub(crate) fn record(item: &ItemStruct) -> TokenStream {
    crossing(&item.ident, &item.generics)
}

/// Of an enumeration, which may be the type of a constant.
pub(crate) fn enumeration(item: &Input) -> TokenStream {
    let Input::Enum(item) = item else {
        return TokenStream::new();
    };
    let (ident, variant) = (&item.ident, variant(item));
    let constant = item.generics.params.is_empty().then(|| {
        quote! {
            impl<__GpC: ::gangplank::types::Constant<Type = #ident>> ::gangplank::types::ConstantType<__GpC> for #ident {
                const SCHEMA: ::gangplank::descriptor::Schema = ::gangplank::descriptor::Schema::Bool;
                const LITERAL: ::gangplank::descriptor::Literal = ::gangplank::descriptor::Literal::None;
            }
        }
    });
    quote!(#variant #constant)
}

/// Of a variant, which may have a case that is a default.
pub(crate) fn variant(item: &ItemEnum) -> TokenStream {
    if !item.generics.params.is_empty() {
        return TokenStream::new();
    }
    let names: Vec<_> = item
        .variants
        .iter()
        .map(|variant| (&variant.ident, variant.ident.to_string()))
        .collect();
    let names = value_names(
        &item.ident,
        names.iter().map(|(ident, name)| (*ident, name)),
    );
    let crossing = crossing(&item.ident, &item.generics);
    quote!(#crossing #names)
}

/// Of an error, which has a text as well.
pub(crate) fn error(item: &ItemEnum) -> TokenStream {
    if !item.generics.params.is_empty() {
        return TokenStream::new();
    }
    let crossing = crossing(&item.ident, &item.generics);
    let text = display_and_error(item, &quote!(::core::result::Result::Ok(())));
    quote!(#crossing #text)
}

/// A generic type has none: it is what cannot cross.
fn crossing(ident: &Ident, generics: &Generics) -> TokenStream {
    if !generics.params.is_empty() {
        return TokenStream::new();
    }
    let compound = compound();
    quote! {
        // SAFETY: it has no variable part, and `read` never returns.
        unsafe impl ::gangplank::Type for #ident {
            #compound
            type Abi = u8;
            const SCHEMA: ::gangplank::descriptor::Schema = ::gangplank::descriptor::Schema::Bool;

            fn visit(_: ::gangplank::types::Sink<'_>) {}

            unsafe fn read(
                _: &u8,
                _: &mut ::gangplank::types::Reader,
            ) -> ::core::result::Result<Self, ::gangplank::types::BadValue> {
                ::core::unreachable!("a type with a mistake")
            }

            fn size(&self, at: usize) -> usize {
                at
            }

            fn write(self, _: &mut ::gangplank::memory::Arena) -> u8 {
                0
            }
        }
    }
}
