//! Every identifier of Python that this backend makes. Two things with one name are a diagnostic, never a rename.

use std::collections::BTreeMap;

use gangplank_model::diagnostics::codes;
use gangplank_model::lowered::Common;
use gangplank_model::{Diagnostic, Diagnostics};

const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// What an enum's members cannot be called.
const NOT_MEMBERS: &[&str] = &["mro", "name", "value"];

/// What the file has of its own.
const OURS: &[&str] = &[
    "INTERFACE",
    "TYPES",
    "FUNCTIONS",
    "annotations",
    "base64",
    "enum",
    "typing",
    "dataclass",
];

fn escaped(name: &str) -> String {
    match KEYWORDS.contains(&name) {
        true => format!("{name}_"),
        false => name.to_owned(),
    }
}

/// `Outer::Inner` → `Outer_Inner`.
pub(super) fn class(common: &Common) -> String {
    escaped(&common.local_path().replace("::", "_"))
}

/// The class of a member of a oneof: `Shape_kind`, `circle` → `Shape_kind_circle`.
pub(super) fn case(variant: &Common, name: &str) -> String {
    format!("{}_{name}", class(variant))
}

/// A field or parameter. Two leading underscores would be mangled.
pub(super) fn field(name: &str) -> String {
    match name.starts_with("__") {
        true => format!("x{name}"),
        false => escaped(name),
    }
}

/// A member of an enum.
pub(super) fn member(name: &str) -> String {
    match NOT_MEMBERS.contains(&name) || name.starts_with('_') {
        true => format!("{}_", name.trim_start_matches('_')),
        false => escaped(name),
    }
}

/// The names of a scope.
pub(super) struct Names {
    taken: BTreeMap<String, Option<String>>,
    pub(super) found: Diagnostics,
}

impl Names {
    /// Of the file.
    pub(super) fn file() -> Self {
        let ours = OURS.iter().map(|name| ((*name).to_owned(), None));
        Self {
            taken: ours.collect(),
            found: Diagnostics::default(),
        }
    }

    /// Takes a name for `item`, or reports who has it.
    pub(super) fn claim(&mut self, item: &Common, name: &str) {
        let Some(other) = self.taken.insert(name.to_owned(), Some(item.path.clone())) else {
            return;
        };
        let other = other.map_or("the generated file".to_owned(), |path| format!("`{path}`"));
        let text = format!("`{}` is `{name}` in Python, and so is {other}", item.path);
        let finding = Diagnostic::new(codes::TARGET_NAME_TWICE, text);
        self.found
            .push(finding.help("give one of them another name in the definition"));
    }
}
