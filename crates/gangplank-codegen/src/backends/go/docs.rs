//! Docs in Go's manner.
//!
//! Comes in: Markdown as the author wrote it in Rust. Goes out: comment lines that `gofmt` leaves alone. Go has no
//! inline code, so backticks go; a name of Rust inside them becomes the name in Go where it is known.

use std::collections::BTreeMap;

/// Names of Rust with what they are called in Go: types, parameters, `request.delay_ms`.
pub(super) type Known = BTreeMap<String, String>;

/// Capitalized words that end like a verb and are none.
const NOT_VERBS: &[&str] = &[
    "Access",
    "Across",
    "Address",
    "Always",
    "As",
    "Besides",
    "Class",
    "Contents",
    "Its",
    "Minus",
    "Otherwise",
    "Perhaps",
    "Plus",
    "Previous",
    "Process",
    "Progress",
    "Sometimes",
    "Status",
    "Success",
    "This",
    "Thus",
    "Towards",
    "Unless",
    "Various",
    "Yes",
];

/// Docs as comment text.
pub(super) fn text(docs: &str, known: &Known) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut in_code = false;
    let mut in_list = false;
    for line in docs.trim_end().lines() {
        let trimmed = line.trim();
        let indent = line.len() - line.trim_start().len();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            in_code = !in_code;
            blank(&mut lines);
            continue;
        }
        if in_code || (indent >= 4 && !in_list) {
            lines.push(if trimmed.is_empty() {
                String::new()
            } else {
                format!("\t{}", line.trim_end())
            });
            continue;
        }
        let (kind, content) = classify(trimmed);
        let content = inline(content, known);
        match kind {
            Line::Blank => blank(&mut lines),
            Line::Heading => {
                blank(&mut lines);
                lines.push(format!("# {content}"));
                blank(&mut lines);
            }
            Line::Bullet => lines.push(format!("  - {content}")),
            Line::Number(number) => lines.push(format!("{number:>2}. {content}")),
            Line::Text if in_list && indent > 0 => lines.push(format!("    {content}")),
            Line::Text => lines.push(content),
        }
        in_list = match kind {
            Line::Bullet | Line::Number(_) => true,
            Line::Blank => in_list,
            Line::Text => in_list && indent > 0,
            Line::Heading => false,
        };
    }
    lines.join("\n").trim_matches('\n').to_owned()
}

/// Docs of a function, beginning with its name where the author began with a verb: `Echo answers after …`.
pub(super) fn function(name: &str, docs: &str, known: &Known) -> String {
    let text = text(docs, known);
    let mut words = text.split_whitespace();
    let first = words.next().unwrap_or_default();
    let noun = words
        .next()
        .is_some_and(|second| second == "of" || second == "and");
    let verb = first.len() > 2
        && first.starts_with(|letter: char| letter.is_ascii_uppercase())
        && first
            .chars()
            .skip(1)
            .all(|letter| letter.is_ascii_lowercase())
        && first.ends_with('s')
        && !first.ends_with("ss")
        && !NOT_VERBS.contains(&first);
    if !verb || noun {
        return text;
    }
    format!("{name} {}{}", first[..1].to_lowercase(), &text[1..])
}

/// Paragraphs below one another; empty ones do not count.
pub(super) fn paragraphs(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts
        .iter()
        .copied()
        .filter(|part| !part.is_empty())
        .collect();
    parts.join("\n\n")
}

/// A deprecation as Go's tools find it.
pub(super) fn deprecation(note: Option<&str>) -> String {
    match note.map(str::trim) {
        None => String::new(),
        Some("") => "Deprecated: do not use.".to_owned(),
        Some(note) => format!("Deprecated: {}", note.replace('\n', " ")),
    }
}

enum Line {
    Blank,
    Heading,
    Bullet,
    Number(u32),
    Text,
}

fn classify(line: &str) -> (Line, &str) {
    if line.is_empty() {
        return (Line::Blank, line);
    }
    if line.starts_with('#') && line.trim_start_matches('#').starts_with(' ') {
        return (Line::Heading, line.trim_start_matches('#').trim());
    }
    for mark in ["- ", "* ", "+ "] {
        if let Some(content) = line.strip_prefix(mark) {
            return (Line::Bullet, content.trim());
        }
    }
    if let Some((number, content)) = line.split_once(". ")
        && let Ok(number) = number.parse()
        && number < 100
    {
        return (Line::Number(number), content.trim());
    }
    (Line::Text, line)
}

/// At most one empty line.
fn blank(lines: &mut Vec<String>) {
    if lines.last().is_some_and(|last| !last.is_empty()) {
        lines.push(String::new());
    }
}

/// One line without backticks and without links that Go would move or misread.
fn inline(line: &str, known: &Known) -> String {
    let line = line.replace("[`", "`").replace("`]", "`");
    let mut text = String::new();
    for (index, part) in line.split('`').enumerate() {
        if index % 2 == 0 {
            text.push_str(part);
        } else {
            text.push_str(
                known
                    .get(part.trim_end_matches("()"))
                    .map_or(part, String::as_str),
            );
        }
    }
    match text
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("]: "))
    {
        Some((label, target)) => format!("{label}: {target}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        [
            ("request.delay_ms", "request.DelayMs"),
            ("EchoRequest", "EchoRequest"),
            ("job_id", "JobID"),
        ]
        .map(|(rust, go)| (rust.to_owned(), go.to_owned()))
        .into()
    }

    #[test]
    fn functions_begin_with_their_name_where_it_does_no_harm() {
        let of = |docs| function("Echo", docs, &known());
        assert_eq!(
            of("Answers after `request.delay_ms` milliseconds."),
            "Echo answers after request.DelayMs milliseconds."
        );
        assert_eq!(
            of("Name and version of the library."),
            "Name and version of the library."
        );
        assert_eq!(of("Names of the jobs."), "Names of the jobs.");
        assert_eq!(of("This waits."), "This waits.");
        assert_eq!(of(""), "");
    }

    #[test]
    fn markdown_becomes_what_gofmt_leaves_alone() {
        let docs = "Sees [`EchoRequest`].\n\n# Errors\nNone.\n- one\n  more\n* two\n\n1. first\n\n```rust\nlet x = 1;\n```\nEnd.\n[x]: http://y";
        let expected = "Sees EchoRequest.\n\n# Errors\n\nNone.\n  - one\n    more\n  - two\n\n 1. first\n\n\tlet x = 1;\n\nEnd.\nx: http://y";
        assert_eq!(text(docs, &known()), expected);
    }

    #[test]
    fn deprecations_are_one_paragraph() {
        assert_eq!(
            paragraphs(&["Waits.", &deprecation(Some("use\nEcho"))]),
            "Waits.\n\nDeprecated: use Echo"
        );
        assert_eq!(deprecation(None), "");
    }
}
