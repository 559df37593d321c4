//! Docs in Go's manner.
//!
//! Comes in: Markdown as the author wrote it in Rust. Goes out: comment lines that `gofmt` leaves alone. Go has no
//! inline code, so backticks go; a name of Rust inside them becomes the name in Go where it is known.

use std::collections::BTreeMap;

use gangplank_model::lowered::Function;

use crate::prose;

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
    let mut page = Page::default();
    for line in docs.trim_end().lines() {
        page.line(&clean(line), known);
    }
    page.end_code();
    page.lines.join("\n").trim_matches('\n').to_owned()
}

/// Comment text while it is written. Go takes all indented lines, empty ones between them included, for one list or one
/// block of code, by the first of them.
#[derive(Default)]
struct Page {
    lines: Vec<String>,
    in_fence: bool,
    /// Code that waits for its end.
    code: Vec<String>,
    /// Nothing but empty lines since a block of code.
    after_code: bool,
    list: Option<List>,
}

/// A list goes on until a paragraph begins.
#[derive(Clone, Copy)]
enum List {
    Bullets,
    /// With the number of the last item.
    Numbers(u32),
}

impl Page {
    fn line(&mut self, line: &str, known: &Known) {
        let trimmed = line.trim();
        let indent = line.len() - line.trim_start().len();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            self.in_fence = !self.in_fence;
            return self.blank();
        }
        let is_code = self.in_fence || indent >= 4 || line.starts_with('\t');
        match (self.list, classify(trimmed)) {
            (_, Line::Blank) => self.blank(),
            (None, _) if is_code => self.code.push(line.trim_end().to_owned()),
            (Some(_), Line::Text) if is_code || indent > 0 || !self.ends_blank() => {
                self.item(&format!("    {}", inline(trimmed, known)));
            }
            (_, Line::Bullet(content)) => self.bullet(&inline(content, known)),
            (_, Line::Number(content)) => self.number(&inline(content, known)),
            (_, Line::Heading(content)) => {
                self.paragraph();
                self.blank();
                self.lines.push(format!("# {}", inline(content, known)));
                self.blank();
            }
            (_, Line::Text) => {
                self.paragraph();
                self.lines.push(inline(trimmed, known));
            }
        }
    }

    /// Text that is no part of a list or of code begins.
    fn paragraph(&mut self) {
        self.end_code();
        self.after_code = false;
        self.list = None;
    }

    /// Writes the code that waits, without the indentation that all of it has.
    fn end_code(&mut self) {
        let indent = |line: &String| line.len() - line.trim_start().len();
        let lines = std::mem::take(&mut self.code);
        let Some(common) = lines
            .iter()
            .filter(|line| !line.is_empty())
            .map(indent)
            .min()
        else {
            return;
        };
        self.blank();
        for line in lines {
            let line = line.get(common..).unwrap_or_default();
            self.lines.push(if line.is_empty() {
                String::new()
            } else {
                format!("\t{line}")
            });
        }
        self.blank();
        self.after_code = true;
    }

    fn ends_blank(&self) -> bool {
        self.lines.last().is_none_or(String::is_empty)
    }

    /// At most one empty line.
    fn blank(&mut self) {
        if self.code.last().is_some_and(|last| !last.is_empty()) {
            self.code.push(String::new());
        } else if self.code.is_empty() && !self.ends_blank() {
            self.lines.push(String::new());
        }
    }

    fn bullet(&mut self, content: &str) {
        if let Some(List::Numbers(_)) = self.list {
            return self.number(content);
        }
        self.item(&format!("  - {content}"));
        self.list = Some(List::Bullets);
    }

    fn number(&mut self, content: &str) {
        let number = match self.list {
            Some(List::Bullets) => return self.bullet(content),
            Some(List::Numbers(last)) => last + 1,
            None => 1,
        };
        self.item(&format!("{number:>2}. {content}"));
        self.list = Some(List::Numbers(number));
    }

    /// A line of a list; nothing empty between it and the rest of the list. Directly after code it is no list in Go.
    fn item(&mut self, line: &str) {
        self.end_code();
        if self.after_code {
            self.lines.push(line.trim().to_owned());
            return;
        }
        if self.list.is_some() && self.ends_blank() {
            self.lines.pop();
        }
        self.lines.push(line.to_owned());
    }
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

/// Parameters and results that have docs, as lists; `name` spells parameters.
pub(super) fn values(function: &Function, name: impl Fn(&str) -> String, known: &Known) -> String {
    let params = prose::params(function, |param| name(&param.name));
    let lists = [
        prose::list("Parameters:", &params),
        prose::list("Results:", &prose::results(function)),
    ];
    paragraphs(
        &lists
            .each_ref()
            .map(|list| text(list, known))
            .each_ref()
            .map(String::as_str),
    )
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

enum Line<'a> {
    Blank,
    Heading(&'a str),
    Bullet(&'a str),
    Number(&'a str),
    Text,
}

fn classify(line: &str) -> Line<'_> {
    if line.is_empty() {
        return Line::Blank;
    }
    if line.starts_with('#') && line.trim_start_matches('#').starts_with(' ') {
        return Line::Heading(line.trim_start_matches('#').trim());
    }
    for mark in ["- ", "* ", "+ "] {
        if let Some(content) = line.strip_prefix(mark) {
            return Line::Bullet(content.trim());
        }
    }
    match line.split_once(". ") {
        Some((number, content)) if number.len() < 3 && number.parse::<u32>().is_ok() => {
            Line::Number(content.trim())
        }
        _ => Line::Text,
    }
}

/// Without what Go forbids in a source, and without marks that show text as something that it is not.
fn clean(line: &str) -> String {
    let hidden = |letter: char| {
        (letter.is_control() && letter != '\t')
            || matches!(letter, '\u{feff}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    line.replace(hidden, " ")
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
    if let Some((label, target)) = text
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("]: "))
    {
        return format!("{label}: {target}");
    }
    match text.strip_prefix("+build") {
        Some(rest) => format!("(+build{rest})"), // would be a build constraint
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
        let of = |docs| text(docs, &known());
        assert_eq!(
            of("Sees [`EchoRequest`].\n\n# Errors\nNone."),
            "Sees EchoRequest.\n\n# Errors\n\nNone."
        );
        assert_eq!(
            of("A:\n- one\n  more\nlazy\n\n* two\n\nB"),
            "A:\n  - one\n    more\n    lazy\n  - two\n\nB"
        );
        assert_eq!(
            of("1. one\n2. two\n\n- three"),
            " 1. one\n 2. two\n 3. three"
        );
        assert_eq!(
            of("A\n```rust\nlet x;\n\nlet y;\n```\nB"),
            "A\n\n\tlet x;\n\n\tlet y;\n\nB"
        );
        assert_eq!(of("A\n\n    code\nB"), "A\n\n\tcode\n\nB");
        assert_eq!(
            of("[x]: http://y\n+build linux\n\0"),
            "x: http://y\n(+build linux)"
        );
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
