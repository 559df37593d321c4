//! Functions as the public file shows them.

use gangplank_model::diagnostics::{Named, codes};
use gangplank_model::lowered::{Common, Function, Library, Mode, Param, Shape};

use super::{Go, docs, names, spell, view};
use crate::backend::{Context, Owner};

/// Adds a function to the public file and to the crossing file.
pub(super) fn function(go: &mut Go, cx: &mut Context<'_>, owner: Owner<'_>, function: &Function) {
    if cx.refuses_streams("Go", function) {
        return;
    }
    let name = names::item(cx, &function.common);
    let (named, scope) = match owner {
        Owner::Library => (Named::Item, String::new()),
        Owner::Constructor(_) => (Named::Part, String::new()),
        Owner::Method(object) => (Named::Part, format!("{}.", names::item(cx, &object.common))),
    };
    go.names.claim(cx, (named, &function.common), &scope, &name);
    for param in &function.params {
        go.uses.lower(cx.library, param.ty);
    }
    for ty in function.results.iter().chain(&function.error) {
        go.uses.lift(cx.library, *ty);
    }
    let receiver = receiver_name(cx, owner);
    distinct_params(cx, &function.common, &function.params, &receiver);
    let public = public(go, cx, owner, function, &name);
    match (owner, go.view.objects.last_mut()) {
        (Owner::Constructor(_), Some(object)) => object.constructors.push(public),
        (Owner::Method(_), Some(object)) => object.methods.push(public),
        _ => go.view.functions.push(public),
    }
    let symbol = local(cx.library, &function.symbol);
    go.view
        .entries
        .push(local(cx.library, &function.entry_symbol));
    go.view.symbols.push(symbol);
    let crossing = super::crossing::crossing(cx, owner, function, &name);
    if crossing.c.is_direct {
        go.view.directs.push(super::crossing::direct(&crossing.out));
    }
    go.view.crossings.push(crossing);
    go.items.extend(function.depends.iter().cloned());
}

/// Parameters that would have one name in Go are reported: `type` becomes `typeArg`, which another may be.
pub(super) fn distinct_params(
    cx: &mut Context<'_>,
    item: &Common,
    params: &[Param],
    receiver: &str,
) {
    for (index, param) in params.iter().enumerate() {
        let name = names::param(&param.name, receiver);
        if let Some(other) = params[..index]
            .iter()
            .find(|other| names::param(&other.name, receiver) == name)
        {
            let message = format!(
                "the parameters `{}` and `{}` of `{}` are both `{name}` in Go",
                other.name, param.name, item.path
            );
            cx.error(
                codes::TARGET_NAME_TWICE,
                item,
                message,
                names::part_help(item),
            );
        }
    }
}

/// A symbol without the library's name.
pub(super) fn local(library: &Library, symbol: &str) -> String {
    symbol
        .strip_prefix(&format!("{}_", library.prefix))
        .unwrap_or(symbol)
        .to_owned()
}

fn public(
    go: &mut Go,
    cx: &Context<'_>,
    owner: Owner<'_>,
    function: &Function,
    name: &str,
) -> view::Function {
    let mut params: Vec<(String, String)> = Vec::new();
    let mut args: Vec<String> = Vec::new();
    if function.mode == Mode::Async {
        params.push(("ctx".to_owned(), "context.Context".to_owned()));
        args.push("ctx".to_owned());
    }
    let own = receiver_name(cx, owner);
    let mut known = go.known(cx).clone();
    for param in &function.params {
        let param_name = names::param(&param.name, &own);
        know(&mut known, cx, param, &param_name);
        params.push((param_name.clone(), spell::go_type(cx, param.ty)));
        args.push(param_name);
    }
    let receiver = receiver(cx, owner);
    let target = if own.is_empty() {
        String::new()
    } else {
        format!("{own}.")
    };
    let results = result_types(cx, owner, function);
    let results = if results.is_empty() {
        "error".to_owned()
    } else {
        format!("({}, error)", results.join(", "))
    };
    view::Function {
        docs: docs::paragraphs(&[
            &docs::function(name, &function.common.docs, &known),
            &docs::values(function, |param| names::param(param, &own), &known),
            &error_docs(cx, function),
            &docs::deprecation(function.common.deprecated.as_deref()),
        ]),
        signature: format!(
            "func {receiver}{name}({}) {results}",
            spell::params(&params)
        ),
        body: format!(
            "return {target}{}({})",
            names::internal("call", &[name]),
            args.join(", ")
        ),
    }
}

/// What docs call a parameter and its fields.
fn know(known: &mut docs::Known, cx: &Context<'_>, param: &Param, name: &str) {
    known.insert(param.name.clone(), name.to_owned());
    if let Shape::Record(record) = &cx.library.ty(param.ty).shape {
        for field in &record.fields {
            let go = names::field(&field.name, record.fields.len());
            known.insert(
                format!("{}.{}", param.name, field.name),
                format!("{name}.{go}"),
            );
        }
    }
}

/// Which errors a function has.
fn error_docs(cx: &Context<'_>, function: &Function) -> String {
    let Some(Shape::Variant(error)) = function.error.map(|ty| &cx.library.ty(ty).shape) else {
        return String::new();
    };
    let cases: Vec<String> = error
        .cases
        .iter()
        .map(|case| match super::types::case_names(cx, error, case) {
            (name, true) => name,
            (name, false) => format!("a *{name}"),
        })
        .collect();
    match cases.split_last() {
        Some((only, [])) => format!("The library's own error is {only}."),
        Some((last, rest)) => format!(
            "The library's own errors are {} and {last}.",
            rest.join(", ")
        ),
        None => String::new(),
    }
}

/// `(t *Timer) ` of a method.
pub(super) fn receiver(cx: &Context<'_>, owner: Owner<'_>) -> String {
    match owner {
        Owner::Method(object) => format!(
            "({} *{}) ",
            receiver_name(cx, owner),
            names::item(cx, &object.common)
        ),
        _ => String::new(),
    }
}

pub(super) fn receiver_name(cx: &Context<'_>, owner: Owner<'_>) -> String {
    match owner {
        Owner::Method(object) => names::receiver(&names::item(cx, &object.common)),
        _ => String::new(),
    }
}

pub(super) fn result_types(cx: &Context<'_>, owner: Owner<'_>, function: &Function) -> Vec<String> {
    match owner {
        Owner::Constructor(object) => vec![format!("*{}", names::item(cx, &object.common))],
        _ => function
            .results
            .iter()
            .map(|ty| spell::go_type(cx, *ty))
            .collect(),
    }
}
