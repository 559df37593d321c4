//! What every item of the descriptor carries: name, path, docs, deprecation, place; and the static that holds it.

use std::path::PathBuf;

use gangplank_descriptor::owned::{Body, Function};
use heck::ToSnakeCase;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Ident, Lit, LitByteStr, LitStr, Meta};

use crate::options::Options;

/// Name, docs and place of an item.
pub(crate) struct Common {
    /// The exposed name.
    pub(crate) name: String,
    /// Rust path below the module: `Timer` or `Timer::echo`.
    pub(crate) path: String,
    docs: String,
    deprecated: Option<String>,
    span: Span,
    /// Of what was generated from a `.proto` file: its item, which says everything that is compared.
    given: Option<Given>,
}

/// An item that was not made from this declaration.
pub(crate) struct Given {
    pub(crate) body: Body,
    bytes: LitByteStr,
}

impl Given {
    fn parse(bytes: &LitByteStr) -> syn::Result<Self> {
        let item = gangplank_descriptor::decode(&bytes.value());
        let item = item.map_err(|error| syn::Error::new(bytes.span(), error.to_string()))?;
        Ok(Self {
            body: item.body,
            bytes: bytes.clone(),
        })
    }
}

impl Common {
    /// Of an item `ident`, with its attributes and options.
    pub(crate) fn new(
        ident: &Ident,
        attributes: &[Attribute],
        options: &Options,
    ) -> syn::Result<Self> {
        let rust = ident.unraw().to_string();
        let given = options.item.as_ref().map(Given::parse).transpose()?;
        Ok(Self {
            given,
            name: exposed(ident, options),
            path: rust,
            docs: docs(attributes),
            deprecated: deprecation(attributes),
            span: ident.span(),
        })
    }

    /// The static with the item: the given one, else `described`.
    pub(crate) fn item(&self, described: &TokenStream) -> TokenStream {
        match &self.given {
            None => item_static(described, None),
            Some(given) => bytes_static(&given.bytes, None),
        }
    }

    /// The function that a given item describes, under the symbol that it has in this library.
    pub(crate) fn given_function(&self) -> Option<Function> {
        let Body::Function(function) = &self.given.as_ref()?.body else {
            return None;
        };
        let mut function = function.clone();
        let package = function.common.proto.as_ref()?.package.as_str();
        let local = function.common.path.strip_prefix(package)?;
        let local = local.strip_prefix("::")?.replace("::", "_");
        function.symbol = format!("{}_{local}", prefix());
        Some(function)
    }

    fn given_path(&self) -> Option<&str> {
        let given = self.given.as_ref()?;
        match &given.body {
            Body::Record(item) => Some(&item.common.path),
            Body::Enum(item) => Some(&item.common.path),
            Body::Variant(item) => Some(&item.common.path),
            Body::Function(item) => Some(&item.common.path),
            _ => None,
        }
    }

    /// The same, as a member of `owner`.
    pub(crate) fn of(mut self, owner: &str) -> Self {
        self.path = format!("{owner}::{}", self.path);
        self
    }

    /// The value of `descriptor::Common`.
    pub(crate) fn tokens(&self) -> TokenStream {
        let Self {
            name, docs, span, ..
        } = self;
        let path = full_path(&self.path);
        let version = package_version();
        let deprecated = optional(self.deprecated.as_ref().map(|note| quote!(#note)));
        let (file, line) = place(*span);
        quote! {
            ::gangplank::descriptor::Common {
                name: #name,
                path: #path,
                version: #version,
                docs: #docs,
                deprecated: #deprecated,
                file: #file,
                line: #line,
            }
        }
    }

    /// The value of `descriptor::TypeName`.
    pub(crate) fn type_name(&self) -> TokenStream {
        if let Some(path) = self.given_path() {
            return quote!(::gangplank::descriptor::TypeName { path: #path, version: "" });
        }
        let path = full_path(&self.path);
        let version = package_version();
        quote!(::gangplank::descriptor::TypeName { path: #path, version: #version })
    }
}

fn full_path(path: &str) -> TokenStream {
    let tail = format!("::{path}");
    quote!(::core::concat!(::core::module_path!(), #tail))
}

/// `Some(…)` or `None`.
pub(crate) fn optional(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// The static that carries `item` in the interface section, named `__GP_BYTES`. With a `symbol` it is exported, which
/// keeps it linked when no code refers to it.
pub(crate) fn item_static(item: &TokenStream, symbol: Option<&str>) -> TokenStream {
    let export = symbol.map(exported);
    let visibility = symbol.map(|_| quote!(pub));
    quote! {
        const __GP_ITEM: ::gangplank::descriptor::Item = #item;
        // A large item takes the compiler more steps than it expects of a constant.
        #[allow(long_running_const_eval, reason = "the length of an item is finite")]
        #[used]
        #export
        #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__gp_iface"))]
        #[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = "gp_iface"))]
        #visibility static __GP_BYTES: [u8; __GP_ITEM.encoded_len()] = __GP_ITEM.encode();
    }
}

/// The attribute that exports what it stands on. Not while `gangplank build` looks for symbols that two functions have: such a
/// crate compiles without exports only, and its items tell.
pub(crate) fn exported(symbol: &str) -> TokenStream {
    match std::env::var_os("GANGPLANK_UNEXPORTED") {
        Some(_) => TokenStream::new(),
        None => quote!(#[unsafe(export_name = #symbol)]),
    }
}

/// The same for an item that is already there as bytes.
pub(crate) fn bytes_static(bytes: &LitByteStr, symbol: Option<&str>) -> TokenStream {
    let export = symbol.map(exported);
    let visibility = symbol.map(|_| quote!(pub));
    let len = bytes.value().len();
    quote! {
        #[used]
        #export
        #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__gp_iface"))]
        #[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = "gp_iface"))]
        #visibility static __GP_BYTES: [u8; #len] = *#bytes;
    }
}

/// Doc lines, one leading space off, as one text.
pub(crate) fn docs(attributes: &[Attribute]) -> String {
    let lines = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
                Expr::Lit(literal) => match &literal.lit {
                    Lit::Str(text) => Some(text.value()),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        });
    let lines: Vec<String> = lines
        .flat_map(|text| {
            text.split('\n')
                .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned())
                .collect::<Vec<_>>()
        })
        .collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// The note of `#[deprecated]`; empty when it has none.
pub(crate) fn deprecation(attributes: &[Attribute]) -> Option<String> {
    let attribute = attributes
        .iter()
        .find(|attribute| attribute.path().is_ident("deprecated"))?;
    let mut note = String::new();
    match &attribute.meta {
        Meta::NameValue(pair) => {
            if let Expr::Lit(literal) = &pair.value
                && let Lit::Str(text) = &literal.lit
            {
                note = text.value();
            }
        }
        Meta::List(_) => {
            // rustc reports what is wrong with an attribute of its own.
            let _ = attribute.parse_nested_meta(|meta| {
                let value: LitStr = meta.value()?.parse()?;
                if meta.path.is_ident("note") {
                    note = value.value();
                }
                Ok(())
            });
        }
        Meta::Path(_) => {}
    }
    Some(note)
}

/// A source file of the crate that is being compiled.
pub(crate) struct Source {
    /// Its path.
    pub(crate) file: PathBuf,
    /// Relative to the package, unless it lies elsewhere.
    relative: Option<PathBuf>,
}

impl Source {
    /// Where the crate's other files are: the package's `src`, `tests` or `examples`.
    pub(crate) fn folder(&self) -> PathBuf {
        let depth = match &self.relative {
            Some(relative) => relative.components().count().saturating_sub(1).max(1),
            None => 1,
        };
        let folder = self.file.ancestors().nth(depth);
        folder.unwrap_or(&self.file).to_owned()
    }
}

/// The file of a span, where it is one.
pub(crate) fn source(span: proc_macro::Span) -> Option<Source> {
    let file = span.local_file()?;
    let file = file.canonicalize().unwrap_or(file);
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let package = package.and_then(|package| package.canonicalize().ok());
    let relative = package.and_then(|package| Some(file.strip_prefix(package).ok()?.to_owned()));
    Some(Source { file, relative })
}

/// File relative to its package, and line.
fn place(span: Span) -> (String, u32) {
    let span = span.unwrap();
    let line = u32::try_from(span.line()).unwrap_or(0);
    let Some(source) = source(span) else {
        return (span.file(), line);
    };
    let shown = match &source.relative {
        Some(path) => path.to_string_lossy().replace('\\', "/"),
        None => source
            .file
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
    };
    (shown, line)
}

/// The version of the crate that is being compiled.
pub(crate) fn package_version() -> String {
    std::env::var("CARGO_PKG_VERSION").unwrap_or_default()
}

/// The prefix of every symbol: the name of the crate that is being compiled.
pub(crate) fn prefix() -> String {
    std::env::var("CARGO_CRATE_NAME").unwrap_or_else(|_| "library".into())
}

/// The exposed name: what the author says, else the Rust name.
pub(crate) fn exposed(ident: &Ident, options: &Options) -> String {
    match &options.name {
        Some(name) => name.value(),
        None => ident.unraw().to_string(),
    }
}

/// Makes a struct or union of C a plain value. A derive would look at each field by itself, and each time report what is
/// wrong with the type of the user's field.
pub(crate) fn plain_value(name: &Ident) -> TokenStream {
    quote! {
        impl ::core::marker::Copy for #name {}

        impl ::core::clone::Clone for #name {
            fn clone(&self) -> Self {
                *self
            }
        }
    }
}

/// What stands beside the author's item: it names every part of that, also what others should not use any more.
pub(crate) fn beside(item: &impl ToTokens, parts: &[&TokenStream]) -> TokenStream {
    quote! {
        #item
        #[allow(deprecated, reason = "what is deprecated crosses all the same")]
        const _: () = { #(#parts)* };
    }
}

/// What a type that crosses as a struct says of its kind, in its implementation of `Type`.
pub(crate) fn compound() -> TokenStream {
    quote! {
        type Kind = ::gangplank::types::Compound;
        type Pass = ::gangplank::types::ByPointer;
        type ListPass = ::gangplank::types::ByPointer;
        type Form = ::gangplank::types::Tagged;
    }
}

/// Beside an enum: what its values or cases are called, for [`named_value`].
pub(crate) fn value_names<'a>(
    owner: &Ident,
    names: impl Iterator<Item = (&'a Ident, &'a String)>,
) -> TokenStream {
    let pairs = names.map(|(ident, name)| {
        let ident = ident.unraw().to_string();
        quote!((#ident, #name))
    });
    quote! {
        impl ::gangplank::types::NamedValues for #owner {
            const NAMES: &'static [(&'static str, &'static str)] = &[#(#pairs),*];
        }
    }
}

/// The exposed name of what `path`, such as `Color::Red`, names, for a field whose type does or does not cross. That it may be
/// no value of an enum is the compiler's to say, or the trait's.
pub(crate) fn named_value(path: &syn::ExprPath, crosses: &TokenStream) -> TokenStream {
    let last = path.path.segments.last();
    let ident = last.map(|last| last.ident.unraw().to_string());
    quote_spanned! {path.span()=>
        ::gangplank::types::exposed_name::<#crosses, _>(|| #path, #ident)
    }
}

/// `delay_ms` → `delayMs`.
pub(crate) fn wire_name(ident: &Ident) -> String {
    gangplank_descriptor::wire_name(&ident.unraw().to_string())
}

/// `EchoRequest` → `echo_request`.
pub(crate) fn snake(name: &str) -> String {
    name.to_snake_case()
}

/// Type aliases `NAME`, what is spoken of instead of `ty`, and `NAME_crossing`, which converts: see `gangplank::types`'
/// `crossing`. `has` asks whether the type has what its place needs.
pub(crate) fn stand_in(name: &Ident, ty: &TokenStream, has: &str) -> TokenStream {
    stand_in_as(name, ty, has, &quote!(StandsFor))
}

/// The same by another trait of `gangplank::types` that says what stands for the type.
pub(crate) fn stand_in_as(
    name: &Ident,
    ty: &TokenStream,
    has: &str,
    by: &TokenStream,
) -> TokenStream {
    let (crossing, has) = (crossing(name), self::has(ty, has));
    quote! {
        #[allow(non_camel_case_types, reason = "names are made of the author's")]
        type #crossing = ::gangplank::types::Crossing<#ty, #has>;
        #[allow(non_camel_case_types, reason = "names are made of the author's")]
        type #name = <#crossing as ::gangplank::types::#by<#ty>>::As;
    }
}

/// Whether a type has the trait of its place, as a constant of this name.
pub(crate) fn has(ty: &TokenStream, name: &str) -> TokenStream {
    let name = format_ident!("{name}");
    quote! {{
        #[allow(unused_imports, reason = "used where the type does not cross")]
        use ::gangplank::types::Otherwise as _;
        <::gangplank::types::Asked<#ty>>::#name
    }}
}

/// What converts between a type and its stand-in.
pub(crate) fn crossing(name: &Ident) -> Ident {
    format_ident!("{name}_crossing")
}
