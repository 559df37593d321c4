//! `#[gangplank::events]`: a trait of messages to listeners.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, ItemTrait, LitStr, ReturnType, TraitItem, TraitItemFn};

use crate::common::{Common, item_static};
use crate::host::{owned_params, request, visit_params};
use crate::injected::{Kind, Part, shareable};
use crate::options::{Errors, Options, with_errors};
use crate::record::refuse_generics;
use crate::signature::{self, Param, Receiver};

/// One event.
struct Event {
    common: Common,
    ident: Ident,
    wire: String,
    params: Vec<Param>,
}

/// Expands the attribute.
pub(crate) fn expand(options: Options, mut item: ItemTrait) -> syn::Result<TokenStream> {
    options.only(&[], "an events trait")?;
    refuse_generics(&item.generics, "events trait")?;
    let common = Common::new(&item.ident, &item.attrs, &options)?;
    let owner = item.ident.unraw().to_string();
    let mut errors = Errors::default();
    let mut events = Vec::new();
    for member in &mut item.items {
        let parsed = match member {
            TraitItem::Fn(function) => event(function, &owner),
            other => Err(syn::Error::new(
                other.span(),
                "an events trait has functions only",
            )),
        };
        events.extend(errors.keep(parsed));
    }
    let errors = errors.finish(()).err();
    shareable(&mut item);
    if let Some(errors) = errors {
        for member in &mut item.items {
            if let TraitItem::Fn(function) = member {
                function.sig.asyncness = None; // no `dyn` with one
            }
        }
        let stub = Kind::Events.stub(&item.ident, &common);
        return Ok(with_errors(quote!(#item #stub), &errors));
    }
    let owner = common.type_name();
    let parts: Vec<_> = events.iter().map(|part| part.part(&owner)).collect();
    let bridge = Kind::Events.bridge(&item.ident, &common, &parts);
    Ok(quote!(#item #bridge))
}

fn event(item: &mut TraitItemFn, owner: &str) -> syn::Result<Event> {
    let options = Options::take(&mut item.attrs)?;
    options.only(&["name", "wire"], "an event")?;
    let signature = &mut item.sig;
    signature::check(signature)?;
    let refuse = |message: &str| Err(syn::Error::new(signature.ident.span(), message));
    if signature.asyncness.is_some() || !matches!(signature.output, ReturnType::Default) {
        return refuse(
            "an event is a message: a plain `fn` without a result; emitting it never waits",
        );
    }
    if item.default.is_some() {
        return refuse("an event has no body: listeners receive it");
    }
    if signature::receiver(signature)? == Receiver::None {
        return refuse("an event takes `&self`");
    }
    let why =
        "an event owns what it carries, because listeners hear it later; take `String` or `Vec<T>`";
    let params = signature::params_that_outlive(signature, Some(why));
    let ident = signature.ident.clone();
    Ok(Event {
        common: Common::new(&ident, &item.attrs, &options)?.of(owner),
        wire: options
            .wire
            .as_ref()
            .map_or_else(|| ident.unraw().to_string(), LitStr::value),
        params: params?,
        ident,
    })
}

impl Event {
    fn part(&self, owner: &TokenStream) -> Part {
        Part {
            wire: self.wire.clone(),
            item: self.item(owner),
            remote: self.remote(),
            visit: self.visit(),
        }
    }

    fn item(&self, owner: &TokenStream) -> TokenStream {
        let (common, wire) = (self.common.tokens(), &self.wire);
        let params = owned_params(&self.params);
        item_static(
            &quote! {
                ::gangplank::descriptor::Item::Event(::gangplank::descriptor::Event {
                    common: #common,
                    owner: #owner,
                    wire: #wire,
                    params: &[#(#params),*],
                })
            },
            None,
        )
    }

    fn remote(&self) -> TokenStream {
        let Self { ident, wire, .. } = self;
        let params = self.params.iter().map(|param| {
            let (ident, ty) = (&param.ident, &param.ty);
            quote!(#ident: #ty)
        });
        let request = request(&self.params);
        quote! {
            fn #ident(&self, #(#params),*) {
                if self.0.wanted(#wire) {
                    #request
                    self.0.emit(#wire, ::gangplank::memory::Lowered::new(__gp_need, __gp_write));
                }
            }
        }
    }

    fn visit(&self) -> TokenStream {
        visit_params(&self.params)
    }
}
