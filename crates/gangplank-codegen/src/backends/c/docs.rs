//! What the comment of a function promises: how it ends, who owns what, which thread may call it.
//!
//! Comes in: lowered functions. Goes out: the text of a comment. Everything said here was decided by `lower`.

use gangplank_model::lowered::{Common, Function, Library, Mode, Pass, Return, Shape};

use crate::backend::Owner;
use crate::prose;

/// Columns of a comment's text.
const WIDTH: usize = 117;

/// An item's docs with its deprecation.
pub(super) fn item(common: &Common) -> String {
    with_deprecation(&common.docs, common.deprecated.as_deref())
}

/// Docs with a deprecation note. Links of Rust's docs lose their brackets.
pub(super) fn with_deprecation(docs: &str, note: Option<&str>) -> String {
    let docs = docs.replace("[`", "`").replace("`]", "`");
    let note = match note.map(str::trim) {
        None => String::new(),
        Some("") => "Deprecated.".to_owned(),
        Some(note) => format!("Deprecated: {note}"),
    };
    format!("{}\n{note}", docs.trim_end()).trim().to_owned()
}

/// The docs of a function followed by its contract.
pub(super) fn function(library: &Library, owner: Owner<'_>, function: &Function) -> String {
    let ownership = [
        borrowed(library, function),
        result(library, owner, function),
        shares(library, owner, function),
        Some("Any thread.".to_owned()),
    ];
    let ownership: Vec<String> = ownership.into_iter().flatten().collect();
    let params = prose::params(function, |param| param.c_name.clone());
    let lines = [
        Some(item(&function.common)),
        Some(prose::list("Parameters:", &params)),
        Some(prose::list("Results:", &prose::results(function))),
        Some(wrap(&ending(library, function))),
        own_error(library, function),
        Some(wrap(&ownership.join(" "))),
    ];
    let lines: Vec<String> = lines
        .into_iter()
        .flatten()
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n").trim().to_owned()
}

fn ending(library: &Library, function: &Function) -> String {
    let take_error = format!(
        "{}_take_error(error, call) tells what went wrong",
        library.prefix
    );
    let filled = if function.results.is_empty() {
        ""
    } else {
        " (out is filled)"
    };
    match (function.ret, function.mode) {
        (Return::Scalar(Some(_)), _) => {
            format!("Sync: value counts when status is GP_OK; else {take_error}.")
        }
        (Return::Scalar(None), _) => format!("Sync: when status is not GP_OK, {take_error}."),
        (Return::Out, Mode::Sync) => format!("Sync: returns GP_OK{filled} or an error."),
        (Return::Out, Mode::Async) => format!(
            "Async: returns GP_OK{filled}, GP_PENDING (done runs exactly once, on any thread), or an error."
        ),
    }
}

fn own_error(library: &Library, function: &Function) -> Option<String> {
    if function.untyped_error {
        return Some("GP_ERR: call->message says why; there is no payload.".to_owned());
    }
    let error = library.ty(function.error?);
    Some(match error.shape {
        Shape::String => "GP_ERR: call->message says why.".to_owned(),
        _ => format!("GP_ERR: call->payload is a const {} *.", error.c_name),
    })
}

fn borrowed(library: &Library, function: &Function) -> Option<String> {
    let names: Vec<&str> = function
        .params
        .iter()
        .filter(|param| param.pass == Pass::Pointer || library.ty(param.ty).heap)
        .map(|param| param.c_name.as_str())
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "[borrowed] {}: for the duration of this call.",
            names.join(", ")
        )
    })
}

fn result(library: &Library, owner: Owner<'_>, function: &Function) -> Option<String> {
    if let Owner::Constructor(object) = owner {
        return Some(format!("[yours] out: end it with {}_close.", object.c_name));
    }
    let heap =
        function.ret == Return::Out && function.results.iter().any(|ty| library.ty(*ty).heap);
    heap.then(|| "[owned by call] out: valid until gp_call_reset(call).".to_owned())
}

/// Whose the objects in a result are; that of a constructor is what [`result`] says.
fn shares(library: &Library, owner: Owner<'_>, function: &Function) -> Option<String> {
    let constructs = matches!(owner, Owner::Constructor(_));
    let mut results = function.results.iter();
    let objects = !constructs && results.any(|ty| library.has_object(*ty));
    objects.then(|| {
        format!(
            "[yours] one share of each object in out: give it back with {}_release.",
            library.prefix
        )
    })
}

/// Breaks `text` at spaces so that no line is longer than a comment's line.
pub(super) fn wrap(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}
