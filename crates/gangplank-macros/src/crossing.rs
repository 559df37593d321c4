//! The exported C functions: the natural one, and the uniform one of the entry. Both call one inner function, which
//! takes its arguments by address.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::callable::{Callable, Results};
use crate::common::exported;

impl Callable {
    /// What both exported forms call.
    pub(crate) fn inner(&self) -> TokenStream {
        let Results { ok, output, .. } = self.results();
        let (raw, args) = (self.raw(), self.args());
        let this = self.is_method().then(|| quote!(__gp_this: u64,));
        let addresses = quote!(#(#raw: *const #args::Abi,)*);
        let body = if self.is_async {
            self.async_body()
        } else {
            self.sync_body()
        };
        let signature = if self.is_async {
            quote!((#this #addresses __gp_ending: ::gangplank::glue::Ending<#output::Out>) -> i32)
        } else {
            quote!(<__GpS: ::gangplank::glue::Shape<#ok>>(
                #this #addresses
                __gp_out: __GpS::Out,
                __gp_call: __GpS::Call,
            ) -> __GpS::Ret)
        };
        quote! {
            /// # Safety
            /// The parameters are what C passed.
            #[inline(always)]
            #[allow(clippy::too_many_arguments, reason = "as many as the user's function has")]
            unsafe fn __gp_inner #signature {
                // SAFETY: the parameters are what C passed; arguments stay unchanged for the duration of the call.
                unsafe { #body }
            }
        }
    }

    /// The natural form.
    pub(crate) fn direct(&self) -> TokenStream {
        let Results { ok, .. } = self.results();
        let (raw, args, symbol) = (self.raw(), self.args(), self.symbol());
        let this = self.is_method().then(|| quote!(__gp_this: u64,));
        let this_arg = self.is_method().then(|| quote!(__gp_this,));
        let passing = args
            .iter()
            .map(|arg| quote!(<#arg::Pass as ::gangplank::types::Passing<#arg::Abi>>));
        let passing: Vec<_> = passing.collect();
        let shape = quote!(<__GpShape as ::gangplank::glue::Shape<#ok>>);
        let result = if self.is_async {
            quote!(i32)
        } else {
            quote!(#shape::Ret)
        };
        let done = self.is_async.then(|| {
            quote! {
                __gp_done: ::gangplank::abi::RawDone,
                __gp_user_data: *mut ::core::ffi::c_void,
            }
        });
        let end = self.end(&quote!(__gp_out));
        let export = exported(&symbol);
        let turbofish = (!self.is_async).then(|| quote!(::<__GpShape>));
        quote! {
            #export
            #[allow(improper_ctypes_definitions, reason = "parameters that do not exist in C are zero-sized")]
            #[allow(clippy::too_many_arguments, reason = "as many as the user's function has")]
            unsafe extern "C" fn __gp_direct(
                #this
                #(#raw: #passing::Param,)*
                __gp_out: #shape::Out,
                __gp_call: #shape::Call,
                #done
            ) -> #result {
                // SAFETY: the parameters are what C passed.
                unsafe { __gp_inner #turbofish(#this_arg #(#passing::address(&#raw),)* #end) }
            }
        }
    }

    /// The uniform form: parameters in one struct, the result always through `out`.
    pub(crate) fn uniform(&self) -> TokenStream {
        let Results { output, .. } = self.results();
        let (raw, args) = (self.raw(), self.args());
        let this = self.is_method().then(|| quote!(__gp_this,));
        let end = self.end(&quote!(#output::out(__gp_out.cast())));
        let turbofish = (!self.is_async).then(|| quote!(::<::gangplank::types::Compound>));
        quote! {
            #[repr(C)]
            struct __GpParams { #(#raw: #args::Abi),* }

            #[allow(unused_variables, reason = "not every function has parameters, an object, or an end elsewhere")]
            unsafe extern "C" fn __gp_uniform(
                __gp_this: u64,
                __gp_params: *const ::core::ffi::c_void,
                __gp_out: *mut ::core::ffi::c_void,
                __gp_call: *mut ::gangplank::abi::RawCall,
                __gp_done: ::gangplank::abi::RawDone,
                __gp_user_data: *mut ::core::ffi::c_void,
            ) -> i32 {
                let __gp_params = __gp_params.cast::<__GpParams>();
                // SAFETY: the parameters are what C passed; an offset into a NULL struct stays NULL.
                unsafe { __gp_inner #turbofish(#this #(::gangplank::glue::member(
                    __gp_params, ::core::mem::offset_of!(__GpParams, #raw),
                ),)* #end) }
            }
        }
    }

    /// The last arguments of the inner function.
    fn end(&self, out: &TokenStream) -> TokenStream {
        if self.is_async {
            quote!(::gangplank::glue::Ending {
                out: #out, call: __gp_call, done: __gp_done, user_data: __gp_user_data,
            })
        } else {
            quote!(#out, __gp_call)
        }
    }

    /// Makes the context of a new object, which knows what may be registered on it.
    pub(crate) fn context(&self) -> TokenStream {
        let (host_functions, events) = (self.names("HOST_FUNCTIONS"), self.names("EVENTS"));
        quote!(|| ::gangplank::rt::Context::new(#host_functions, #events))
    }

    /// The names that the injected parameters bring, as one static list.
    fn names(&self, constant: &str) -> TokenStream {
        let args = self.args();
        let constant = format_ident!("{constant}");
        let lists = quote!(&[#(#args::#constant),*]);
        quote!(const { &::gangplank::glue::concat::<{ ::gangplank::glue::total(#lists) }>(#lists) })
    }
}
