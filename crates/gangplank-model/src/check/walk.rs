//! Every place of the interface where a type stands, with what it is there for.

use crate::model::{Common, Declaration, Function, Id, Interface, Param, Role, Type};

/// What a type is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use<'a> {
    /// A field of a record or case.
    Field(&'a str),
    /// A parameter of a function or method.
    Param(&'a str),
    /// A parameter of a constructor.
    ConstructorParam(&'a str),
    /// A parameter of a host function or event.
    HostParam(&'a str),
    /// A result of a function or method.
    Result,
    /// A result of a constructor.
    ConstructorResult,
    /// A result of a host function.
    HostResult,
    /// An error.
    Error,
    /// A constant's type.
    Constant,
}

impl Use<'_> {
    /// For messages.
    pub(super) fn text(self) -> String {
        match self {
            Use::Field(name) => format!("the field `{name}`"),
            Use::Param(name) | Use::ConstructorParam(name) | Use::HostParam(name) => {
                format!("the parameter `{name}`")
            }
            Use::Result | Use::ConstructorResult | Use::HostResult => "the result".to_owned(),
            Use::Error => "the error".to_owned(),
            Use::Constant => "the constant".to_owned(),
        }
    }
}

/// All functions: free ones, constructors and methods.
pub(super) fn functions(interface: &Interface<Id>) -> impl Iterator<Item = &Function<Id>> {
    let members = interface
        .objects
        .iter()
        .flat_map(|object| object.constructors.iter().chain(&object.methods));
    interface.functions.iter().chain(members)
}

/// Calls `each` for every type that stands somewhere, whole types only.
pub(super) fn types<'a>(
    interface: &'a Interface<Id>,
    each: &mut dyn FnMut(&'a Common, Use<'a>, &'a Type<Id>),
) {
    for declaration in &interface.types {
        let (Declaration::Record(_) | Declaration::Variant(_)) = declaration else {
            continue;
        };
        for field in declaration.fields() {
            each(declaration.common(), Use::Field(&field.name), &field.ty);
        }
    }
    for function in functions(interface) {
        let (param, result): (fn(&'a str) -> Use<'a>, _) = match function.role {
            Role::Constructor => (Use::ConstructorParam, Use::ConstructorResult),
            Role::Free | Role::Method => (Use::Param, Use::Result),
        };
        params(&function.common, &function.params, param, each);
        outcome(
            &function.common,
            &function.results,
            function.error.as_ref(),
            result,
            each,
        );
    }
    for item in &interface.traits {
        for function in &item.functions {
            let common = &function.common;
            params(common, &function.params, Use::HostParam, each);
            outcome(
                common,
                &function.results,
                function.error.as_ref(),
                Use::HostResult,
                each,
            );
        }
        for event in &item.events {
            params(&event.common, &event.params, Use::HostParam, each);
        }
    }
    for constant in &interface.constants {
        each(&constant.common, Use::Constant, &constant.ty);
    }
}

fn params<'a>(
    common: &'a Common,
    params: &'a [Param<Id>],
    role: fn(&'a str) -> Use<'a>,
    each: &mut dyn FnMut(&'a Common, Use<'a>, &'a Type<Id>),
) {
    for param in params {
        each(common, role(&param.name), &param.ty);
    }
}

fn outcome<'a>(
    common: &'a Common,
    results: &'a [Type<Id>],
    error: Option<&'a Type<Id>>,
    role: Use<'a>,
    each: &mut dyn FnMut(&'a Common, Use<'a>, &'a Type<Id>),
) {
    for result in results {
        each(common, role, result);
    }
    if let Some(error) = error {
        each(common, Use::Error, error);
    }
}
