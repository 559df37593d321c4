//! Objects, the functions that the library calls, and events.

use gangplank_model::diagnostics::Named;
use gangplank_model::lowered::{Event, Function, HostFunction, Object};

use super::functions::params;
use super::names::{self, Names};
use super::spell::{self, Scope, Spelling};
use super::{docs, types, view};
use crate::backend::Owner;

/// What every object says of itself.
const CONTRACT: &str = "Safe for use by several threads and event loops. Close it when done, or use it in a `with` statement.";

/// The names of a class, which hide those of the file inside it.
pub(super) fn members(with: &Spelling<'_>, object: &Object) -> Vec<String> {
    let functions = object.constructors.iter().chain(&object.methods);
    let functions = functions.map(|function| &function.common);
    let events = object.events.iter().map(|event| &event.common);
    functions
        .chain(events)
        .map(|common| names::item(with.library, with.options, common))
        .collect()
}

/// A class; its functions, host functions and events follow.
pub(super) fn object(with: &Spelling<'_>, names: &mut Names, object: &Object) -> view::Object {
    let name = names::class(with.options, &object.common);
    names.claim((Named::Item, &object.common), "", &name);
    let scope = format!("{name}.");
    names.reserve(&scope, "close");
    if !object.events.is_empty() {
        names.reserve(&scope, "on_events_dropped");
    }
    let members = members(with, object);
    view::Object {
        path: object.common.path.clone(),
        this: with.named(name.clone(), &members),
        subscription: match object.events.is_empty() {
            true => String::new(),
            false => with.named("Subscription".to_owned(), &members),
        },
        docs: types::item_docs(&object.common, CONTRACT, 4),
        name,
        functions: Vec::new(),
        hosts: Vec::new(),
        events: Vec::new(),
        words: with.words(&members),
    }
}

/// A constructor or method.
pub(super) fn function(
    with: &Spelling<'_>,
    names: &mut Names,
    owner: Owner<'_>,
    object: &Object,
    function: &Function,
) -> view::Function {
    let scope = format!("{}.", names::class(with.options, &object.common));
    let members = members(with, object);
    let view = super::functions::function(with, names, owner, function, &members);
    names.claim((Named::Part, &function.common), &scope, &view.name);
    view
}

/// A function that the program gives to the library: for an object, and for all.
pub(super) fn hooks(
    with: &Spelling<'_>,
    names: &mut Names,
    object: &Object,
    function: &HostFunction,
) -> [view::Hook; 2] {
    let name = names::item(with.library, with.options, &function.common);
    let scope = format!("{}.", names::class(with.options, &object.common));
    let own = format!("set_{name}");
    names.claim((Named::Part, &function.common), &scope, &own);
    let text = format!(
        "Lets `fn` answer when the library asks; `None` takes it back.\n\n{}\n\nIt is an `async def`, or a plain \
         function, which runs in a thread. What it raises reaches the\nlibrary as an error. `deadline` is in seconds.",
        types::item_text(&function.common, "")
    );
    let of_all = format!(
        "`set_{name}` for all objects made from now on, until they have a function of their own."
    );
    let members = members(with, object);
    let hook = |name: String, text: &str, indent: usize, scope: &Scope| view::Hook {
        name,
        wire: spell::text(&function.wire),
        docs: docs::string(text, indent),
        callable: callable(with, function, scope),
    };
    [
        hook(own, &text, 8, &members),
        hook(format!("set_default_{name}"), &of_all, 4, &[]),
    ]
}

/// The type of a host function: it may be awaited or not.
fn callable(with: &Spelling<'_>, function: &HostFunction, scope: &Scope) -> String {
    let params: Vec<String> = function
        .params
        .iter()
        .map(|param| with.annotation(param.ty, scope))
        .collect();
    let result: Vec<_> = function.result.iter().copied().collect();
    let result = with.results(&result, scope);
    format!(
        "_abc.Callable[[{}], _abc.Awaitable[{result}] | {result}] | None",
        params.join(", ")
    )
}

/// A subscription with a function, and one to iterate over.
pub(super) fn event(
    with: &Spelling<'_>,
    names: &mut Names,
    object: &Object,
    event: &Event,
) -> view::Event {
    let name = names::item(with.library, with.options, &event.common);
    let scope = format!("{}.", names::class(with.options, &object.common));
    names.claim((Named::Part, &event.common), &scope, &name);
    names.claim((Named::Part, &event.common), &scope, &format!("on_{name}"));
    let members = members(with, object);
    let params = params(with, names, &event.common, &event.params, &members);
    let values: Vec<_> = event.params.iter().map(|param| param.ty).collect();
    let of_all: Vec<&str> = params.iter().map(|(_, ty)| ty.as_str()).collect();
    let text = types::item_text(&event.common, "");
    let docs = docs::paragraphs(&[
        &text,
        "Subscribes at once, in the event loop that runs; ends with the object, with `aclose`, or when nobody has it.",
    ]);
    let listens =
        "Calls `fn` for each event, one at a time and apart from calls, until `cancel` or `close`.";
    view::Event {
        wire: spell::text(&event.wire),
        docs: docs::string(&docs, 8),
        on_docs: docs::string(&docs::paragraphs(&[&text, listens]), 8),
        params: format!("[{}]", of_all.join(", ")),
        value: with.results(&values, &members),
        name,
    }
}
