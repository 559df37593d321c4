//! Docs as Python's docstrings.
//!
//! Comes in: Markdown as the author wrote it in Rust or beside a definition. Goes out: string literals that end where they
//! should, with the lines after the first one indented. Markdown stays: Python's tools show it.

use gangplank_model::lowered::{Function, Param};

use super::names;
use crate::prose::{self, Said};

/// Paragraphs below one another; empty ones do not count.
pub(super) fn paragraphs(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts
        .iter()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
        .collect();
    parts.join("\n\n")
}

/// A section with an entry each; nothing without any.
fn section(title: &str, entries: &[String]) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let indented = |entry: &String| {
        let lines: Vec<&str> = entry.trim().lines().collect();
        format!("    {}", lines.join("\n        "))
    };
    let entries: Vec<String> = entries.iter().map(indented).collect();
    format!("{title}:\n{}", entries.join("\n"))
}

/// The sections about parameters and results that have docs.
pub(super) fn values(function: &Function) -> String {
    let entry = |(name, docs): Said<'_>| format!("{name}: {docs}");
    let name = |param: &Param| names::field(&param.name, function.params.len());
    let params: Vec<_> = prose::params(function, name)
        .into_iter()
        .map(entry)
        .collect();
    let results = prose::results(function).into_iter();
    let results: Vec<_> = match function.results.len() {
        1 => results.map(|(_, docs)| docs.to_owned()).collect(),
        _ => results.map(entry).collect(),
    };
    paragraphs(&[&section("Args", &params), &section("Returns", &results)])
}

/// A paragraph about what should not be used any more.
pub(super) fn deprecation(note: Option<&str>) -> String {
    match note.map(str::trim) {
        None => String::new(),
        Some("") => "Deprecated.".to_owned(),
        Some(note) => format!("Deprecated: {}", note.replace('\n', " ")),
    }
}

/// What type checkers show of it.
pub(super) fn warning(note: &str) -> &str {
    match note.trim() {
        "" => "deprecated",
        note => note,
    }
}

/// A docstring whose lines are indented by `indent` spaces; the first one stands behind what the template has there.
/// Nothing without docs.
pub(super) fn string(docs: &str, indent: usize) -> String {
    let lines: Vec<String> = docs.trim().lines().map(line).collect();
    let pad = " ".repeat(indent);
    match lines.as_slice() {
        [] => String::new(),
        [only] => {
            // A quotation mark at the end would be one of three too many.
            let gap = if only.ends_with('"') { " " } else { "" };
            format!("\"\"\"{only}{gap}\"\"\"")
        }
        [first, rest @ ..] => {
            let rest: String = rest
                .iter()
                .map(|line| match line.is_empty() {
                    true => "\n".to_owned(),
                    false => format!("\n{pad}{line}"),
                })
                .collect();
            format!("\"\"\"{first}{rest}\n{pad}\"\"\"")
        }
    }
}

/// One line: links of Rust without their brackets, without what would end the string or show text as something that it is
/// not.
fn line(line: &str) -> String {
    let hidden = |letter: char| {
        (letter.is_control() && letter != '\t')
            || matches!(letter, '\u{feff}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    line.trim_end()
        .replace("[`", "`")
        .replace("`]", "`")
        .replace('\\', "\\\\")
        .replace("\"\"\"", "\\\"\\\"\\\"")
        .replace(hidden, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docstrings_end_where_they_should() {
        assert_eq!(string("", 4), "");
        assert_eq!(string("One.\n", 4), "\"\"\"One.\"\"\"");
        assert_eq!(string("says \"no\"", 4), "\"\"\"says \"no\" \"\"\"");
        assert_eq!(
            string("a \"\"\" b \\\n\nnext", 4),
            "\"\"\"a \\\"\\\"\\\" b \\\\\n\n    next\n    \"\"\""
        );
    }

    #[test]
    fn links_of_rust_are_plain() {
        assert_eq!(
            string("Sees [`EchoRequest`]\u{202e}.", 0),
            "\"\"\"Sees `EchoRequest` .\"\"\""
        );
    }
}
