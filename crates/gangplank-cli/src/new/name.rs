//! Names that a new library can have.
//!
//! Comes in: what was typed. Goes out: nothing, or why it cannot be the name of a crate, of a prefix in C and of a Go
//! package at once.

use gangplank_codegen::backends::go;

use crate::failure::{Failure, Outcome};

/// Words that Rust keeps for itself, and crates that every program has.
const TAKEN: &[&str] = &[
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gangplank",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc_macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

/// Refuses what would fail later, and less clearly.
pub(super) fn check(name: &str) -> Outcome<()> {
    let lib = name.replace('-', "_");
    let package = go::package_name(&lib);
    let fault = if !name.starts_with(|first: char| first.is_ascii_lowercase()) {
        "must start with a lower-case letter"
    } else if !name.chars().all(|letter| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '-' | '_')
    }) {
        "may have lower-case letters, digits, `-` and `_` only"
    } else if TAKEN.contains(&lib.as_str()) {
        "means something else in Rust"
    } else if lib == "gp" || lib.starts_with("gp_") {
        "would give C names that belong to gangplank.h"
    } else if !go::is_package_name(&package) {
        "cannot be the name of a Go package"
    } else {
        return Ok(());
    };
    Err(Failure::Usage(format!(
        "a library cannot be called `{name}`: the name {fault}\n  help: choose a name such as `hello` or `my_timer`"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_must_do_in_every_language() {
        for good in ["hello", "my_timer", "my-timer", "a1"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("", "must start"),
            ("1a", "must start"),
            ("a/b", "letters, digits"),
            ("type", "in Rust"),
            ("gp-x", "gangplank.h"),
            ("func", "Go package"),
            ("main", "Go package"),
        ] {
            let text = check(bad).unwrap_err().to_string();
            assert!(text.contains(why), "{bad}: {text}");
        }
    }
}
