//! The call of the user's function, as a closure that `gangplank::glue` runs.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use crate::callable::{Callable, Role};
use crate::common::crossing;
use crate::signature::Param;

impl Callable {
    /// The path of the user's function, spanned there.
    fn target(&self) -> TokenStream {
        let ident = &self.ident;
        match self.owner() {
            Some(owner) => {
                let ty = &owner.ty;
                quote!(<#ty>::#ident)
            }
            None => quote!(#ident),
        }
    }

    fn loads(&self) -> Vec<TokenStream> {
        let load = |(param, ty): (&Param, TokenStream)| {
            let (raw, name, span) = (param.raw(), &param.name, param.ty.span());
            let load = if self.is_constructor() {
                quote_spanned!(span=> ::gangplank::glue::load_injectable(&__gp_scope, #raw, #name, __gp_context)?)
            } else {
                quote_spanned!(span=> ::gangplank::glue::load(&__gp_scope, #raw, #name)?)
            };
            match param.stand_in() {
                Some(stand_in) => {
                    let crossing = crossing(&stand_in);
                    quote_spanned!(span=> <#crossing as ::gangplank::types::StandsFor<#ty>>::give(#load))
                }
                None => load,
            }
        };
        self.params.iter().zip(self.types()).map(load).collect()
    }

    /// What the glue is given for what the user's function has returned.
    fn taken(&self, returned: &TokenStream) -> TokenStream {
        if self.is_constructor() {
            return returned.clone();
        }
        let (crossing, ty) = (crossing(&format_ident!("__GpResult")), self.result());
        quote!(<#crossing as ::gangplank::types::StandsFor<#ty>>::take(#returned))
    }

    /// The call of a sync function.
    pub(crate) fn sync_body(&self) -> TokenStream {
        let (target, loads, result) = (self.target(), self.loads(), self.returned());
        match &self.role {
            Role::Free => {
                let taken = self.taken(&quote!(#target(#(#loads),*)));
                quote! {
                    ::gangplank::glue::function::<__GpS, #result>(__gp_out, __gp_call, || {
                        let __gp_scope = ::gangplank::glue::Scope;
                        ::core::result::Result::Ok(#taken)
                    })
                }
            }
            Role::Method(owner) => {
                let ty = &owner.ty;
                let taken = self.taken(&quote!(#target(__gp_object, #(#loads),*)));
                quote! {
                    ::gangplank::glue::method::<__GpS, #ty, #result>(
                        &__GP_META, __gp_this, __gp_out, __gp_call,
                        |__gp_object| {
                            let __gp_scope = ::gangplank::glue::Scope;
                            ::core::result::Result::Ok(#taken)
                        },
                    )
                }
            }
            Role::Constructor(owner) => {
                let (ty, context) = (&owner.ty, self.context());
                quote! {
                    ::gangplank::glue::constructor::<__GpS, #ty, #result>(
                        #context, __gp_out, __gp_call,
                        |__gp_context| {
                            let __gp_scope = ::gangplank::glue::Scope;
                            ::core::result::Result::Ok(#target(#(#loads),*))
                        },
                    )
                }
            }
        }
    }

    /// The start of an async function.
    pub(crate) fn async_body(&self) -> TokenStream {
        let (target, loads, result) = (self.target(), self.loads(), self.returned());
        let idents = self.raw();
        let types = self.types();
        let load = quote! {
            let __gp_scope = ::gangplank::glue::Scope;
            #(let #idents: #types = #loads;)*
        };
        let span = self.ident.span();
        let phase = match self.hop {
            true => quote!(::gangplank::rt::Hop),
            false => quote!(::gangplank::rt::Inline),
        };
        match &self.role {
            Role::Free => {
                let taken = self.taken(&quote_spanned!(span=> #target(#(#idents),*).await));
                let future = quote_spanned!(span=> async move { #taken });
                quote! {
                    ::gangplank::glue::async_function::<#phase, #result, _>(&__GP_META, __gp_ending, || {
                        #load
                        ::core::result::Result::Ok(#future)
                    })
                }
            }
            Role::Method(owner) => {
                let ty = &owner.ty;
                let taken =
                    self.taken(&quote_spanned!(span=> #target(&__gp_object, #(#idents),*).await));
                let future = quote_spanned!(span=> async move { #taken });
                quote! {
                    ::gangplank::glue::async_method::<#phase, #ty, #result, _>(
                        &__GP_META, __gp_this, __gp_ending,
                        |__gp_object| {
                            #load
                            ::core::result::Result::Ok(#future)
                        },
                    )
                }
            }
            Role::Constructor(owner) => {
                let (ty, context) = (&owner.ty, self.context());
                let future = quote_spanned!(span=> async move { #target(#(#idents),*).await });
                quote! {
                    ::gangplank::glue::async_constructor::<#phase, #ty, #result, _>(
                        &__GP_META, #context, __gp_ending,
                        |__gp_context| {
                            #load
                            ::core::result::Result::Ok(#future)
                        },
                    )
                }
            }
        }
    }
}
