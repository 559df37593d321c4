//! What host traits and events traits have in common: `dyn Trait` is reached through a link, and reports its items.
//!
//! Comes in: a trait and what stands for each of its functions. Goes out: the implementations for `dyn Trait`. The two
//! attributes differ in what a function is; in nothing that is here.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Ident, ItemTrait, Token};

use crate::common::Common;

/// Which of the two.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Host,
    Events,
}

/// One function of the trait.
pub(crate) struct Part {
    /// Its wire name.
    pub(crate) wire: String,
    /// The static with its item.
    pub(crate) item: TokenStream,
    /// The method that goes through the link.
    pub(crate) remote: TokenStream,
    /// Visits its types.
    pub(crate) visit: TokenStream,
}

impl Kind {
    /// The trait that `dyn Trait` implements, its list of wire names, and the link.
    fn names(self) -> (Ident, Ident, Ident) {
        let (bound, list, link) = match self {
            Self::Host => ("HostTrait", "FUNCTIONS", "HostLink"),
            Self::Events => ("EventsTrait", "EVENTS", "EventsLink"),
        };
        (
            format_ident!("{bound}"),
            format_ident!("{list}"),
            format_ident!("{link}"),
        )
    }

    /// The implementations.
    pub(crate) fn bridge(self, ident: &Ident, common: &Common, parts: &[Part]) -> TokenStream {
        let (bound, list, link) = self.names();
        let type_name = common.type_name();
        let wires = parts.iter().map(|part| &part.wire);
        let remotes = parts.iter().map(|part| &part.remote);
        let (items, visits) = (
            parts.iter().map(|part| &part.item),
            parts.iter().map(|part| &part.visit),
        );
        quote! {
            const _: () = {
                /// What is behind a link.
                struct __GpRemote(::gangplank::rt::#link);

                impl #ident for __GpRemote {
                    #(#remotes)*
                }

                impl ::gangplank::#bound for dyn #ident {
                    const TYPE: ::gangplank::descriptor::TypeName = #type_name;
                    const #list: &'static [&'static str] = &[#(#wires),*];

                    fn remote(link: ::gangplank::rt::#link) -> ::std::sync::Arc<Self> {
                        ::std::sync::Arc::new(__GpRemote(link))
                    }

                    fn visit(sink: ::gangplank::types::Sink<'_>) {
                        #({
                            #items
                            if sink(&__GP_BYTES) {
                                #visits
                            }
                        })*
                    }
                }

                impl<__GpV: #ident> ::gangplank::Local<__GpV> for dyn #ident {
                    fn share(value: __GpV) -> ::std::sync::Arc<Self> {
                        ::std::sync::Arc::new(value)
                    }
                }
            };
        }
    }

    /// What makes a faulty trait one of its kind all the same, so that what refers to it does not fail as well.
    pub(crate) fn stub(self, ident: &Ident, common: &Common) -> TokenStream {
        let (bound, list, link) = self.names();
        let type_name = common.type_name();
        quote! {
            impl ::gangplank::#bound for dyn #ident {
                const TYPE: ::gangplank::descriptor::TypeName = #type_name;
                const #list: &'static [&'static str] = &[];

                fn remote(_: ::gangplank::rt::#link) -> ::std::sync::Arc<Self> {
                    ::core::unreachable!()
                }

                fn visit(_: ::gangplank::types::Sink<'_>) {}
            }
        }
    }
}

/// Whoever implements the trait is used by several threads for as long as the object lives.
pub(crate) fn shareable(item: &mut ItemTrait) {
    if item.supertraits.is_empty() {
        item.colon_token = Some(Token![:](item.ident.span()));
    }
    item.supertraits
        .push(syn::parse_quote!(::core::marker::Send));
    item.supertraits
        .push(syn::parse_quote!(::core::marker::Sync));
    item.supertraits.push(syn::parse_quote!('static));
}
