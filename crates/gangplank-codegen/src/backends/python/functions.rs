//! Functions, methods and constructors.

use gangplank_model::lowered::{Common, Function, Mode, Param, Shape};

use super::names::{self, Names};
use super::spell::{self, Scope, Spelling};
use super::{docs, types, view};
use crate::backend::Owner;

/// A function as templates see it. `members` are the names of its class.
pub(super) fn function(
    with: &Spelling<'_>,
    names: &mut Names,
    owner: Owner<'_>,
    function: &Function,
    members: &Scope,
) -> view::Function {
    let (indent, is_static) = match owner {
        Owner::Library => (4, false),
        Owner::Constructor(_) => (8, true),
        Owner::Method(_) => (8, false),
    };
    let common = &function.common;
    let params = params(with, names, common, &function.params, members);
    let mut signature: Vec<String> = match owner {
        Owner::Method(_) => vec!["self".to_owned()],
        Owner::Library | Owner::Constructor(_) => Vec::new(),
    };
    signature.extend(params.iter().map(|(name, ty)| format!("{name}: {ty}")));
    let literals: Vec<String> = params.iter().map(|(name, _)| spell::text(name)).collect();
    let more = docs::paragraphs(&[&docs::values(function), &raises(with, function)]);
    let text = types::item_text(common, &more);
    view::Function {
        path: common.local_path().replace("::", "."),
        name: names::item(with.library, with.options, common),
        docs: or(docs::string(&text, indent), "..."),
        help: or(docs::string(&text, indent), "\"\""),
        names: spell::tuple(&literals),
        params: signature.join(", "),
        results: match owner {
            Owner::Constructor(object) => {
                with.named(names::class(with.options, &object.common), members)
            }
            _ => with.results(&function.results, members),
        },
        is_async: function.mode == Mode::Async,
        is_static,
        deprecated: match &common.deprecated {
            Some(note) => spell::text(docs::warning(note)),
            None => String::new(),
        },
    }
}

/// Names and types of parameters. Two of one name are reported: `class` becomes `class_`, which another may be.
pub(super) fn params(
    with: &Spelling<'_>,
    names: &mut Names,
    item: &Common,
    params: &[Param],
    members: &Scope,
) -> Vec<(String, String)> {
    let scope = format!("{}(", item.path);
    params
        .iter()
        .map(|param| {
            let name = names::field(&param.name, params.len());
            names.claim_part((item, "parameter", &param.name), &scope, &name);
            (name, with.annotation(param.ty, members))
        })
        .collect()
}

/// Text, or what stands where there is none.
pub(super) fn or(text: String, otherwise: &str) -> String {
    match text.is_empty() {
        true => otherwise.to_owned(),
        false => text,
    }
}

/// Which errors of its own a function has.
fn raises(with: &Spelling<'_>, function: &Function) -> String {
    let Some(Shape::Variant(error)) = function.error.map(|ty| &with.library.ty(ty).shape) else {
        return String::new();
    };
    let class = names::class(with.options, &error.common);
    let cases = with.cases(error);
    match cases.split_last() {
        Some((only, [])) => format!("Raises `{only}`, a `{class}`."),
        Some((last, rest)) => format!("Raises a `{class}`: `{}` or `{last}`.", rest.join("`, `")),
        None => format!("Raises a `{class}`."),
    }
}
