//! `gangplank::library!()`: the library's own item and the runtime's exports under its name.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::{LitByteStr, LitStr, Token};

use gangplank_descriptor::owned::{Body, Library};

use crate::common::{bytes_static, exported, item_static, package_version, prefix};

/// What stands in the parentheses.
#[derive(Default)]
struct Input {
    abort: bool,
    /// `package = "…"`, of code that was generated from a `.proto` file: what the paths of its items start with.
    package: Option<String>,
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        syn::custom_keyword!(panic);
        syn::custom_keyword!(package);
        let mut found = Self::default();
        while !input.is_empty() {
            if input.peek(package) {
                input.parse::<package>()?;
                input.parse::<Token![=]>()?;
                found.package = Some(input.parse::<LitStr>()?.value());
            } else {
                input.parse::<panic>()?;
                input.parse::<Token![=]>()?;
                let strategy: LitStr = input.parse()?;
                if strategy.value() != "abort" {
                    return Err(syn::Error::new(
                        strategy.span(),
                        "the only strategy to accept is `panic = \"abort\"`",
                    ));
                }
                found.abort = true;
            }
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(found)
    }
}

/// One of the runtime's exports: suffix, parameters with their types, result.
type Export = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

/// The runtime's exports. `gangplank::rt::exports` has a function for each.
const EXPORTS: &[Export] = &[
    ("free", &[("call", CALL)], ""),
    ("take_error", &[("error", "u32"), ("call", CALL)], ""),
    ("take_payload", &[("error", "u32"), ("call", CALL)], ""),
    ("cancel", &[("id", "u64")], "i32"),
    ("close", &[("this", "u64"), ("call", CALL)], "i32"),
    ("share", &[("this", "u64")], "i32"),
    ("release", &[("this", "u64")], ""),
    (
        "register_host_fn",
        &[
            ("this", "u64"),
            ("name", STR),
            ("function", "::gangplank::abi::RawHostFn"),
            ("cancel", "::gangplank::abi::RawHostCancel"),
            ("user_data", DATA),
            ("release", "::gangplank::abi::RawRelease"),
        ],
        "i32",
    ),
    (
        "host_complete",
        &[
            ("call_id", "u64"),
            ("status", "i32"),
            ("result", CONST_DATA),
            ("len", "usize"),
        ],
        "i32",
    ),
    (
        "add_listener",
        &[
            ("this", "u64"),
            ("event", STR),
            ("function", "::gangplank::abi::RawListener"),
            ("user_data", DATA),
            ("release", "::gangplank::abi::RawRelease"),
            ("listener", "*mut u64"),
        ],
        "i32",
    ),
    ("remove_listener", &[("listener", "u64")], "i32"),
    ("tell_lost", &[("listener", "u64")], "i32"),
    ("stats", &[("stats", "*mut ::gangplank::abi::RawStats")], ""),
    (
        "explain",
        &[("item", "*const u8"), ("len", "usize"), ("call", CALL)],
        "",
    ),
    (
        "set_log",
        &[
            ("max_level", "u32"),
            ("function", LOG),
            ("user_data", DATA),
            ("release", "::gangplank::abi::RawRelease"),
        ],
        "i32",
    ),
    ("queue_fd", &[], "i32"),
    (
        "drain",
        &[
            ("records", "*mut ::gangplank::abi::RawRecord"),
            ("max", "usize"),
        ],
        "usize",
    ),
    (
        "queue_done",
        &[("user_data", DATA), ("call", CALL), ("status", "i32")],
        "",
    ),
    (
        "queue_host_fn",
        &[
            ("call_id", "u64"),
            ("request", CONST_DATA),
            ("user_data", DATA),
        ],
        "",
    ),
    (
        "queue_host_cancel",
        &[("call_id", "u64"), ("user_data", DATA)],
        "",
    ),
    (
        "queue_listener",
        &[
            ("event", CONST_DATA),
            ("dropped", "u64"),
            ("user_data", DATA),
        ],
        "",
    ),
    ("queue_release", &[("user_data", DATA)], ""),
    (
        "queue_log",
        &[
            ("level", "u32"),
            ("target", STR),
            ("message", STR),
            ("user_data", DATA),
        ],
        "",
    ),
];

const CALL: &str = "*mut ::gangplank::abi::RawCall";
const STR: &str = "::gangplank::abi::RawStr";
const LOG: &str = "::gangplank::abi::RawLog";
const DATA: &str = "*mut ::core::ffi::c_void";
const CONST_DATA: &str = "*const ::core::ffi::c_void";

/// Expands the macro.
pub(crate) fn expand(input: TokenStream) -> syn::Result<TokenStream> {
    let input: Input = syn::parse2(input)?;
    let strategy = (!input.abort).then(|| {
        quote! {
            #[cfg(panic = "abort")]
            ::core::compile_error!(
                "this crate is built with `panic = \"abort\"`: a panic would kill the host process instead of becoming \
                 an error. Remove `panic = \"abort\"` from the profile, or accept it with `gangplank::library!(panic = \"abort\")`"
            );
        }
    });
    let item = match &input.package {
        None => library_item(),
        Some(package) => packaged_item(package),
    };
    let version = version_exports();
    let exports = EXPORTS
        .iter()
        .map(|(suffix, params, result)| export(suffix, params, result))
        .collect::<syn::Result<Vec<_>>>()?;
    Ok(quote! {
        #strategy
        const _: () = {
            #item
            #version
            #(#exports)*
        };
    })
}

fn library_item() -> TokenStream {
    let (name, version, docs) = (prefix(), package_version(), crate_docs());
    item_static(
        &quote! {
            ::gangplank::descriptor::Item::Library(::gangplank::descriptor::Library {
                crate_name: #name,
                version: #version,
                docs: #docs,
                abi: ::gangplank::abi::VERSION,
                panic_abort: ::core::cfg!(panic = "abort"),
            })
        },
        Some(&format!("{name}_item")),
    )
}

/// The item of a library whose items are not named after the crate.
fn packaged_item(package: &str) -> TokenStream {
    let symbol = format!("{}_item", prefix());
    let item = |panic_abort| {
        let body = Body::Library(Library {
            crate_name: prefix(),
            version: package_version(),
            docs: crate_docs(),
            abi: gangplank_descriptor::ABI_VERSION,
            panic_abort,
            package: Some(package.to_owned()),
            services: Vec::new(),
        });
        let bytes = LitByteStr::new(&body.to_vec(), Span::call_site());
        bytes_static(&bytes, Some(&symbol))
    };
    let (unwind, abort) = (item(false), item(true));
    quote! {
        #[cfg(not(panic = "abort"))]
        const _: () = { #unwind };
        #[cfg(panic = "abort")]
        const _: () = { #abort };
    }
}

/// The crate's own docs: macros are not given them, so they are read where the compiler reads them.
fn crate_docs() -> String {
    let source = Span::call_site()
        .unwrap()
        .local_file()
        .and_then(|file| std::fs::read_to_string(file).ok());
    let lines = source.iter().flat_map(|source| source.lines());
    let docs: Vec<_> = lines
        .skip_while(|line| line.trim().is_empty())
        .map_while(|line| line.trim().strip_prefix("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end())
        .collect();
    if docs.is_empty() {
        std::env::var("CARGO_PKG_DESCRIPTION").unwrap_or_default()
    } else {
        docs.join("\n")
    }
}

fn version_exports() -> TokenStream {
    let (version, abi) = (
        exported(&format!("{}_version", prefix())),
        exported(&format!("{}_abi_version", prefix())),
    );
    let text = format!("{}\0", package_version());
    quote! {
        #version
        extern "C" fn __gp_version() -> *const ::core::ffi::c_char {
            #text.as_ptr().cast()
        }

        #abi
        extern "C" fn __gp_abi_version() -> u32 {
            ::gangplank::abi::VERSION
        }
    }
}

fn export(suffix: &str, params: &[(&str, &str)], result: &str) -> syn::Result<TokenStream> {
    let export = exported(&format!("{}_{suffix}", prefix()));
    let (local, target) = (format_ident!("__gp_{suffix}"), format_ident!("{suffix}"));
    let names: Vec<_> = params
        .iter()
        .map(|(name, _)| format_ident!("{name}"))
        .collect();
    let types = params
        .iter()
        .map(|(_, ty)| syn::parse_str::<syn::Type>(ty))
        .collect::<syn::Result<Vec<_>>>()?;
    let result = (!result.is_empty())
        .then(|| syn::parse_str::<syn::Type>(result))
        .transpose()?;
    let result = result.map(|ty| quote!(-> #ty));
    // The runtime serves the library's own queue listener without a thread between, if it knows it.
    let declare = (suffix == "add_listener").then(
        || quote!(::gangplank::rt::exports::declare_queue_listener(Some(__gp_queue_listener));),
    );
    Ok(quote! {
        #export
        unsafe extern "C" fn #local(#(#names: #types),*) #result {
            #declare
            // SAFETY: the parameters are what C passed.
            unsafe { ::gangplank::rt::exports::#target(#(#names),*) }
        }
    })
}
