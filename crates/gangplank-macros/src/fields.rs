//! Fields of records and of cases: their description, their C struct, their conversions.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Expr, ExprUnary, Ident, Lit, LitStr, Type, UnOp};

use crate::common::{crossing, deprecation, docs, has, named_value, optional, stand_in, wire_name};
use crate::options::{Errors, Options};

/// One field.
pub(crate) struct Field {
    /// As the user accesses it: `name` or `0`.
    pub(crate) member: syn::Member,
    /// The field of the C struct, and the binding in patterns: no name of the expansion's own.
    pub(crate) binding: Ident,
    /// Its type.
    pub(crate) ty: Type,
    /// What the expansion calls the type: itself, or what stands for one that cannot cross.
    stand_in: Ident,
    /// The exposed name.
    pub(crate) name: String,
    wire: String,
    docs: String,
    deprecated: Option<String>,
    default: Option<TokenStream>,
}

impl Field {
    /// The fields of a struct or case, whose name is `of`; takes our attributes away.
    pub(crate) fn all(fields: &mut syn::Fields, place: &str, of: &Ident) -> syn::Result<Vec<Self>> {
        let mut errors = Errors::default();
        let parsed = fields
            .iter_mut()
            .enumerate()
            .filter_map(|(index, field)| errors.keep(Self::parse(index, field, place, of)));
        let parsed = parsed.collect();
        errors.finish(parsed)
    }

    fn parse(index: usize, field: &mut syn::Field, place: &str, of: &Ident) -> syn::Result<Self> {
        let options = Options::take(&mut field.attrs)?;
        let known: &[&str] = if place == "a field" {
            &["name", "wire", "default"]
        } else {
            &["name", "wire"]
        };
        options.only(known, place)?;
        let member = field
            .ident
            .clone()
            .map_or_else(|| syn::Member::from(index), syn::Member::from);
        let rust = field
            .ident
            .as_ref()
            .map_or_else(|| index.to_string(), |ident| ident.unraw().to_string());
        let binding = format_ident!("__gp_{rust}");
        let wire = match (&options.wire, &field.ident) {
            (Some(wire), _) => wire.value(),
            (None, Some(ident)) => wire_name(ident),
            (None, None) => index.to_string(),
        };
        Ok(Self {
            member,
            binding,
            ty: field.ty.clone(),
            stand_in: format_ident!("__GpAs_{}_{rust}", of.unraw()),
            name: options.name.as_ref().map_or(rust, LitStr::value),
            wire,
            docs: docs(&field.attrs),
            deprecated: deprecation(&field.attrs),
            default: options
                .default
                .as_ref()
                .map(|value| default_literal(value, &field.ty))
                .transpose()?,
        })
    }

    /// `<T as Type>`, spanned like the user's token: whatever is wrong with the type is shown there.
    fn insisting(&self) -> TokenStream {
        let ty = &self.ty;
        quote_spanned!(ty.span()=> <#ty as ::gangplank::Type>)
    }

    /// The same of what stands for the type, so that it is shown once.
    fn bound(&self) -> TokenStream {
        let stand_in = &self.stand_in;
        quote!(<#stand_in as ::gangplank::Type>)
    }

    /// `<… as StandsFor<T>>`, which converts.
    fn convert(&self) -> TokenStream {
        let (crossing, ty) = (crossing(&self.stand_in), &self.ty);
        quote!(<#crossing as ::gangplank::types::StandsFor<#ty>>)
    }

    /// Declares what everything else here speaks of.
    pub(crate) fn declare(&self) -> TokenStream {
        let ty = &self.ty;
        stand_in(&self.stand_in, &quote!(#ty), "IS_TYPE")
    }

    /// The value of `descriptor::Field`.
    pub(crate) fn description(&self) -> TokenStream {
        let bound = self.insisting();
        let Self {
            name, wire, docs, ..
        } = self;
        let deprecated = optional(self.deprecated.as_ref().map(|note| quote!(#note)));
        let default = optional(self.default.clone());
        quote! {
            ::gangplank::descriptor::Field {
                name: #name,
                wire: #wire,
                docs: #docs,
                deprecated: #deprecated,
                schema: #bound::SCHEMA,
                default: #default,
            }
        }
    }

    /// `name: <T as Type>::Abi`.
    pub(crate) fn raw(&self) -> TokenStream {
        let (bound, binding) = (self.bound(), &self.binding);
        quote!(#binding: #bound::Abi)
    }

    /// `member: read(raw.name)?`, with `raw` and `reader` in scope.
    pub(crate) fn read(&self) -> TokenStream {
        let (bound, convert) = (self.bound(), self.convert());
        let Self {
            member,
            binding,
            name,
            ..
        } = self;
        quote! {
            #member: #convert::give(#bound::read(&raw.#binding, reader).map_err(|bad| bad.at_field(#name))?)
        }
    }

    /// The size pass over `binding`, a reference, with `at` in scope.
    pub(crate) fn size(&self) -> TokenStream {
        let (bound, binding, convert) = (self.bound(), &self.binding, self.convert());
        quote!(let at = #bound::size(#convert::lend(#binding), at);)
    }

    /// `name: write(binding)`, with `arena` in scope.
    pub(crate) fn write(&self) -> TokenStream {
        let (bound, binding, convert) = (self.bound(), &self.binding, self.convert());
        quote!(#binding: #bound::write(#convert::take(#binding), arena))
    }

    /// `member: binding`, for patterns.
    pub(crate) fn pattern(&self) -> TokenStream {
        let Self {
            member, binding, ..
        } = self;
        quote!(#member: #binding)
    }

    /// Visits the type.
    pub(crate) fn visit(&self) -> TokenStream {
        let bound = self.bound();
        quote!(#bound::visit(sink);)
    }
}

/// The value of `descriptor::Literal` for what stands after `default =` of a field of this type.
fn default_literal(value: &Expr, ty: &Type) -> syn::Result<TokenStream> {
    let literal = quote!(::gangplank::descriptor::Literal);
    match value {
        Expr::Lit(found) => match &found.lit {
            Lit::Bool(value) => Ok(quote!(#literal::Bool(#value))),
            Lit::Int(value) => Ok(quote!(#literal::Int((#value) as i128))),
            Lit::Float(value) => Ok(quote!(#literal::Float((#value as f64).to_bits()))),
            Lit::Str(value) => Ok(quote!(#literal::String(#value))),
            Lit::ByteStr(value) => Ok(quote!(#literal::Bytes(#value))),
            other => Err(bad_default(other)),
        },
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_),
            expr,
            ..
        }) => match &**expr {
            Expr::Lit(found) if matches!(found.lit, Lit::Int(_)) => {
                Ok(quote!(#literal::Int((#value) as i128)))
            }
            Expr::Lit(found) if matches!(found.lit, Lit::Float(_)) => {
                Ok(quote!(#literal::Float((#value as f64).to_bits())))
            }
            other => Err(bad_default(other)),
        },
        Expr::Path(path) if path.path.is_ident("None") => Ok(quote!(#literal::None)),
        Expr::Path(path) if path.path.segments.len() > 1 => {
            let name = named_value(path, &has(&quote!(#ty), "IS_TYPE"));
            Ok(quote!(#literal::EnumValue(#name)))
        }
        Expr::Array(array) if array.elems.is_empty() => Ok(quote!(#literal::Empty)),
        other => Err(bad_default(other)),
    }
}

fn bad_default(found: &impl ToTokens) -> syn::Error {
    let message = "a default is a literal, a value of an enum (`Color::Red`), `None` or `[]`";
    syn::Error::new(found.span(), message)
}
