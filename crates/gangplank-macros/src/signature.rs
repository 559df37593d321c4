//! The signature of a function, method, host function or event: what can be said about it from its tokens.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{
    FnArg, GenericArgument, Ident, LitStr, Pat, PathArguments, PathSegment, ReceiverKind,
    ReturnType, Safety, Signature, Type,
};

use crate::common::{exposed, wire_name};
use crate::options::{Errors, Options};

/// One parameter.
pub(crate) struct Param {
    /// Name in the user's code.
    pub(crate) ident: Ident,
    /// Its type, lifetimes as written.
    pub(crate) ty: Type,
    pub(crate) name: String,
    pub(crate) wire: String,
}

impl Param {
    /// An identifier that no parameter of the user has, and that the expansion does not use for anything else.
    pub(crate) fn raw(&self) -> Ident {
        format_ident!("__gp_param_{}", self.ident.unraw())
    }

    /// What stands for its type, which may be one that cannot cross. There is none for references: what they may be is
    /// seen by their tokens, and they live as long as the call.
    pub(crate) fn stand_in(&self) -> Option<Ident> {
        (!is_reference(&self.ty)).then(|| self.owned_stand_in())
    }

    /// The same of a parameter that is owned.
    pub(crate) fn owned_stand_in(&self) -> Ident {
        format_ident!("__GpArg_{}", self.ident.unraw())
    }

    /// The value of `descriptor::Param`; `schema` and `borrowed` are constants of the type.
    pub(crate) fn description(&self, schema: &TokenStream, borrowed: &TokenStream) -> TokenStream {
        let Self { name, wire, .. } = self;
        quote!(::gangplank::descriptor::Param { name: #name, wire: #wire, schema: #schema, borrowed: #borrowed })
    }
}

/// The receiver of a function.
#[derive(PartialEq)]
pub(crate) enum Receiver {
    None,
    Shared,
}

/// What cannot be part of any signature of the interface is refused here, each at its token.
pub(crate) fn check(signature: &Signature) -> syn::Result<()> {
    let mut errors = Errors::default();
    let lifetimes_only = signature.generics.type_params().next().is_none()
        && signature.generics.const_params().next().is_none();
    if !signature.generics.params.is_empty() {
        let message = if lifetimes_only {
            "a function of the interface has no lifetime parameters; a sync one may borrow with elided lifetimes (`&str`)"
        } else {
            "a function of the interface cannot be generic; write one function for each type"
        };
        errors.add(signature.generics.params.span(), message);
    }
    if let Safety::Unsafe(token) = &signature.safety {
        errors.add(token.span, "a function of the interface is safe to call");
    }
    if let Some(abi) = &signature.abi {
        errors.add(
            abi.span(),
            "the attribute makes the C function; write an ordinary Rust function",
        );
    }
    if let Some(variadic) = &signature.variadic {
        errors.add(
            variadic.span(),
            "a function of the interface has a fixed number of parameters",
        );
    }
    if let ReturnType::Type(_, ty) = &signature.output {
        check_result(ty, &mut errors);
    }
    errors.finish(())
}

fn check_result(ty: &Type, errors: &mut Errors) {
    match ty {
        Type::Reference(_) => {
            errors.add(ty.span(), "a result is owned; return `String` or `Vec<T>`")
        }
        Type::ImplTrait(_) => errors.add(ty.span(), "a result has a concrete type; name it"),
        _ => {}
    }
}

/// The receiver, which is `&self` or none.
pub(crate) fn receiver(signature: &Signature) -> syn::Result<Receiver> {
    let Some(receiver) = signature.receiver() else {
        return Ok(Receiver::None);
    };
    match &receiver.kind {
        ReceiverKind::Reference(_, _, None) => Ok(Receiver::Shared),
        ReceiverKind::Reference(_, _, Some(_)) => {
            let message = "a method takes `&self`, not `&mut self`: the host may call it from several threads at \
                           once; keep what changes in a `Mutex` or an atomic";
            Err(syn::Error::new(receiver.span(), message))
        }
        _ => {
            let message =
                "a method takes `&self`: the host may call it from several threads at once";
            Err(syn::Error::new(receiver.span(), message))
        }
    }
}

/// The parameters without the receiver, of a function that owns them if it is async; takes our attributes away.
pub(crate) fn params(signature: &mut Signature) -> syn::Result<Vec<Param>> {
    let outlives = signature.asyncness.map(|_| {
        "an async function owns its arguments, because it may outlive the call; take `String` or `Vec<T>`"
    });
    params_that_outlive(signature, outlives)
}

/// The same where it is said why they are owned.
pub(crate) fn params_that_outlive(
    signature: &mut Signature,
    why_owned: Option<&str>,
) -> syn::Result<Vec<Param>> {
    let mut errors = Errors::default();
    let mut params = Vec::new();
    for input in &mut signature.inputs {
        if let FnArg::Typed(typed) = input
            && let Some(param) = errors.keep(param(typed, why_owned))
        {
            params.push(param);
        }
    }
    errors.finish(params)
}

fn param(typed: &mut syn::PatType, why_owned: Option<&str>) -> syn::Result<Param> {
    let options = Options::take(&mut typed.attrs)?;
    options.only(&["name", "wire"], "a parameter")?;
    let Pat::Ident(pattern) = &*typed.pat else {
        return Err(syn::Error::new(
            typed.pat.span(),
            "a parameter of the interface has a name",
        ));
    };
    let ident = pattern.ident.clone();
    check_param(&typed.ty, why_owned)?;
    Ok(Param {
        name: exposed(&ident, &options),
        wire: options
            .wire
            .as_ref()
            .map_or_else(|| wire_name(&ident), LitStr::value),
        ty: (*typed.ty).clone(),
        ident,
    })
}

fn check_param(ty: &Type, why_owned: Option<&str>) -> syn::Result<()> {
    match ty {
        // What a `macro_rules` macro has put in place of `$ty`.
        Type::Group(group) => check_param(&group.elem, why_owned),
        Type::ImplTrait(_) => Err(syn::Error::new(
            ty.span(),
            "a parameter has a concrete type; name it",
        )),
        Type::Reference(reference) => {
            let message = if let Some(why) = why_owned {
                why
            } else if reference.mutability.is_some() {
                "an argument is only read; return what changes"
            } else if reference.lifetime.is_some() {
                "an argument is borrowed for the call only; leave the lifetime out"
            } else if !is_borrowed(&reference.elem) {
                "`&str`, `&[u8]` and slices of numbers can be borrowed; take everything else by value: `String`, `Vec<T>`, a \
                 record, an object as `Arc<T>`"
            } else {
                return Ok(());
            };
            Err(syn::Error::new_spanned(ty, message))
        }
        Type::Path(path) => {
            let inside = path.path.segments.iter().flat_map(arguments);
            match inside.into_iter().find(|ty| is_reference(ty)) {
                Some(ty) => Err(syn::Error::new_spanned(
                    ty,
                    "inside of a type everything is owned; take `String` or `Vec<T>` there",
                )),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// The types in angle brackets.
fn arguments(segment: &PathSegment) -> Vec<&Type> {
    let PathArguments::AngleBracketed(list) = &segment.arguments else {
        return Vec::new();
    };
    let types = list.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}

/// Whether a reference to it may be one that crosses. What the items of a slice are is the compiler's to say, except where
/// it can be seen that they are no numbers: an alias may stand for one.
fn is_borrowed(target: &Type) -> bool {
    let last = |ty: &Type| match ty {
        Type::Path(path) => path.path.segments.last().cloned(),
        _ => None,
    };
    match target {
        Type::Group(group) => is_borrowed(&group.elem),
        Type::Slice(slice) => last(&slice.elem).is_some_and(|item| {
            let known = ["String", "bool", "char", "str"];
            item.arguments.is_none() && !known.iter().any(|name| item.ident == name)
        }),
        other => last(other).is_some_and(|name| name.ident == "str"),
    }
}

/// The declared result, unit when there is none.
pub(crate) fn result_type(signature: &Signature) -> Type {
    match &signature.output {
        ReturnType::Default => syn::parse_quote!(()),
        ReturnType::Type(_, ty) => (**ty).clone(),
    }
}

/// `ty` with `Self` spelled out and its references `'static`, so that it can be named outside of the function.
pub(crate) fn named(ty: &Type, owner: Option<&Type>) -> TokenStream {
    let with_lifetime = match ty {
        // What a `macro_rules` macro has put in place of `$ty`.
        Type::Group(group) => return named(&group.elem, owner),
        Type::Reference(reference) => {
            let target = &reference.elem;
            quote!(&'static #target)
        }
        other => quote!(#other),
    };
    match owner {
        Some(owner) => replace_self(with_lifetime, &quote!(#owner)),
        None => with_lifetime,
    }
}

fn is_reference(ty: &Type) -> bool {
    match ty {
        Type::Group(group) => is_reference(&group.elem),
        other => matches!(other, Type::Reference(_)),
    }
}

fn replace_self(tokens: TokenStream, owner: &TokenStream) -> TokenStream {
    use proc_macro2::{Group, TokenTree};
    let replace = |token| match token {
        TokenTree::Ident(ident) if ident == "Self" => owner.clone(),
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), replace_self(group.stream(), owner));
            inner.set_span(group.span());
            TokenTree::Group(inner).into()
        }
        other => other.into(),
    };
    tokens
        .into_iter()
        .map(replace)
        .collect::<Vec<TokenStream>>()
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_borrowed() {
        for ty in [
            "&str",
            "&[u8]",
            "&[f64]",
            "&[Sample]",
            "&std::primitive::str",
            "Option<u8>",
        ] {
            let ty = syn::parse_str(ty).unwrap();
            check_param(&ty, None).unwrap();
        }
        for (ty, words) in [
            ("&String", "by value"),
            ("&Vec<u8>", "by value"),
            ("&Point", "by value"),
            ("&[String]", "by value"),
            ("&[Option<u8>]", "by value"),
            ("Option<&str>", "inside of a type everything is owned"),
            ("&mut [u8]", "only read"),
        ] {
            let parsed = syn::parse_str(ty).unwrap();
            let said = check_param(&parsed, None).unwrap_err().to_string();
            assert!(said.contains(words), "{ty}: {said}");
        }
    }
}
