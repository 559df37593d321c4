//! Templates to text.
//!
//! Comes in: a view, that is Rust structs already spelled in the target language, and templates that decide nothing.
//! Goes out: the text of a file. The one place that configures the template engine, so that every template in the
//! repository obeys the same rules: blocks leave no whitespace behind, and an undefined name is an error.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;

/// The templates of one backend: names as `include` spells them, and sources.
pub type Templates = &'static [(&'static str, &'static str)];

/// Renders `name` with `view`, which the template sees as its top-level names.
///
/// # Errors
/// A mistake in the template, as text with its line: a fault of this toolkit, never of the user.
pub fn render(
    templates: Templates,
    name: &str,
    view: &impl Serialize,
) -> Result<String, minijinja::Error> {
    environment(templates)?
        .get_template(name)?
        .render(Value::from(Serde(view)))
}

fn environment(templates: Templates) -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_syntax(
        SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .keep_trailing_newline(true)
            .build()?,
    );
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.add_filter("line_comment", |docs: &str, mark: &str| {
        line_comment(docs, mark)
    });
    environment.add_filter("block_comment", |docs: &str, indent: Option<usize>| {
        block_comment(docs, indent.unwrap_or(0))
    });
    for (name, source) in templates {
        environment.add_template(name, source)?;
    }
    Ok(environment)
}

/// Docs as line comments, each line after `mark` (`//`, `\t//`, `#`); no docs: nothing. Ends with a newline. A line that
/// begins with a tab is code: it follows the mark directly. Control characters and marks of direction become spaces.
pub fn line_comment(docs: &str, mark: &str) -> String {
    let mut text = String::new();
    let docs = docs.replace(|letter| letter != '\t' && is_hidden(letter), " ");
    for line in docs.trim_end().lines() {
        let gap = if line.starts_with('\t') { "" } else { " " };
        text.push_str(format!("{mark}{gap}{}", line.trim_end()).trim_end());
        text.push('\n');
    }
    text
}

/// Docs as a `/* … */` comment indented by `indent` spaces; no docs: nothing. Ends with a newline. A terminator in the
/// docs is taken apart, and so is what compilers warn about: a start inside a comment and a trigraph. Control characters
/// and marks of direction, which show text as something that it is not, become spaces.
pub fn block_comment(docs: &str, indent: usize) -> String {
    let docs = docs
        .trim_end()
        .replace("*/", "* /")
        .replace("/*", "/ *")
        .replace("??/", "? ?/");
    let docs = docs.replace(is_hidden, " ");
    if docs.is_empty() {
        return String::new();
    }
    let pad = " ".repeat(indent);
    let mut text = String::new();
    for (index, line) in docs.lines().enumerate() {
        let start = if index == 0 { "/*" } else { " *" };
        text.push_str(&pad);
        text.push_str(format!("{start} {}", line.trim_end()).trim_end());
        text.push('\n');
    }
    text.truncate(text.len() - 1);
    text.push_str(" */\n");
    text
}

fn is_hidden(letter: char) -> bool {
    (letter.is_control() && letter != '\n')
        || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comment_terminators_are_harmless() {
        assert_eq!(block_comment("a */ b /* c", 0), "/* a * / b / * c */\n");
        assert_eq!(
            block_comment("ends in a star *\n/ and starts with a slash", 0),
            "/* ends in a star *\n * / and starts with a slash */\n"
        );
        assert_eq!(block_comment("**//", 0), "/* ** // */\n");
    }

    #[test]
    fn comments_keep_paragraphs_and_indent() {
        assert_eq!(
            block_comment("one\n\ntwo\n", 4),
            "    /* one\n     *\n     * two */\n"
        );
        assert_eq!(
            line_comment("one\n\ntwo\n", "\t//"),
            "\t// one\n\t//\n\t// two\n"
        );
        assert_eq!(line_comment("", "//"), "");
        assert_eq!(
            line_comment("one\rtwo\n\tcode", "#"),
            "# one two\n#\tcode\n"
        );
    }

    #[test]
    fn undefined_names_are_errors() {
        #[derive(Serialize)]
        struct View {}
        assert!(render(&[("t", "{{ missing }}")], "t", &View {}).is_err());
    }
}
