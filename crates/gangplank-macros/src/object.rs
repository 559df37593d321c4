//! `#[gangplank::object]`: an `impl` block whose public functions are constructors and methods.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, ImplItem, ImplItemFn, ItemImpl, Type, Visibility};

use crate::callable::{Callable, Owner, Role};
use crate::common::{Common, beside, item_static};
use crate::declared;
use crate::options::{Errors, Options, with_errors};
use crate::record::refuse_generics;
use crate::signature::{self, Receiver};

/// Expands the attribute.
pub(crate) fn expand(options: Options, mut item: ItemImpl) -> syn::Result<TokenStream> {
    options.only(&["name"], "an object")?;
    refuse_generics(&item.generics, "object")?;
    if let Some((path, _)) = &item.trait_ {
        let message =
            "an object's functions stand in an `impl` block of the type itself, not of a trait";
        return Err(syn::Error::new(path.span(), message));
    }
    let ident = type_ident(&item.self_ty)?;
    let mut errors = Errors::default();
    let attributes = errors.keep(declared::attributes(&ident, &item.attrs));
    let common = Common::new(&ident, &attributes.unwrap_or_default(), &options)?;
    let owner = Owner {
        ty: (*item.self_ty).clone(),
        name: common.name.clone(),
    };
    let mut callables = Vec::new();
    for member in &mut item.items {
        if let ImplItem::Fn(function) = member
            && let Some(Some(callable)) = errors.keep(callable(function, &owner, &ident))
        {
            callables.push(callable);
        }
    }
    let bridge = bridge(&item.self_ty, &common, &callables);
    if let Err(errors) = errors.finish(()) {
        // It stays an object, so that what refers to it does not fail as well.
        return Ok(with_errors(quote!(#item #bridge), &errors));
    }
    let exports = callables.iter().map(Callable::export);
    Ok(quote!(#item #bridge #(#exports)*))
}

fn type_ident(ty: &Type) -> syn::Result<Ident> {
    let last = match ty {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    };
    let message = "an object is a struct or enum of this crate";
    last.map(|segment| segment.ident.clone())
        .ok_or_else(|| syn::Error::new(ty.span(), message))
}

/// The exported function, or `None` for a private one.
fn callable(
    function: &mut ImplItemFn,
    owner: &Owner,
    ident: &Ident,
) -> syn::Result<Option<Callable>> {
    let options = Options::take(&mut function.attrs)?;
    if !matches!(function.vis, Visibility::Public(_)) {
        if options.constructor {
            let message = "a constructor is `pub`, like everything that crosses";
            return Err(syn::Error::new(function.sig.ident.span(), message));
        }
        options.only(&[], "a private function, which does not cross")?;
        return Ok(None);
    }
    options.only(&["name", "constructor", "hop"], "a function of an object")?;
    signature::check(&function.sig)?;
    let role = role(function, &options, owner)?;
    let callable = Callable {
        common: Common::new(&function.sig.ident, &function.attrs, &options)?
            .of(&ident.unraw().to_string()),
        ident: function.sig.ident.clone(),
        role,
        is_async: function.sig.asyncness.is_some(),
        hop: options.hop,
        params: signature::params(&mut function.sig)?,
        result: signature::result_type(&function.sig),
    };
    callable.check()?;
    Ok(Some(callable))
}

fn role(function: &ImplItemFn, options: &Options, owner: &Owner) -> syn::Result<Role> {
    match (signature::receiver(&function.sig)?, options.constructor) {
        (Receiver::Shared, false) => Ok(Role::Method(owner.clone())),
        (Receiver::None, true) => Ok(Role::Constructor(owner.clone())),
        (Receiver::Shared, true) => {
            let message = "a constructor makes the object and so has no `self`";
            Err(syn::Error::new(function.sig.ident.span(), message))
        }
        (Receiver::None, false) => {
            let message = "a public function without `self`: mark it `#[gangplank(constructor)]`, make it private, or \
                           move it out of the block as `#[gangplank::function]`";
            Err(syn::Error::new(function.sig.ident.span(), message))
        }
    }
}

fn bridge(ty: &Type, common: &Common, callables: &[Callable]) -> TokenStream {
    let (tokens, type_name, name) = (common.tokens(), common.type_name(), &common.name);
    let injected = callables
        .iter()
        .filter(|callable| matches!(callable.role, Role::Constructor(_)))
        .flat_map(|callable| &callable.params)
        .map(|param| {
            let ty = signature::named(&param.ty, Some(ty));
            quote!(<#ty as ::gangplank::types::ConstructorArg<'static>>::SCHEMA)
        });
    let bytes = item_static(
        &quote!(::gangplank::descriptor::Item::Object(#tokens, &[#(#injected),*])),
        None,
    );
    let shared = quote_spanned! {ty.span()=>
        const _: fn() = || {
            fn an_object_is_used_by_several_threads_at_once_so_its_type_must_be_send_and_sync<T: Send + Sync>() {}
            an_object_is_used_by_several_threads_at_once_so_its_type_must_be_send_and_sync::<#ty>();
        };
    };
    let traits = quote! {
        impl ::gangplank::rt::Object for #ty {
            const NAME: &'static str = #name;
        }

        impl ::gangplank::types::ObjectType for #ty {
            const TYPE: ::gangplank::descriptor::TypeName = #type_name;

            fn visit(sink: ::gangplank::types::Sink<'_>) {
                sink(&__GP_BYTES);
            }
        }
    };
    beside(&shared, &[&bytes, &traits])
}
