//! `#[gangplank::variant]` and `#[gangplank::error]`: enums whose cases carry data.

use heck::ToSnakeCase;
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Fields, Ident, ItemEnum, LitStr, Meta};

use crate::common::{
    Common, beside, compound, deprecation, docs, exposed, optional, plain_value, value_names,
    wire_name,
};
use crate::fields::Field;
use crate::options::{Errors, Options};
use crate::record::refuse_generics;

/// One case.
struct Case {
    ident: Ident,
    name: String,
    wire: String,
    docs: String,
    deprecated: Option<String>,
    positional: bool,
    message: String,
    fields: Vec<Field>,
    /// Member of the C union.
    member: Ident,
    /// Struct of the case's fields.
    raw: Ident,
}

/// Expands `variant`.
pub(crate) fn expand_variant(options: Options, mut item: ItemEnum) -> syn::Result<TokenStream> {
    options.only(&["name"], "a variant")?;
    let (common, cases) = parse(&options, &mut item, "variant", |_, _, _| Ok(String::new()))?;
    let bridge = bridge(&item.ident, &common, &cases, &quote!(Variant));
    let names = cases.iter().map(|case| (&case.ident, &case.name));
    let names = value_names(&item.ident, names);
    Ok(beside(&item, &[&names, &bridge]))
}

/// Expands `error`.
pub(crate) fn expand_error(options: Options, mut item: ItemEnum) -> syn::Result<TokenStream> {
    options.only(&["name"], "an error")?;
    let (common, cases) = parse(&options, &mut item, "error", error_message)?;
    let bridge = bridge(&item.ident, &common, &cases, &quote!(Error));
    let traits = error_traits(&item, &cases);
    Ok(beside(&item, &[&traits, &bridge]))
}

type MessageOf = fn(&str, &[Field], Span) -> syn::Result<String>;

fn parse(
    options: &Options,
    item: &mut ItemEnum,
    what: &str,
    message: MessageOf,
) -> syn::Result<(Common, Vec<Case>)> {
    refuse_generics(&item.generics, what)?;
    let mut errors = Errors::default();
    if item.variants.is_empty() {
        errors.add(item.ident.span(), format!("a {what} has at least one case"));
    }
    let common = Common::new(&item.ident, &item.attrs, options)?;
    let cases = item
        .variants
        .iter_mut()
        .filter_map(|variant| errors.keep(case(variant, message)))
        .collect();
    errors.finish((common, cases))
}

fn case(variant: &mut syn::Variant, message: MessageOf) -> syn::Result<Case> {
    let options = Options::take(&mut variant.attrs)?;
    options.only(&["name", "wire"], "a case")?;
    let ident = variant.ident.clone();
    let fields = Field::all(&mut variant.fields, "a field of a case", &variant.ident)?;
    let docs = docs(&variant.attrs);
    Ok(Case {
        name: exposed(&ident, &options),
        wire: options
            .wire
            .as_ref()
            .map_or_else(|| wire_name(&ident), LitStr::value),
        positional: matches!(variant.fields, Fields::Unnamed(_)),
        message: message(&docs, &fields, ident.span())?,
        member: format_ident!("r#{}", ident.unraw().to_string().to_snake_case()),
        raw: format_ident!("__GpRaw{}", ident.unraw()),
        deprecated: deprecation(&variant.attrs),
        docs,
        fields,
        ident,
    })
}

/// The message of an error's case: the first line of its docs, whose `{…}` name fields.
fn error_message(docs: &str, fields: &[Field], span: Span) -> syn::Result<String> {
    let message = docs.lines().next().unwrap_or_default().trim().to_owned();
    if message.is_empty() {
        let text = "the first line of a case's docs is its message: write `/// what went wrong`";
        return Err(syn::Error::new(span, text));
    }
    for hole in message.split('{').skip(1) {
        let name = hole.split('}').next().unwrap_or_default();
        let known = hole.contains('}') && fields.iter().any(|field| hole_name(field) == name);
        if !known {
            let text = format!("the message's `{{{name}}}` is not a field of this case");
            return Err(syn::Error::new(span, text));
        }
    }
    if message.matches('{').count() != message.matches('}').count() {
        let text = "a message's braces hold a field: `{value}`; write the text without others";
        return Err(syn::Error::new(span, text));
    }
    Ok(message)
}

/// How a message names a field: `value` or `0`.
fn hole_name(field: &Field) -> String {
    match &field.member {
        syn::Member::Named(ident) => ident.unraw().to_string(),
        syn::Member::Unnamed(index) => index.index.to_string(),
    }
}

/// The message with each `{field}` under another name.
fn holes(message: &str, fields: &[Field], name: impl Fn(&Field) -> String) -> String {
    let mut parts = message.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (hole, rest) = part.split_once('}').unwrap_or((part, ""));
        let name = fields
            .iter()
            .find(|field| hole_name(field) == hole)
            .map_or_else(|| hole.to_owned(), &name);
        text.push_str(&format!("{{{name}}}{rest}"));
    }
    text
}

/// The traits of an error with these cases.
fn error_traits(item: &ItemEnum, cases: &[Case]) -> TokenStream {
    let arms = cases.iter().map(display_arm);
    display_and_error(item, &quote!(match self { #(#arms)* }))
}

/// `Display` by `text`, `Error`, `ErrorType`, and `Debug` where no derive below the attribute gives it.
pub(crate) fn display_and_error(item: &ItemEnum, text: &TokenStream) -> TokenStream {
    let ident = &item.ident;
    let debug = (!derives_debug(item)).then(|| {
        quote! {
            impl ::core::fmt::Debug for #ident {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    ::core::fmt::Display::fmt(self, f)
                }
            }
        }
    });
    quote! {
        impl ::core::fmt::Display for #ident {
            #[allow(unused_variables, reason = "a message need not name every field")]
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #text
            }
        }
        #debug
        impl ::std::error::Error for #ident {}
        impl ::gangplank::types::ErrorType for #ident {
            fn causes(&self) -> ::std::vec::Vec<::std::string::String> {
                ::gangplank::types::causes(self)
            }
        }
    }
}

fn display_arm(case: &Case) -> TokenStream {
    let Case {
        ident,
        fields,
        message,
        ..
    } = case;
    let patterns = fields.iter().map(Field::pattern);
    let format = holes(message, fields, |field| field.binding.to_string());
    let named = fields
        .iter()
        .filter(|field| message.contains(&format!("{{{}}}", hole_name(field))));
    // Hosts put the text together as well, so it is made of what has one text in all languages.
    let texts = named.map(|field| {
        let (binding, ty) = (&field.binding, &field.ty);
        quote_spanned!(ty.span()=> let #binding = <#ty as ::gangplank::types::InMessage>::text(#binding);)
    });
    // The message holds field names and no other braces: `error_message` refused those.
    quote!(Self::#ident { #(#patterns),* } => { #(#texts)* ::core::write!(f, #format) })
}

fn derives_debug(item: &ItemEnum) -> bool {
    let mut found = false;
    for attribute in &item.attrs {
        if attribute.path().is_ident("derive") && matches!(attribute.meta, Meta::List(_)) {
            // rustc reports a derive that does not parse.
            let _ = attribute.parse_nested_meta(|meta| {
                found |= meta
                    .path
                    .segments
                    .last()
                    .is_some_and(|segment| segment.ident == "Debug");
                Ok(())
            });
        }
    }
    found
}

fn bridge(ident: &Ident, common: &Common, cases: &[Case], kind: &TokenStream) -> TokenStream {
    let (tokens, type_name) = (common.tokens(), common.type_name());
    let descriptions = cases.iter().map(description);
    let item = quote!(::gangplank::descriptor::Item::#kind(#tokens, &[#(#descriptions),*]));
    let bytes = common.item(&item);
    let declarations = cases
        .iter()
        .flat_map(|case| &case.fields)
        .map(Field::declare);
    let raw = raw_structs(cases);
    let unknown = format!("{{other}} is not a tag of {}", common.name);
    let reads = cases
        .iter()
        .zip(0i32..)
        .map(|(case, tag)| read_arm(case, tag));
    let sizes = cases.iter().map(size_arm);
    let writes = cases
        .iter()
        .zip(0i32..)
        .map(|(case, tag)| write_arm(case, tag, has_union(cases)));
    let visits = cases.iter().flat_map(|case| &case.fields).map(Field::visit);
    let compound = compound();
    quote! {
        #bytes
        #(#declarations)*
        #raw

        // SAFETY: tag and union of the cases' structs; both passes go through a case's fields in order.
        unsafe impl ::gangplank::Type for #ident {
            #compound
            type Abi = __GpRaw;
            const SCHEMA: ::gangplank::descriptor::Schema = ::gangplank::descriptor::Schema::#kind(#type_name);

            fn visit(sink: ::gangplank::types::Sink<'_>) {
                if sink(&__GP_BYTES) {
                    #(#visits)*
                }
            }

            #[allow(unused_variables, reason = "cases may have no fields")]
            unsafe fn read(
                raw: &__GpRaw,
                reader: &mut ::gangplank::types::Reader,
            ) -> ::core::result::Result<Self, ::gangplank::types::BadValue> {
                match raw.tag {
                    #(#reads)*
                    other => ::core::result::Result::Err(
                        ::gangplank::types::BadValue::argument(::std::format!(#unknown))
                    ),
                }
            }

            fn size(&self, at: usize) -> usize {
                match self { #(#sizes)* }
            }

            #[allow(unused_variables, reason = "cases may have no fields")]
            fn write(self, arena: &mut ::gangplank::memory::Arena) -> __GpRaw {
                match self { #(#writes)* }
            }
        }
    }
}

fn has_union(cases: &[Case]) -> bool {
    cases.iter().any(|case| !case.fields.is_empty())
}

fn raw_structs(cases: &[Case]) -> TokenStream {
    let with_fields: Vec<_> = cases
        .iter()
        .filter(|case| !case.fields.is_empty())
        .collect();
    let structs = with_fields.iter().map(|Case { raw, fields, .. }| {
        let fields = fields.iter().map(Field::raw);
        let plain = plain_value(raw);
        quote! {
            #[repr(C)]
            pub struct #raw { #(#fields),* }
            #plain
        }
    });
    let members = with_fields
        .iter()
        .map(|Case { member, raw, .. }| quote!(#member: #raw));
    let union = has_union(cases).then(|| {
        quote! {
            #[derive(Clone, Copy)]
            #[repr(C)]
            pub union __GpUnion { _none: (), #(#members),* }
        }
    });
    let data = has_union(cases).then(|| quote!(data: __GpUnion));
    quote! {
        #(#structs)*
        #union

        #[derive(Clone, Copy)]
        #[repr(C)]
        pub struct __GpRaw { tag: i32, #data }
    }
}

/// The value of `descriptor::Case`.
fn description(case: &Case) -> TokenStream {
    let Case {
        name,
        wire,
        docs,
        deprecated,
        positional,
        message,
        fields,
        ..
    } = case;
    let deprecated = optional(deprecated.as_ref().map(|note| quote!(#note)));
    let message = holes(message, fields, |field| field.name.clone());
    let fields = fields.iter().map(Field::description);
    quote! {
        ::gangplank::descriptor::Case {
            name: #name,
            wire: #wire,
            docs: #docs,
            deprecated: #deprecated,
            positional: #positional,
            message: #message,
            fields: &[#(#fields),*],
        }
    }
}

fn read_arm(case: &Case, tag: i32) -> TokenStream {
    let Case {
        ident,
        member,
        fields,
        name,
        ..
    } = case;
    if fields.is_empty() {
        return quote!(#tag => ::core::result::Result::Ok(Self::#ident {}),);
    }
    let reads = fields.iter().map(Field::read);
    quote! {
        #tag => {
            // SAFETY: the tag says which member is there; its fields are part of the value that the caller vouches for.
            let read = || unsafe {
                let raw = &raw.data.#member;
                ::core::result::Result::Ok(Self::#ident { #(#reads),* })
            };
            let mut read = read;
            read().map_err(|bad: ::gangplank::types::BadValue| bad.at_field(#name))
        }
    }
}

fn size_arm(case: &Case) -> TokenStream {
    let Case { ident, fields, .. } = case;
    let patterns = fields.iter().map(Field::pattern);
    let sizes = fields.iter().map(Field::size);
    quote!(Self::#ident { #(#patterns),* } => { #(#sizes)* at })
}

fn write_arm(case: &Case, tag: i32, union: bool) -> TokenStream {
    let Case {
        ident,
        fields,
        member,
        raw,
        ..
    } = case;
    let patterns = fields.iter().map(Field::pattern);
    let data = match (union, fields.is_empty()) {
        (false, _) => quote!(),
        (true, true) => quote!(data: __GpUnion { _none: () }),
        (true, false) => {
            let writes = fields.iter().map(Field::write);
            quote!(data: __GpUnion { #member: #raw { #(#writes),* } })
        }
    };
    quote!(Self::#ident { #(#patterns),* } => __GpRaw { tag: #tag, #data },)
}
