//! Every identifier of Rust that this backend makes. Two things with one name are a diagnostic, never a rename.

use std::collections::BTreeMap;

use gangplank_model::diagnostics::{Named, another_name, codes};
use gangplank_model::lowered::Common;
use heck::{ToSnakeCase, ToUpperCamelCase};

use crate::backend::Context;

/// What a host's struct has beside its rpcs.
pub(super) const HOST_METHODS: &[&str] = &["new", "open", "open_module", "check", "within"];

const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// Keywords that cannot be raw identifiers.
const NEVER_RAW: &[&str] = &["self", "Self", "super", "crate", "_"];

fn escaped(name: String) -> String {
    if KEYWORDS.contains(&name.as_str()) {
        format!("r#{name}")
    } else if NEVER_RAW.contains(&name.as_str()) {
        format!("{name}_")
    } else {
        name
    }
}

/// `Order_Line` → `OrderLine`.
pub(super) fn ty(common: &Common) -> String {
    escaped(common.name.to_upper_camel_case())
}

/// A field, parameter or function: `pawn_wins`.
pub(super) fn value(name: &str) -> String {
    escaped(name.to_snake_case())
}

/// What holds a function in a host's struct.
pub(super) fn member(name: &str) -> String {
    format!("gp_{}", name.to_snake_case())
}

/// A member of a oneof: `pawn_wins` → `PawnWins`.
pub(super) fn case(name: &str) -> String {
    escaped(name.to_upper_camel_case())
}

/// A value of an enum, as it stands in the file.
pub(super) fn constant(name: &str) -> String {
    escaped(name.to_owned())
}

/// The service of an rpc: `calc::Calc::div` → `Calc`.
pub(super) fn service(common: &Common) -> String {
    let service = common
        .local_path()
        .rsplit_once("::")
        .map_or("", |(service, _)| service);
    escaped(service.to_upper_camel_case())
}

/// The module that the guest's file is.
pub(super) fn module(prefix: &str) -> String {
    escaped(prefix.to_owned())
}

/// The names of each scope.
#[derive(Default)]
pub(super) struct Names(BTreeMap<(String, String), Option<Common>>);

impl Names {
    /// Takes a name for `item`, or reports who has it.
    pub(super) fn claim(&mut self, cx: &mut Context<'_>, item: &Common, scope: &str, name: &str) {
        let key = (scope.to_owned(), name.to_owned());
        match self.0.get(&key) {
            None => drop(self.0.insert(key, Some(item.clone()))),
            Some(other) => {
                let other = match other {
                    None => "every service of a host has".to_owned(),
                    Some(other) => format!("something of `{}` has", other.path),
                };
                let message = format!(
                    "`{}` needs the name `{name}` in Rust, which {other}",
                    item.path
                );
                cx.error(
                    codes::TARGET_NAME_TWICE,
                    item,
                    message,
                    another_name(Named::Either, true),
                );
            }
        }
    }

    /// Takes a name that the backend needs itself.
    pub(super) fn reserve(&mut self, scope: &str, name: &str) {
        self.0
            .entry((scope.to_owned(), name.to_owned()))
            .or_insert(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_escaped() {
        assert_eq!(value("type"), "r#type");
        assert_eq!(value("self"), "self_");
        assert_eq!(value("PawnWins"), "pawn_wins");
        assert_eq!(case("self"), "Self_");
        assert_eq!(constant("COLOR_RED"), "COLOR_RED");
    }
}
