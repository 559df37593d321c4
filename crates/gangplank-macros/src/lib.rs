//! The attributes of Gangplank. Use them through the crate `gangplank`, which documents the types that they work with.
//!
//! Comes in: the user's item. Goes out: the same item, its description as a static in the interface section, and for
//! functions the exported C symbols. Each file parses one kind of item, checks its shape and expands it with `quote!`;
//! conversions and calls live in `gangplank::types` and `gangplank::glue`, so expansions only connect.

mod body;
mod callable;
mod cases;
mod common;
mod constant;
mod crossing;
mod declared;
mod describe;
mod enumeration;
mod events;
mod fields;
mod function;
mod host;
mod injected;
mod library;
mod misplaced;
mod object;
mod options;
mod record;
mod signature;
mod stub;

use proc_macro::TokenStream;

/// Runs the attribute of this name: the expansion, or the errors beside the untouched item and what `stub` makes of it.
fn run<T: syn::parse::Parse + quote::ToTokens>(
    attribute: &str,
    options: TokenStream,
    item: TokenStream,
    expand: impl FnOnce(options::Options, T) -> syn::Result<proc_macro2::TokenStream>,
    stub: impl FnOnce(&T) -> proc_macro2::TokenStream,
) -> TokenStream {
    let original: proc_macro2::TokenStream = item.clone().into();
    let parsed = syn::parse::<T>(item)
        .map_err(|error| misplaced::find(attribute, original.clone()).unwrap_or(error))
        .and_then(|item| expand(options::Options::parse_item(options.into())?, item));
    let failed = |errors| {
        let stub = syn::parse2::<T>(original.clone()).map(|item| stub(&item));
        let errors = options::with_errors(original, &errors);
        // What cannot be parsed has no stub.
        let stub = stub.unwrap_or_default();
        quote::quote!(#errors #stub)
    };
    parsed.unwrap_or_else(failed).into()
}

/// Declares the crate as a library: once, in its root. Exports the runtime under the crate's name.
///
/// `library!(panic = "abort")` accepts a crate that is built to abort on a panic, which then kills the host.
#[proc_macro]
pub fn library(input: TokenStream) -> TokenStream {
    library::expand(input.into())
        .unwrap_or_else(|errors| errors.to_compile_error())
        .into()
}

/// A struct that crosses by value. Fields: `#[gangplank(name = "…", wire = "…", default = …)]`; the struct: `name = "…"`.
#[proc_macro_attribute]
pub fn record(options: TokenStream, item: TokenStream) -> TokenStream {
    run("record", options, item, record::expand, stub::record)
}

/// An enum without data. Values: `#[gangplank(name = "…", wire = "…")]`; the enum: `name = "…"`.
#[proc_macro_attribute]
pub fn enumeration(options: TokenStream, item: TokenStream) -> TokenStream {
    run(
        "enumeration",
        options,
        item,
        enumeration::expand,
        stub::enumeration,
    )
}

/// An enum with data. Cases and fields: `#[gangplank(name = "…", wire = "…")]`; the enum: `name = "…"`.
#[proc_macro_attribute]
pub fn variant(options: TokenStream, item: TokenStream) -> TokenStream {
    run(
        "variant",
        options,
        item,
        cases::expand_variant,
        stub::variant,
    )
}

/// An enum as a typed error. The first line of each case's docs is its message, `{field}` filled in, which is a number,
/// `bool` or `String`, because hosts put the text together as well; gives `Display`, `Error` and, where it is not derived
/// below the attribute, `Debug`.
#[proc_macro_attribute]
pub fn error(options: TokenStream, item: TokenStream) -> TokenStream {
    run("error", options, item, cases::expand_error, stub::error)
}

/// An `impl` block whose `pub` functions cross: methods take `&self`, constructors carry `#[gangplank(constructor)]`. Its
/// docs on the other side are those of its struct or enum, or of the block, where the block has some.
#[proc_macro_attribute]
pub fn object(options: TokenStream, item: TokenStream) -> TokenStream {
    run("object", options, item, object::expand, stub::none)
}

/// A function without an object, sync or async. The function: `name = "…"`, `hop`; parameters, here and everywhere else:
/// `#[gangplank(name = "…", wire = "…")]`.
#[proc_macro_attribute]
pub fn function(options: TokenStream, item: TokenStream) -> TokenStream {
    run("function", options, item, function::expand, stub::none)
}

/// A constant of the interface: a number, a `bool`, a `&str`, a `&[u8]` or the value of an enum.
#[proc_macro_attribute]
pub fn constant(options: TokenStream, item: TokenStream) -> TokenStream {
    run("constant", options, item, constant::expand, stub::none)
}

/// A trait of async functions that the host implements, or an `impl` of it in a Rust test. Functions:
/// `#[gangplank(deadline_ms = 500, name = "…", wire = "…")]`.
#[proc_macro_attribute]
pub fn host(options: TokenStream, item: TokenStream) -> TokenStream {
    run("host", options, item, host::expand, stub::none)
}

/// A trait of events that the library publishes to listeners. Events: `#[gangplank(name = "…", wire = "…")]`.
#[proc_macro_attribute]
pub fn events(options: TokenStream, item: TokenStream) -> TokenStream {
    run("events", options, item, events::expand, stub::none)
}
