//! Diagnostics as text for a terminal.
//!
//! Comes in: diagnostics, and whoever has them at hand gives the sources. Goes out: one report per finding, with the
//! line of source where there is one and `src/lib.rs:42 (Timer::echo)` where there is only a library file.

use annotate_snippets::{AnnotationKind, Element, Level, Origin, Renderer, Snippet};

use super::{Diagnostic, Diagnostics, Label};

/// Renders all findings, separated by empty lines, without a final line feed.
///
/// `source` gives the text of the file that a label is in, where it can be had. `color` adds terminal sequences.
pub fn render(
    diagnostics: &Diagnostics,
    source: &dyn Fn(&Label) -> Option<String>,
    color: bool,
) -> String {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let reports: Vec<_> = diagnostics
        .iter()
        .map(|diagnostic| render_one(diagnostic, source, &renderer))
        .collect();
    reports.join("\n\n")
}

fn render_one(
    diagnostic: &Diagnostic,
    source: &dyn Fn(&Label) -> Option<String>,
    renderer: &Renderer,
) -> String {
    let labels = diagnostic.labels.iter().enumerate();
    let places = labels.map(|(at, label)| place(label, at == 0, source(label)));
    let helps = diagnostic
        .help
        .iter()
        .map(|help| Element::from(Level::HELP.message(help)));
    let report = Level::ERROR
        .primary_title(&diagnostic.message)
        .id(diagnostic.code)
        .elements(places)
        .elements(helps);
    renderer.render(&[report])
}

fn place(label: &Label, first: bool, source: Option<String>) -> Element<'_> {
    let span = source
        .as_deref()
        .and_then(|source| line_span(source, label.location.line));
    let (Some(source), Some(span)) = (source, span) else {
        return Origin::path(place_text(label)).into();
    };
    let kind = if first {
        AnnotationKind::Primary
    } else {
        AnnotationKind::Context
    };
    Snippet::source(source)
        .path(&label.location.file)
        .annotation(kind.span(span).label(&label.text))
        .into()
}

/// `src/lib.rs:42 (Timer::echo): the first one`, for a label without its source.
fn place_text(label: &Label) -> String {
    let location = label.location.to_string();
    let mut text = match (location.as_str(), label.local_item()) {
        ("", item) => item.to_owned(),
        (location, "") => location.to_owned(),
        (location, item) => format!("{location} ({item})"),
    };
    if !label.text.is_empty() {
        text.push_str(": ");
        text.push_str(&label.text);
    }
    text
}

/// The bytes of a line (from 1) without the white space around it.
fn line_span(source: &str, line: u32) -> Option<std::ops::Range<usize>> {
    let index = usize::try_from(line.checked_sub(1)?).ok()?;
    let text = source.split_inclusive('\n').nth(index)?;
    let before: usize = source.split_inclusive('\n').take(index).map(str::len).sum();
    let start = before + text.len() - text.trim_start().len();
    let end = start + text.trim().len();
    (start < end).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Common, Location};

    fn sample() -> Diagnostics {
        let place = |path: &str, line| Common {
            path: path.to_owned(),
            location: Location {
                file: "src/lib.rs".to_owned(),
                line,
            },
            ..Common::default()
        };
        Diagnostic::new("GP0301", "two functions are called `create`")
            .label(&place("my_timer::Timer::create", 2), "one")
            .label(&place("my_timer::Demo::create", 40), "the other")
            .help("rename one")
            .into()
    }

    #[test]
    fn a_finding_without_sources() {
        assert_eq!(
            sample().to_string(),
            "error[GP0301]: two functions are called `create`\n\
             --> src/lib.rs:2 (Timer::create): one\n\
             ::: src/lib.rs:40 (Demo::create): the other\n \
             = help: rename one"
        );
    }

    #[test]
    fn a_finding_with_a_source_that_is_too_short_for_one_label() {
        let source = |_: &Label| Some("impl Timer {\n    pub fn create() {}\n}\n".to_owned());
        assert_eq!(
            render(&sample(), &source, false),
            "error[GP0301]: two functions are called `create`\n \
             --> src/lib.rs:2:5\n  \
             |\n\
             2 |     pub fn create() {}\n  \
             |     ^^^^^^^^^^^^^^^^^^ one\n \
             ::: src/lib.rs:40 (Demo::create): the other\n  \
             = help: rename one"
        );
    }

    #[test]
    fn a_finding_without_places() {
        let found = Diagnostics::from(Diagnostic::new("GP0101", "no library"));
        assert_eq!(found.to_string(), "error[GP0101]: no library");
    }
}
