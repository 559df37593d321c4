//! Objects, the functions that the library calls, and events.

use gangplank_model::diagnostics::{Named, codes};
use gangplank_model::lowered::{Event, HostFunction, Object, Param, ParamsStruct, Shape};

use super::{Go, convert, docs, names, spell, view};
use crate::backend::Context;

/// A type with `Close`; its functions, host functions and events follow.
pub(super) fn object(go: &mut Go, cx: &mut Context<'_>, object: &Object) {
    let name = names::item(cx, &object.common);
    go.names.claim(cx, (Named::Item, &object.common), "", &name);
    let scope = format!("{name}.");
    go.names.reserve(&scope, "Close");
    if !object.events.is_empty() {
        go.names.reserve(&scope, "OnEventsDropped");
    }
    let known = go.known(cx).clone();
    go.view.objects.push(view::Object {
        docs: docs::paragraphs(&[
            format!("{}\n{CONTRACT}", docs::text(&object.common.docs, &known)).trim(),
            &docs::deprecation(object.common.deprecated.as_deref()),
        ]),
        receiver: names::receiver(&name),
        open: convert::open(&name),
        name,
        constructors: Vec::new(),
        methods: Vec::new(),
        hosts: Vec::new(),
        events: Vec::new(),
    });
}

const CONTRACT: &str = "Safe for use by several goroutines. Close it when done.";

/// A function that the program gives to the library, for one object or for all.
pub(super) fn host_function(
    go: &mut Go,
    cx: &mut Context<'_>,
    object: &Object,
    function: &HostFunction,
) {
    let owner = names::item(cx, &object.common);
    let name = names::item(cx, &function.common);
    go.names.claim(
        cx,
        (Named::Part, &function.common),
        &format!("{owner}."),
        &format!("Set{name}"),
    );
    super::functions::distinct_params(cx, &function.common, &function.params, "");
    for param in &function.params {
        go.uses.lift(cx.library, param.ty);
    }
    for ty in function.result.iter().chain([&function.error]) {
        go.uses.lower(cx.library, *ty);
    }
    let host = host(go, cx, owner, name, function);
    match go.view.defaults.iter().find(|other| other.wire == host.wire) {
        None => {
            go.names.claim(cx, (Named::Part, &function.common), "", &format!("SetDefault{}", host.name));
            go.view.defaults.push(host.clone());
        }
        Some(other) if other.callback == host.callback && other.lift.c_type == host.lift.c_type => {}
        Some(_) => cx.error(
            codes::TARGET_NAME_TWICE,
            &function.common,
            format!("two host functions with the wire name `{}` differ: a function for all objects could serve only one", function.wire),
            "give one of them another name with `#[gangplank(wire = \"…\")]`",
        ),
    }
    go.view.hosts.push(host.clone());
    if let Some(object) = go.view.objects.last_mut() {
        object.hosts.push(host);
    }
}

fn host(
    go: &mut Go,
    cx: &Context<'_>,
    object: String,
    name: String,
    function: &HostFunction,
) -> view::Host {
    let library = cx.library;
    let known = go.known(cx).clone();
    let mut params = vec![("ctx".to_owned(), "context.Context".to_owned())];
    params.extend(
        function
            .params
            .iter()
            .map(|param| (names::param(&param.name, ""), spell::go_type(cx, param.ty))),
    );
    let result = function.result.map(|ty| spell::go_type(cx, ty));
    let results = result.map_or("error".to_owned(), |ty| format!("({ty}, error)"));
    let declared = library.ty(function.error);
    view::Host {
        docs: docs::function("fn", &function.common.docs, &known),
        receiver: names::receiver(&object),
        callback: format!("func({}) {results}", spell::params(&params)),
        wire: spell::quoted(function.wire.as_bytes()),
        deadline_ms: function.deadline_ms.unwrap_or(0),
        members: members(cx, &function.params),
        lift: lifted(cx, &function.request, &function.params, &name),
        args: function
            .params
            .iter()
            .map(|param| format!(", args.{}", names::exported(&param.name)))
            .collect(),
        result_type: function
            .result
            .map_or(String::new(), |ty| spell::c_stored(library, ty).to_owned()),
        result_lower: function
            .result
            .map_or(String::new(), |ty| convert::lower(cx, ty, "*p", "result")),
        error_type: declared.c_name.clone(),
        error_is_text: matches!(declared.shape, Shape::String),
        error_lower: convert::name(library, "lower", function.error),
        serve: names::internal("serve", &[&object, &name]),
        object,
        name,
    }
}

/// The fields of a Go struct of parameters.
fn members(cx: &Context<'_>, params: &[Param]) -> Vec<view::Member> {
    let line = |param: &Param| {
        (
            String::new(),
            names::exported(&param.name),
            spell::go_type(cx, param.ty),
        )
    };
    view::aligned(params.iter().map(line).collect())
}

/// How a struct of parameters is read into `v`, a struct with [`members`].
fn lifted(cx: &Context<'_>, shape: &ParamsStruct, params: &[Param], name: &str) -> view::Lifted {
    let place = |param: &Param| format!("p.{}", names::c_member(&param.c_name));
    let places: Vec<_> = params
        .iter()
        .map(|param| (param.ty, place(param)))
        .collect();
    let statements: Vec<String> = params
        .iter()
        .map(|param| {
            let go = names::exported(&param.name);
            format!(
                "v.{go} = {}",
                convert::lift(cx, param.ty, &place(param), &format!("{name}.{go}"))
            )
        })
        .collect();
    if params.is_empty() {
        return view::Lifted::default();
    }
    let reads = params
        .iter()
        .any(|param| convert::needs_reader(cx.library, param.ty));
    view::Lifted {
        c_type: shape.c_name.clone(),
        reader: if reads {
            convert::reader(cx.library, &places)
        } else {
            String::new()
        },
        statements,
    }
}

/// A subscription with a function, and one to range over.
pub(super) fn event(go: &mut Go, cx: &mut Context<'_>, object: &Object, event: &Event) {
    let library = cx.library;
    let owner = names::item(cx, &object.common);
    let name = names::item(cx, &event.common);
    let scope = format!("{owner}.");
    go.names
        .claim(cx, (Named::Part, &event.common), &scope, &name);
    go.names.claim(
        cx,
        (Named::Part, &event.common),
        &scope,
        &format!("On{name}"),
    );
    for param in &event.params {
        go.uses.lift(library, param.ty);
    }
    let mut lift = lifted(cx, &event.payload, &event.params, &name);
    let (callback, value, members) = match event.params.as_slice() {
        [] => ("func()".to_owned(), "struct{}".to_owned(), Vec::new()),
        [only] => {
            let ty = spell::go_type(cx, only.ty);
            for statement in &mut lift.statements {
                let (_, rest) = statement.split_once(" = ").unwrap_or_default();
                *statement = format!("v = {rest}");
            }
            (
                format!("func({} {ty})", names::param(&only.name, "")),
                ty,
                Vec::new(),
            )
        }
        several => {
            let value = format!("{name}Args");
            go.names.claim(cx, (Named::Part, &event.common), "", &value);
            (format!("func(event {value})"), value, members(cx, several))
        }
    };
    let known = go.known(cx).clone();
    let view = view::Event {
        docs: docs::text(&event.common.docs, &known),
        receiver: names::receiver(&owner),
        wire: spell::quoted(event.wire.as_bytes()),
        listener: match event.params.is_empty() {
            true => "withoutValue(fn)",
            false => "fn",
        },
        subscribe: names::internal("subscribe", &[&name]),
        object: owner,
        name,
        callback,
        value,
        members,
        lift,
    };
    go.view.events.push(view.clone());
    if let Some(object) = go.view.objects.last_mut() {
        object.events.push(view);
    }
}
