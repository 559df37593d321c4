//! What a function says about itself: its item, its entry, and the visitor of everything it reaches.

use proc_macro2::TokenStream;
use quote::quote;

use crate::callable::{Callable, Results, Role};
use crate::common::{bytes_static, exported, item_static, optional};
use gangplank_descriptor::owned::Body;
use proc_macro2::Span;
use syn::LitByteStr;

impl Callable {
    /// The item `__GP_BYTES`, the function's metadata `__GP_META`, the visitor `__gp_visit`.
    pub(crate) fn description(&self) -> TokenStream {
        let Results { ok, .. } = self.results();
        let (shape, item) = (self.shape(), self.item());
        let (is_async, constructor, method) =
            (self.is_async, self.is_constructor(), self.is_method());
        let path = &self.common.path;
        let visitor = self.visitor();
        quote! {
            type __GpShape = #shape;
            const __GP_FLAGS: u32 = ::gangplank::glue::flags(
                #is_async,
                #constructor,
                #method,
                <__GpShape as ::gangplank::glue::Shape<#ok>>::SCALAR,
            );
            #item
            static __GP_META: ::gangplank::rt::FnMeta = ::gangplank::rt::FnMeta { path: #path };
            #visitor
        }
    }

    /// The static of an rpc's item, and the proof that Rust lowers its signature as the model did.
    fn given_item(&self) -> Option<TokenStream> {
        let function = self.common.given_function()?;
        let expected = function.abi_hash;
        let bytes = Body::Function(function).to_vec();
        let bytes = bytes_static(&LitByteStr::new(&bytes, Span::call_site()), None);
        let Results {
            output, failure, ..
        } = self.insisting_results();
        let args = self.insisting_args();
        Some(quote! {
            #bytes
            #[cfg(target_pointer_width = "64")]
            const _: () = ::core::assert!(
                #expected == ::gangplank::descriptor::abi_hash(
                    __GP_FLAGS,
                    &[#(::gangplank::glue::param_layout::<#args::Abi, #args::Pass>()),*],
                    #output::LAYOUTS,
                    #failure::LAYOUT,
                ),
                "the types of this function are not those of its .proto file",
            );
        })
    }

    fn item(&self) -> TokenStream {
        if let Some(given) = self.given_item() {
            return given;
        }
        let (common, symbol, is_async) = (self.common.tokens(), self.symbol(), self.is_async);
        let Results {
            output, failure, ..
        } = self.insisting_results();
        let (args, insisting) = (self.args(), self.insisting_args());
        let role = match self.role {
            Role::Free => quote!(Free),
            Role::Constructor(_) => quote!(Constructor),
            Role::Method(_) => quote!(Method),
        };
        let owner = optional(self.owner().map(|owner| {
            let ty = &owner.ty;
            quote!(<#ty as ::gangplank::types::ObjectType>::TYPE)
        }));
        let params = self.params.iter().zip(insisting);
        let params = params
            .map(|(param, arg)| param.description(&quote!(#arg::SCHEMA), &quote!(#arg::BORROWED)));
        item_static(
            &quote! {
                ::gangplank::descriptor::Item::Function(::gangplank::descriptor::Function {
                    common: #common,
                    symbol: #symbol,
                    owner: #owner,
                    role: ::gangplank::descriptor::Role::#role,
                    is_async: #is_async,
                    params: &[#(#params),*],
                    results: #output::SCHEMAS,
                    error: #failure::SCHEMA,
                    abi_hash: ::gangplank::descriptor::abi_hash(
                        __GP_FLAGS,
                        &[#(::gangplank::glue::param_layout::<#args::Abi, #args::Pass>()),*],
                        #output::LAYOUTS,
                        #failure::LAYOUT,
                    ),
                })
            },
            None,
        )
    }

    fn visitor(&self) -> TokenStream {
        let Results {
            output, failure, ..
        } = self.results();
        let args = self.args();
        let owner = self.owner().map(|owner| {
            let ty = &owner.ty;
            quote!(<#ty as ::gangplank::types::ObjectType>::visit(sink);)
        });
        quote! {
            fn __gp_visit(sink: ::gangplank::types::Sink<'_>) {
                sink(&__GP_BYTES);
                #owner
                #(#args::visit(sink);)*
                #output::visit(sink);
                #failure::visit(sink);
            }
        }
    }

    /// The exported entry.
    pub(crate) fn entry(&self) -> TokenStream {
        let export = exported(&format!("{}_entry", self.symbol()));
        quote! {
            unsafe extern "C" fn __gp_describe(
                sink: ::gangplank::abi::RawSink,
                user_data: *mut ::core::ffi::c_void,
            ) {
                // SAFETY: the pair is what C passed.
                unsafe { ::gangplank::glue::describe(sink, user_data, __gp_visit) }
            }

            #export
            static __GP_ENTRY: ::gangplank::abi::RawEntry = ::gangplank::abi::RawEntry {
                size: ::core::mem::size_of::<::gangplank::abi::RawEntry>() as u32,
                abi: ::gangplank::abi::VERSION,
                flags: __GP_FLAGS,
                reserved: 0,
                call: __gp_uniform,
                cbor: ::core::ptr::null(),
                describe: __gp_describe,
                item: __GP_BYTES.as_ptr(),
                item_len: __GP_BYTES.len(),
            };
        }
    }
}
