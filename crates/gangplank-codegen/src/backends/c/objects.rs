//! Functions, objects, host functions and events as parts of the header.

use gangplank_model::lowered::{
    Event, Function, HostFunction, Library, Mode, Object, Param, ParamsStruct, Return, Shape,
    TypeId,
};

use super::view::{self, Struct};
use super::{C, docs, literals, names, spell, types};
use crate::backend::{Context, Owner};

/// An object without its functions, which follow.
pub(super) fn object(c: &mut C, object: &Object) {
    c.header.objects.push(view::Object {
        name: object.c_name.clone(),
        docs: format!(
            "{}\nA handle: any number of threads may use it at once. It ends with {}_close.",
            docs::item(&object.common),
            object.c_name
        ),
        functions: Vec::new(),
        host_functions: Vec::new(),
        events: Vec::new(),
    });
}

/// The items of an rpc, which any module may implement.
fn expects(function: &Function) -> Vec<view::Expected> {
    if function.proto.is_none() {
        return Vec::new();
    }
    let number = |number: u64| format!("UINT64_C(0x{number:016x})");
    let items = function.depends.iter().map(|item| view::Expected {
        path: item.path.clone(),
        path_len: item.path.len(),
        hash: number(item.hash),
        abi_hash: number(item.abi_hash),
    });
    items.collect()
}

/// A declaration, with the struct of its results when there are several.
pub(super) fn function(c: &mut C, cx: &mut Context<'_>, owner: Owner<'_>, function: &Function) {
    if cx.refuses_streams("C", function) {
        return;
    }
    let library = cx.library;
    c.names
        .given(&function.symbol, "a function", Some(&function.common));
    c.names.given(
        &function.entry_symbol,
        "the entry of a function",
        Some(&function.common),
    );
    let returns = format!("{} ", function.return_c_name);
    let start = returns.len() + function.symbol.len() + 1;
    let declared = view::Function {
        docs: docs::function(library, owner, function),
        params: spell::wrapped(start, &params(library, owner, function)),
        returns,
        name: function.symbol.clone(),
        entry: function.entry_symbol.clone(),
        expects: expects(function),
    };
    c.header.entries.push(view::Entry {
        name: function.entry_symbol.clone(),
        abi_hash: format!("UINT64_C(0x{:016x})", function.abi_hash),
    });
    c.header
        .items
        .extend(function.depends.iter().map(|item| view::Item {
            path: item.path.clone(),
            hash: format!("UINT64_C(0x{:016x})", item.hash),
        }));
    if let Some(results) = &function.results_struct {
        types::results(c, library, function, results);
    }
    match owner {
        Owner::Library => c.header.functions.push(declared),
        Owner::Constructor(_) | Owner::Method(_) => {
            if let Some(object) = c.header.objects.last_mut() {
                object.functions.push(declared);
            }
        }
    }
}

fn params(library: &Library, owner: Owner<'_>, function: &Function) -> Vec<String> {
    let mut params = Vec::new();
    if let Owner::Method(_) = owner {
        params.push("uint64_t self".to_owned());
    }
    params.extend(
        function
            .params
            .iter()
            .map(|param| spell::param(library, param)),
    );
    if function.ret == Return::Out {
        match (&function.results_struct, function.results.first()) {
            (Some(results), _) => params.push(format!("{} *out", results.c_name)),
            (None, Some(result)) => {
                params.push(format!("{} *out", spell::stored(library, *result)))
            }
            (None, None) => {}
        }
        params.push("gp_call *call".to_owned());
    }
    if function.mode == Mode::Async {
        params.push("gp_done done".to_owned());
        params.push("void *user_data".to_owned());
    }
    if params.is_empty() {
        params.push("void".to_owned());
    }
    params
}

/// The request and the typed wrappers of a host function.
pub(super) fn host_function(
    c: &mut C,
    cx: &mut Context<'_>,
    object: &Object,
    function: &HostFunction,
) {
    let library = cx.library;
    let request = params_struct(
        c,
        cx,
        &function.common.path,
        &function.request,
        &function.params,
    );
    let name = |verb: &str| names::wrapper(&object.c_name, verb, &function.common.name);
    let (set, answer, fail) = (name("set"), name("answer"), name("fail"));
    let callback = format!("{set}_fn");
    for generated in [&set, &answer, &fail, &callback] {
        c.names.made(generated, Some(&function.common));
    }
    let (result_param, result_args) = value_param(library, function.result, "result");
    let (error_param, error_args) = value_param(library, Some(function.error), "error");
    let view = view::HostFunction {
        docs: host_docs(&docs::item(&function.common), function.deadline_ms),
        wire: literals::text(&function.wire),
        callback,
        request,
        set,
        answer,
        result_param,
        result_args,
        fail,
        error_param,
        error_args,
    };
    if let Some(object) = c.header.objects.last_mut() {
        object.host_functions.push(view);
    }
}

fn host_docs(text: &str, deadline_ms: Option<u64>) -> String {
    let deadline = deadline_ms.map_or(String::new(), |ms| format!(" The library waits {ms} ms."));
    let contract = docs::wrap(&format!(
        "Lets `fn` answer, for this object or with self = 0 for objects made from now on; NULL takes it back.{deadline} \
         [borrowed] request: until the answer or the cancel. [kept] user_data: until `release` has run. Any thread."
    ));
    format!("{text}\n{contract}").trim().to_owned()
}

/// How an answer is passed: `, gp_string result` and `&result, sizeof(result)`.
fn value_param(library: &Library, ty: Option<TypeId>, name: &str) -> (String, String) {
    let Some(ty) = ty else {
        return (String::new(), "NULL, 0".to_owned());
    };
    match library.ty(ty).shape {
        Shape::Record(_)
        | Shape::Variant(_)
        | Shape::List(_)
        | Shape::Option(_)
        | Shape::Map { .. } => (
            format!(", const {} *{name}", library.ty(ty).c_name),
            format!("{name}, sizeof(*{name})"),
        ),
        _ => (
            format!(", {}", spell::stored_as(library, ty, name)),
            format!("&{name}, sizeof({name})"),
        ),
    }
}

/// The payload and the typed subscription of an event.
pub(super) fn event(c: &mut C, cx: &mut Context<'_>, object: &Object, event: &Event) {
    let payload = params_struct(c, cx, &event.common.path, &event.payload, &event.params);
    let on = names::wrapper(&object.c_name, "on", &event.common.name);
    let callback = format!("{on}_fn");
    c.names.made(&on, Some(&event.common));
    c.names.made(&callback, Some(&event.common));
    let contract = "Calls `fn` for each of these events, one at a time and apart from calls.\n\
                    [borrowed] event: for the invocation. [kept] user_data: until `release` has run. Any thread.";
    let docs = format!("{}\n{contract}", docs::item(&event.common))
        .trim()
        .to_owned();
    let view = view::Event {
        docs,
        wire: literals::text(&event.wire),
        callback,
        payload,
        on,
    };
    if let Some(object) = c.header.objects.last_mut() {
        object.events.push(view);
    }
}

/// Defines a struct of parameters once; what a pointer to it points to, `void` without parameters.
fn params_struct(
    c: &mut C,
    cx: &mut Context<'_>,
    path: &str,
    shape: &ParamsStruct,
    params: &[Param],
) -> String {
    if params.is_empty() {
        return "void".to_owned();
    }
    if !c.requests.contains(&shape.c_name) {
        c.requests.push(shape.c_name.clone());
        c.header
            .offsets
            .extend(spell::param_offsets(&shape.c_name, params));
        let members = spell::params(cx.library, params);
        let body = Struct {
            name: shape.c_name.clone(),
            members,
            union: Vec::new(),
        };
        types::push(c, format!("What {path} passes."), body, shape.size);
    }
    shape.c_name.clone()
}
