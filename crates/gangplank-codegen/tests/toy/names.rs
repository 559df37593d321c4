//! Every identifier of Toy. Two things with one name are a diagnostic that asks the author for another, never a rename.

use std::collections::BTreeMap;

use gangplank_codegen::backend::Context;
use gangplank_model::diagnostics::codes;
use gangplank_model::lowered::Common;

/// Words that begin a line of the outline; nothing can be called so.
const KEYWORDS: &[&str] = &[
    "constant", "enum", "error", "function", "object", "record", "variant",
];

/// A declared item, `Outer::Inner` as `Outer.Inner`.
pub(super) fn item(common: &Common) -> String {
    escaped(&common.local_path().replace("::", "."))
}

/// A field, parameter or value.
pub(super) fn member(name: &str) -> String {
    escaped(name)
}

fn escaped(name: &str) -> String {
    match KEYWORDS.contains(&name) {
        true => format!("{name}_"),
        false => name.to_owned(),
    }
}

/// Who has which name.
#[derive(Default)]
pub(super) struct Names {
    taken: BTreeMap<String, String>,
}

impl Names {
    /// Takes a name for `item`, or reports who has it.
    pub(super) fn claim(&mut self, cx: &mut Context<'_>, item: &Common, name: &str) {
        let Some(other) = self.taken.insert(name.to_owned(), item.path.clone()) else {
            return;
        };
        let message = format!("`{}` is `{name}` in Toy, and so is `{other}`", item.path);
        cx.error(
            codes::TARGET_NAME_TWICE,
            item,
            message,
            "give one of them another name",
        );
    }
}
