//! Wanted functions against those that are there.
//!
//! Comes in: what a module wants and what its package declares. Goes out: how to call each function, value by value, or a
//! diagnostic with both shapes and the user's line. Decided here, before anything is built, so that templates never
//! guess and the compiler never complains about generated code.

use std::cell::RefCell;

use gangplank_model::diagnostics::codes;
use gangplank_model::{Diagnostic, Diagnostics};

use super::signature::{Function, Package, Place};
use super::templates::Import;
pub use super::types::GoType;
use super::types::{Types, Under};
use super::wanted::{Module, Shape, Wanted};
use super::workspace::Workspace;
use crate::backends::go::names;

mod fit;

/// How a function is called.
#[derive(Clone, Debug)]
pub struct Call {
    /// The rpc.
    pub rpc: String,
    /// The function's name in its package.
    pub function: String,
    /// Where the user declares it.
    pub place: Place,
    /// Whether it takes a `context.Context` first.
    pub context: bool,
    /// Whether its last result is an `error`.
    pub error: bool,
    /// Whether the last of `params` is `...T`. One that the rpc has no field for is left out of the call.
    pub variadic: bool,
    /// The parameters, without the context.
    pub params: Vec<Convert>,
    /// The results, without the error.
    pub results: Vec<Convert>,
}

/// How a value becomes what the user's function takes, or the reverse for a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Convert {
    /// It is the shape's own type ([`Shape::go`]); never a message or a list of messages.
    Same,
    /// Another type with the same values: `T(x)`.
    Named(GoType),
    /// An integer of another width, sign or name.
    Integer {
        /// The user's type.
        to: GoType,
        /// What it comes down to: `int16`.
        kind: String,
        /// Whether values may not fit, in the direction of this value.
        checked: bool,
    },
    /// A message.
    Record {
        /// Of the guest's own package, or of the definition's `go_package`.
        to: GoType,
        /// `*T` or `T`.
        pointer: bool,
    },
    /// An enum or a oneof's interface.
    Declared(GoType),
    /// Each element by itself.
    List {
        /// The slice's name, if it has one.
        to: Option<GoType>,
        /// How an element goes.
        element: Box<Convert>,
    },
    /// Each pair by itself.
    Map {
        /// The map's name, if it has one.
        to: Option<GoType>,
        /// How a key goes.
        key: Box<Convert>,
        /// How a value goes.
        value: Box<Convert>,
    },
    /// `*T`, nil when absent.
    Option(Box<Convert>),
    /// `*timestamppb.Timestamp` or `*durationpb.Duration`.
    TimeMessage(GoType),
    /// `iter.Seq2[T, error]`.
    Stream(Box<Convert>),
}

/// Which way a value goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// A parameter.
    In,
    /// A result.
    Out,
}

/// How to call every function of a module.
///
/// # Errors
/// One diagnostic for each that is missing or has another shape.
pub(super) fn calls(
    module: &Module,
    import: Option<&Import>,
    package: &Package,
    workspace: &Workspace<'_>,
) -> Result<Vec<Call>, Diagnostics> {
    let home = import.map_or("", |import| &*import.path);
    let types = Types {
        workspace,
        package,
        home,
        messages: match import {
            None => Some(""),
            Some(_) => module.messages.as_deref(),
        },
        declared: match import {
            None => &module.declared,
            Some(_) => &[],
        },
        read: RefCell::default(),
    };
    let mut faults = match import {
        None => taken(module, package),
        Some(_) => Diagnostics::default(),
    };
    let mut calls = Vec::new();
    for wanted in &module.functions {
        match call(&types, wanted) {
            Ok(call) => calls.push(call),
            Err(fault) => faults.push(fault),
        }
    }
    faults.into_result(calls)
}

/// What the files beside the definition declare although the guest, which is of the same package, declares it as well.
fn taken(module: &Module, package: &Package) -> Diagnostics {
    let mut faults = Diagnostics::default();
    let names = package.names();
    for (name, place) in names.filter(|(name, _)| module.declared.iter().any(|one| one == name)) {
        let text = format!("`{name}` is the name of a message, which the guest declares itself");
        faults.push(
            Diagnostic::new(codes::NAME_TAKEN, text)
                .label(place, "declared here as well")
                .help(format!(
                    "leave it out and use the guest's `{name}`, or give it another name"
                )),
        );
    }
    faults
}

fn call(types: &Types<'_>, wanted: &Wanted) -> Result<Call, Diagnostic> {
    let function = function(types.package, wanted)?;
    if types.messages.is_none()
        && wanted
            .params
            .iter()
            .chain(&wanted.results)
            .any(|value| has_message(&value.shape))
    {
        let text = format!(
            "the messages of `{}` have no Go package to come from",
            wanted.rpc
        );
        return Err(Diagnostic::new(codes::MESSAGE_HOME, text)
            .label(&wanted.location, "takes or returns them")
            .help("give the definition a `go_package` that is an import path, or put the implementation beside it"));
    }
    form(types, wanted, function).map_err(|problem| {
        let text = format!("`{}` cannot be called as the rpc `{}`: {problem}", function.name, wanted.rpc);
        Diagnostic::new(codes::FUNCTION_SHAPE, text)
            .label(&function.place, format!("is `{}`", function.text))
            .label(&wanted.location, format!("wants `{}`", wanted.go(&function.name)))
            .help("integers of any kind, `T` and `*T` messages, a `context.Context` first and an `error` last all fit")
    })
}

/// The function by its tag, else by the rpc's name as Go would export it (`get_url` is `GetUrl` or `GetURL`).
fn function<'a>(package: &'a Package, wanted: &Wanted) -> Result<&'a Function, Diagnostic> {
    let candidates = match &wanted.function {
        Some(name) => vec![name.clone()],
        None => vec![names::joined(&wanted.rpc), names::exported(&wanted.rpc)],
    };
    let found = candidates.iter().find_map(|name| package.function(name));
    found.ok_or_else(|| {
        let name = &candidates[0];
        let text = format!("there is no function `{name}` for the rpc `{}`", wanted.rpc);
        let mut diagnostic = Diagnostic::new(codes::FUNCTION_MISSING, text)
            .label(&wanted.location, "called from here")
            .help(format!(
                "declare `{}` in package `{}`",
                wanted.go(name),
                package.name
            ));
        if wanted.function.is_none() {
            diagnostic =
                diagnostic.help("or name another one: `metaffi_function_path: \"function=…\"`");
        }
        diagnostic
    })
}

fn has_message(shape: &Shape) -> bool {
    match shape {
        Shape::Record(_) | Shape::Enum(_) | Shape::Variant(_) => true,
        Shape::List(inner) | Shape::Option(inner) | Shape::Stream(inner) => has_message(inner),
        Shape::Map(_, value) => has_message(value),
        _ => false,
    }
}

/// The form of the call, or what does not fit.
fn form(types: &Types<'_>, wanted: &Wanted, function: &Function) -> Result<Call, String> {
    if function.generic {
        return Err("it has type parameters".into());
    }
    let context = function
        .params
        .first()
        .is_some_and(|first| types.resolve(&first.ty, types.home).under == Under::Context);
    let mut params = &function.params[usize::from(context)..];
    // What is left out of `f(x, more...)` is nobody's business.
    let left_out = function.variadic && params.len() == wanted.params.len() + 1;
    if left_out {
        params = &params[..wanted.params.len()];
    }
    let error = function.results.last().is_some_and(|last| {
        types.resolve(&last.ty, types.home).under == Under::Basic("error".into())
    });
    let results = &function.results[..function.results.len() - usize::from(error)];
    count("parameters", params.len(), wanted.params.len())?;
    count("results", results.len(), wanted.results.len())?;
    let fit = |user: &super::signature::Value, value: &super::wanted::Value, way| {
        types
            .fit(&value.shape, &user.ty, types.home, way)
            .ok_or_else(|| {
                let what = if way == Way::In {
                    "parameter"
                } else {
                    "result"
                };
                format!(
                    "the {what} `{}` is `{}`, wanted is `{}`",
                    value.name,
                    user.ty.text,
                    value.shape.go()
                )
            })
    };
    let converted = |users: &[super::signature::Value], values: &[super::wanted::Value], way| {
        users
            .iter()
            .zip(values)
            .map(|(user, value)| fit(user, value, way))
            .collect::<Result<Vec<_>, _>>()
    };
    Ok(Call {
        rpc: wanted.rpc.clone(),
        function: function.name.clone(),
        place: function.place.clone(),
        context,
        error,
        variadic: function.variadic && !left_out,
        params: converted(params, &wanted.params, Way::In)?,
        results: converted(results, &wanted.results, Way::Out)?,
    })
}

fn count(what: &str, there: usize, wanted: usize) -> Result<(), String> {
    if there == wanted {
        return Ok(());
    }
    Err(format!("it has {there} {what}, wanted are {wanted}"))
}
