//! `#[gangplank::enumeration]`: an enum without data.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Attribute, Fields, ItemEnum, ItemStruct, LitStr, Token, Visibility};

use crate::common::{Common, beside, deprecation, docs, exposed, optional, value_names, wire_name};
use crate::options::{Errors, Options};
use crate::record::refuse_generics;

/// An enum, or the open one of a `.proto` file: a struct around its number.
pub(crate) enum Input {
    Enum(ItemEnum),
    Open(ItemStruct),
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ahead = input.fork();
        ahead.call(Attribute::parse_outer)?;
        ahead.parse::<Visibility>()?;
        match ahead.peek(Token![struct]) {
            true => input.parse().map(Self::Open),
            false => input.parse().map(Self::Enum),
        }
    }
}

impl ToTokens for Input {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Enum(item) => item.to_tokens(tokens),
            Self::Open(item) => item.to_tokens(tokens),
        }
    }
}

/// Expands the attribute.
pub(crate) fn expand(options: Options, item: Input) -> syn::Result<TokenStream> {
    match item {
        Input::Enum(item) => closed(options, item),
        Input::Open(item) => open(&options, &item),
    }
}

/// Every number is a value. The descriptor is the file's, so only generated code can declare one.
fn open(options: &Options, item: &ItemStruct) -> syn::Result<TokenStream> {
    if options.item.is_none() {
        let message = "an enumeration is an enum: `enum Name { One, Two }`";
        return Err(syn::Error::new(item.struct_token.span(), message));
    }
    let common = Common::new(&item.ident, &item.attrs, options)?;
    let read = quote!(::core::result::Result::Ok(Self(*raw)));
    let bridge = bridge(&item.ident, &common, &[], &read, &quote!(self.0));
    Ok(beside(item, &[&bridge]))
}

fn closed(options: Options, mut item: ItemEnum) -> syn::Result<TokenStream> {
    options.only(&["name"], "an enumeration")?;
    refuse_generics(&item.generics, "enumeration")?;
    let mut errors = Errors::default();
    if item.variants.is_empty() {
        errors.add(item.ident.span(), "an enumeration has at least one value");
    }
    let common = Common::new(&item.ident, &item.attrs, &options)?;
    let ident = item.ident.clone();
    let (names, values): (Vec<_>, Vec<_>) = item
        .variants
        .iter_mut()
        .filter_map(|variant| errors.keep(value(&ident, variant)))
        .unzip();
    errors.finish(())?;
    let idents: Vec<_> = item
        .variants
        .iter()
        .map(|variant| variant.ident.clone())
        .collect();
    let unknown = format!("{{other}} is not a value of {}", common.name);
    let read = quote! {
        match *raw {
            #(value if value == Self::#idents as i32 => ::core::result::Result::Ok(Self::#idents),)*
            other => ::core::result::Result::Err(
                ::gangplank::types::BadValue::argument(::std::format!(#unknown))
            ),
        }
    };
    let bridge = bridge(&ident, &common, &values, &read, &quote!(self as i32));
    let constant = constant_type(&ident, &common, &idents, &names);
    let names = value_names(&ident, idents.iter().zip(&names));
    Ok(beside(&item, &[&names, &constant, &bridge]))
}

/// Its values can be constants.
fn constant_type(
    ident: &syn::Ident,
    common: &Common,
    idents: &[syn::Ident],
    names: &[String],
) -> TokenStream {
    let type_name = common.type_name();
    let descriptor = quote!(::gangplank::descriptor);
    quote! {
        impl<__GpC: ::gangplank::types::Constant<Type = #ident>> ::gangplank::types::ConstantType<__GpC> for #ident {
            const SCHEMA: #descriptor::Schema = #descriptor::Schema::Enum(#type_name);
            const LITERAL: #descriptor::Literal = #descriptor::Literal::EnumValue(match __GpC::VALUE {
                #(#ident::#idents => #names,)*
            });
        }
    }
}

/// The exposed name, and the value of `descriptor::EnumValue`.
fn value(owner: &syn::Ident, variant: &mut syn::Variant) -> syn::Result<(String, TokenStream)> {
    let options = Options::take(&mut variant.attrs)?;
    options.only(&["name", "wire"], "a value of an enumeration")?;
    if !matches!(variant.fields, Fields::Unit) {
        let message = "an enumeration carries no data; use `#[gangplank::variant]`";
        return Err(syn::Error::new(variant.fields.span(), message));
    }
    let ident = &variant.ident;
    let name = exposed(ident, &options);
    let wire = options
        .wire
        .as_ref()
        .map_or_else(|| wire_name(ident), LitStr::value);
    let docs = docs(&variant.attrs);
    let deprecated = optional(deprecation(&variant.attrs).map(|note| quote!(#note)));
    let value =
        quote_spanned!(ident.span()=> ::gangplank::types::enum_value(#owner::#ident as i128));
    let described = quote! {
        ::gangplank::descriptor::EnumValue {
            name: #name,
            wire: #wire,
            docs: #docs,
            deprecated: #deprecated,
            value: #value,
        }
    };
    Ok((name, described))
}

fn bridge(
    ident: &syn::Ident,
    common: &Common,
    values: &[TokenStream],
    read: &TokenStream,
    number: &TokenStream,
) -> TokenStream {
    let (tokens, type_name) = (common.tokens(), common.type_name());
    let bytes = common.item(&quote!(::gangplank::descriptor::Item::Enum(#tokens, &[#(#values),*])));
    quote! {
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
                #read
            }

            fn size(&self, at: usize) -> usize {
                at
            }

            fn write(self, _: &mut ::gangplank::memory::Arena) -> i32 {
                #number
            }
        }
    }
}
