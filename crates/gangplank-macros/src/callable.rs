//! A function, method or constructor on its way across: what its tokens say, and how its types are spoken of.
//!
//! Types are resolved by traits, so everything here is a projection such as `<T as Arg>::Abi`. Each is spanned like the
//! user's token: whatever is wrong with a type is shown there.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Type};

use crate::common::{Common, prefix, snake, stand_in};
use crate::signature::{self, Param};

/// What is exported.
pub(crate) struct Callable {
    pub(crate) common: Common,
    pub(crate) ident: Ident,
    pub(crate) role: Role,
    pub(crate) is_async: bool,
    pub(crate) hop: bool,
    pub(crate) params: Vec<Param>,
    pub(crate) result: Type,
}

/// Where a function belongs.
pub(crate) enum Role {
    Free,
    Constructor(Owner),
    Method(Owner),
}

/// The object of a constructor or method.
#[derive(Clone)]
pub(crate) struct Owner {
    /// Its type.
    pub(crate) ty: Type,
    /// Its exposed name.
    pub(crate) name: String,
}

/// The projections of a function's result.
pub(crate) struct Results {
    /// The success, which implements `Output`.
    pub(crate) ok: TokenStream,
    /// `<ok as Output>`.
    pub(crate) output: TokenStream,
    /// `<err as Failure>`.
    pub(crate) failure: TokenStream,
}

impl Callable {
    /// The object it belongs to.
    pub(crate) fn owner(&self) -> Option<&Owner> {
        match &self.role {
            Role::Free => None,
            Role::Constructor(owner) | Role::Method(owner) => Some(owner),
        }
    }

    /// Whether it makes an object.
    pub(crate) fn is_constructor(&self) -> bool {
        matches!(self.role, Role::Constructor(_))
    }

    /// Whether it is called on an object.
    pub(crate) fn is_method(&self) -> bool {
        matches!(self.role, Role::Method(_))
    }

    /// What tokens show to be wrong.
    pub(crate) fn check(&self) -> syn::Result<()> {
        if self.hop && !self.is_async {
            let message =
                "`hop` is for async functions: a sync one always runs on the caller's thread";
            return Err(syn::Error::new(self.ident.span(), message));
        }
        Ok(())
    }

    /// `my_timer_timer_echo`.
    pub(crate) fn symbol(&self) -> String {
        if let Some(function) = self.common.given_function() {
            return function.symbol;
        }
        let name = snake(&self.common.name);
        match self.owner() {
            Some(owner) => format!("{}_{}_{name}", prefix(), snake(&owner.name)),
            None => format!("{}_{name}", prefix()),
        }
    }

    /// The names of the C parameters, which no parameter of the user has.
    pub(crate) fn raw(&self) -> Vec<Ident> {
        self.params.iter().map(Param::raw).collect()
    }

    /// The parameters' types, `Self` spelled out.
    pub(crate) fn types(&self) -> Vec<TokenStream> {
        let owner = self.owner().map(|owner| &owner.ty);
        self.params
            .iter()
            .map(|param| signature::named(&param.ty, owner))
            .collect()
    }

    /// `<T as Arg>` for each parameter, `<T as ConstructorArg>` for those of a constructor, where `T` is what stands for its
    /// type.
    pub(crate) fn args(&self) -> Vec<TokenStream> {
        let arg = |(param, ty): (&Param, TokenStream)| match param.stand_in() {
            Some(stand_in) => self.arg(&quote!(#stand_in), Span::call_site()),
            None => self.arg(&ty, param.ty.span()),
        };
        self.params.iter().zip(self.types()).map(arg).collect()
    }

    /// The same of the types themselves, spanned there: whatever is wrong with one is shown where this is used, and only
    /// there.
    pub(crate) fn insisting_args(&self) -> Vec<TokenStream> {
        let arg = |(param, ty): (&Param, TokenStream)| self.arg(&ty, param.ty.span());
        self.params.iter().zip(self.types()).map(arg).collect()
    }

    fn arg(&self, ty: &TokenStream, span: Span) -> TokenStream {
        let bound = format_ident!(
            "{}",
            if self.is_constructor() {
                "ConstructorArg"
            } else {
                "Arg"
            }
        );
        quote_spanned!(span=> <#ty as ::gangplank::types::#bound<'static>>)
    }

    /// Declares what stands for the types of parameters and result.
    pub(crate) fn stand_ins(&self) -> TokenStream {
        let has = match self.is_constructor() {
            true => "IS_CONSTRUCTOR_ARG",
            false => "IS_ARG",
        };
        let params = self.params.iter().zip(self.types());
        let params = params.filter_map(|(param, ty)| Some(stand_in(&param.stand_in()?, &ty, has)));
        let result = (!self.is_constructor())
            .then(|| stand_in(&format_ident!("__GpResult"), &self.result(), "IS_RETURN"));
        quote!(#(#params)* #result)
    }

    /// The result's type, `Self` spelled out.
    pub(crate) fn result(&self) -> TokenStream {
        signature::named(&self.result, self.owner().map(|owner| &owner.ty))
    }

    /// What the glue takes for the result's type.
    pub(crate) fn returned(&self) -> TokenStream {
        match self.is_constructor() {
            true => self.result(),
            false => quote!(__GpResult),
        }
    }

    /// The projections of what stands for the result.
    pub(crate) fn results(&self) -> Results {
        let span = if self.is_constructor() {
            self.result.span()
        } else {
            Span::call_site()
        };
        self.projections(&self.returned(), span)
    }

    /// The projections of the result itself: see [`Self::insisting_args`].
    pub(crate) fn insisting_results(&self) -> Results {
        self.projections(&self.result(), self.result.span())
    }

    fn projections(&self, result: &TokenStream, span: Span) -> Results {
        let (ok, err) = match &self.role {
            Role::Constructor(owner) => {
                let owner = &owner.ty;
                (
                    quote_spanned!(span=> ::gangplank::glue::Handle<#owner>),
                    quote_spanned!(span=> <#result as ::gangplank::glue::Constructed<#owner>>::Err),
                )
            }
            _ => (
                quote_spanned!(span=> <#result as ::gangplank::types::Return>::Ok),
                quote_spanned!(span=> <#result as ::gangplank::types::Return>::Err),
            ),
        };
        Results {
            output: quote_spanned!(span=> <#ok as ::gangplank::types::Output>),
            failure: quote_spanned!(span=> <#err as ::gangplank::types::Failure>),
            ok,
        }
    }

    /// The form of the function: folded from its types when it may be scalar.
    pub(crate) fn shape(&self) -> TokenStream {
        if self.is_async || self.is_constructor() {
            return quote!(::gangplank::types::Compound);
        }
        let output = self.results().output;
        let fold = |all, arg: &TokenStream| quote!(::gangplank::glue::All<#all, #arg::Kind>);
        self.args().iter().fold(quote!(#output::Kind), fold)
    }

    /// Everything that stands beside the user's function.
    pub(crate) fn export(&self) -> TokenStream {
        let stand_ins = self.stand_ins();
        let description = self.description();
        let inner = self.inner();
        let (direct, uniform) = (self.direct(), self.uniform());
        let entry = self.entry();
        quote! {
            #[allow(deprecated, non_snake_case, reason = "what is deprecated crosses all the same, and names are the author's")]
            const _: () = {
                #stand_ins
                #description
                #inner
                #direct
                #uniform
                #entry
            };
        }
    }
}
