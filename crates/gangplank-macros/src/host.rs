//! `#[gangplank::host]`: a trait of async functions that the host implements.
//!
//! `async fn` in traits cannot be called through `dyn`, so each becomes a function that returns a boxed future; on an
//! `impl` of the trait the attribute does the same.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{
    Block, Ident, ImplItem, Item, ItemImpl, ItemTrait, LitInt, LitStr, ReturnType, Signature,
    TraitItem, TraitItemFn, Type,
};

use crate::common::{Common, crossing, item_static, plain_value, stand_in, stand_in_as};
use crate::injected::{Kind, Part, shareable};
use crate::options::{Errors, Options, with_errors};
use crate::record::refuse_generics;
use crate::signature::{self, Param, Receiver};

/// A trait or an `impl` of one.
pub(crate) struct Target(Item);

impl Parse for Target {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.parse().map(Self)
    }
}

impl quote::ToTokens for Target {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}

/// One function of the trait.
struct Function {
    common: Common,
    ident: Ident,
    wire: String,
    params: Vec<Param>,
    result: Type,
    deadline_ms: u64,
}

/// Expands the attribute.
pub(crate) fn expand(options: Options, target: Target) -> syn::Result<TokenStream> {
    match target.0 {
        Item::Trait(item) => expand_trait(&options, item),
        Item::Impl(item) => {
            options.only(&[], "an `impl` of a host trait")?;
            expand_impl(item)
        }
        other => Err(syn::Error::new(
            other.span(),
            "`host` stands on a trait, or on an `impl` of one in a test",
        )),
    }
}

fn expand_impl(mut item: ItemImpl) -> syn::Result<TokenStream> {
    for member in &mut item.items {
        if let ImplItem::Fn(function) = member
            && function.sig.asyncness.is_some()
        {
            let block = &function.block;
            let boxed: Block = syn::parse_quote!({ ::std::boxed::Box::pin(async move #block) });
            function.block = boxed;
            box_signature(&mut function.sig);
        }
    }
    Ok(quote!(#item))
}

/// `async fn f(&self, …) -> R` → `fn f<'gp>(&'gp self, …) -> BoxFuture<'gp, R>`.
fn box_signature(signature: &mut Signature) {
    signature.asyncness = None;
    let result = signature::result_type(signature);
    signature.generics.params.push(syn::parse_quote!('gp));
    if let Some(syn::FnArg::Receiver(receiver)) = signature.inputs.first_mut() {
        *receiver = syn::parse_quote!(&'gp self);
    }
    signature.output = syn::parse_quote!(-> ::gangplank::glue::BoxFuture<'gp, #result>);
}

fn expand_trait(options: &Options, mut item: ItemTrait) -> syn::Result<TokenStream> {
    options.only(&[], "a host trait")?;
    refuse_generics(&item.generics, "host trait")?;
    let common = Common::new(&item.ident, &item.attrs, options)?;
    let owner = item.ident.unraw().to_string();
    let mut errors = Errors::default();
    let mut functions = Vec::new();
    for member in &mut item.items {
        let parsed = match member {
            TraitItem::Fn(function) => function_of(function, &owner),
            other => Err(syn::Error::new(
                other.span(),
                "a host trait has functions only",
            )),
        };
        functions.extend(errors.keep(parsed));
    }
    let errors = errors.finish(()).err();
    for member in &mut item.items {
        if let TraitItem::Fn(function) = member
            && function.sig.asyncness.is_some()
        {
            function.default = None; // refused above, and not of the new type
            box_signature(&mut function.sig);
        }
    }
    shareable(&mut item);
    if let Some(errors) = errors {
        let stub = Kind::Host.stub(&item.ident, &common);
        return Ok(with_errors(quote!(#item #stub), &errors));
    }
    let owner = common.type_name();
    let parts: Vec<_> = functions.iter().map(|part| part.part(&owner)).collect();
    let bridge = Kind::Host.bridge(&item.ident, &common, &parts);
    Ok(quote!(#item #bridge))
}

fn function_of(item: &mut TraitItemFn, owner: &str) -> syn::Result<Function> {
    let options = Options::take(&mut item.attrs)?;
    options.only(&["name", "wire", "deadline_ms"], "a host function")?;
    let signature = &mut item.sig;
    signature::check(signature)?;
    if signature.asyncness.is_none() {
        let message =
            "a host function is async, because the host answers when it can: write `async fn`";
        return Err(syn::Error::new(signature.ident.span(), message));
    }
    if let Some(default) = &item.default {
        return Err(syn::Error::new(
            default.span(),
            "a host function has no body: the host implements it",
        ));
    }
    if signature::receiver(signature)? == Receiver::None {
        return Err(syn::Error::new(
            signature.ident.span(),
            "a host function takes `&self`",
        ));
    }
    if matches!(signature.output, ReturnType::Default) {
        let message = "a host can fail: return `Result<(), E>`, with `E` a `String` or an error that implements `From<gangplank::HostError>`";
        return Err(syn::Error::new(signature.ident.span(), message));
    }
    let deadline_ms = options
        .deadline_ms
        .as_ref()
        .map(LitInt::base10_parse)
        .transpose()?
        .unwrap_or(0);
    let ident = signature.ident.clone();
    Ok(Function {
        common: Common::new(&ident, &item.attrs, &options)?.of(owner),
        wire: options
            .wire
            .as_ref()
            .map_or_else(|| ident.unraw().to_string(), LitStr::value),
        params: signature::params(signature)?,
        result: signature::result_type(signature),
        deadline_ms,
        ident,
    })
}

/// The descriptions of owned parameters: here it is insisted that their types cross.
pub(crate) fn owned_params(params: &[Param]) -> impl Iterator<Item = TokenStream> {
    params.iter().map(|param| {
        let ty = &param.ty;
        let schema = quote_spanned!(ty.span()=> <#ty as ::gangplank::Type>::SCHEMA);
        param.description(&schema, &quote!(false))
    })
}

/// Declares what stands for the types of owned parameters, and calls each `visit`.
pub(crate) fn visit_params(params: &[Param]) -> TokenStream {
    let visits = params.iter().map(|param| {
        let (name, ty) = (param.owned_stand_in(), &param.ty);
        let stand_in = stand_in(&name, &quote!(#ty), "IS_TYPE");
        quote!({ #stand_in <#name as ::gangplank::Type>::visit(sink); })
    });
    quote!(#(#visits)*)
}

/// A C struct `__GpRequest` of the parameters in order, its size pass (`__gp_need`) and its write pass (`__gp_write`).
pub(crate) fn request(params: &[Param]) -> TokenStream {
    let idents: Vec<_> = params.iter().map(|param| &param.ident).collect();
    let raw: Vec<_> = params.iter().map(Param::raw).collect();
    let types: Vec<_> = params.iter().map(|param| &param.ty).collect();
    let names: Vec<_> = params.iter().map(Param::owned_stand_in).collect();
    let crossings = names.iter().map(crossing);
    let converts: Vec<_> = crossings
        .zip(&types)
        .map(|(crossing, ty)| quote!(<#crossing as ::gangplank::types::StandsFor<#ty>>))
        .collect();
    let stand_ins = names
        .iter()
        .zip(&types)
        .map(|(name, ty)| stand_in(name, &quote!(#ty), "IS_TYPE"));
    let plain = plain_value(&format_ident!("__GpRequest"));
    quote! {
        #(#stand_ins)*
        #plain
        #[repr(C)]
        struct __GpRequest { #(#raw: <#names as ::gangplank::Type>::Abi),* }
        let __gp_need = ::core::mem::size_of::<__GpRequest>();
        #(let __gp_need = ::gangplank::Type::size(#converts::lend(&#idents), __gp_need);)*
        #[allow(unused_variables, reason = "a function may have no parameters")]
        let __gp_write = move |__gp_arena: &mut ::gangplank::memory::Arena| {
            __GpRequest { #(#raw: ::gangplank::Type::write(#converts::take(#idents), __gp_arena)),* }
        };
    }
}

impl Function {
    fn part(&self, owner: &TokenStream) -> Part {
        Part {
            wire: self.wire.clone(),
            item: self.item(owner),
            remote: self.remote(),
            visit: self.visit(),
        }
    }

    fn item(&self, owner: &TokenStream) -> TokenStream {
        let Self {
            wire,
            deadline_ms,
            result,
            ..
        } = self;
        let common = self.common.tokens();
        let params = owned_params(&self.params);
        let stand_in = self.stand_in();
        // Whatever is wrong with the type is said here, once.
        let insists = quote_spanned!(result.span()=> ::gangplank::types::host_returns::<#result>());
        item_static(
            &quote! {{
                #insists;
                #stand_in
                ::gangplank::descriptor::Item::HostFunction(::gangplank::descriptor::HostFunction {
                    common: #common,
                    owner: #owner,
                    wire: #wire,
                    params: &[#(#params),*],
                    results: <<__GpAnswer as ::gangplank::types::HostReturn>::Value as ::gangplank::types::Output>::SCHEMAS,
                    error: ::core::option::Option::Some(
                        <<__GpAnswer as ::gangplank::types::HostReturn>::Error as ::gangplank::Type>::SCHEMA
                    ),
                    deadline_ms: #deadline_ms,
                })
            }},
            None,
        )
    }

    fn remote(&self) -> TokenStream {
        let Self {
            ident,
            wire,
            deadline_ms,
            result,
            ..
        } = self;
        let params = self.params.iter().map(|param| {
            let (ident, ty) = (&param.ident, &param.ty);
            quote!(#ident: #ty)
        });
        let request = request(&self.params);
        let stand_in = self.stand_in();
        quote! {
            fn #ident<'gp>(&'gp self, #(#params),*) -> ::gangplank::glue::BoxFuture<'gp, #result> {
                #request
                #stand_in
                let __gp_answer = ::gangplank::glue::host_future::<__GpAnswer, __GpRequest>(
                    &self.0, #wire, #deadline_ms, __gp_need, __gp_write,
                );
                <__GpAnswer_crossing as ::gangplank::types::AnswersFor<#result>>::give(__gp_answer)
            }
        }
    }

    /// Declares what stands for the result: `__GpAnswer`.
    fn stand_in(&self) -> TokenStream {
        let result = &self.result;
        stand_in_as(
            &format_ident!("__GpAnswer"),
            &quote!(#result),
            "IS_HOST_RETURN",
            &quote!(AnswersFor),
        )
    }

    fn visit(&self) -> TokenStream {
        let (params, stand_in) = (visit_params(&self.params), self.stand_in());
        quote! {
            #params
            {
                #stand_in
                <<__GpAnswer as ::gangplank::types::HostReturn>::Value as ::gangplank::types::Output>::visit(sink);
                <<__GpAnswer as ::gangplank::types::HostReturn>::Error as ::gangplank::Type>::visit(sink);
            }
        }
    }
}
