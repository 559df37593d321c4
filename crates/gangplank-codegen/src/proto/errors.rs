//! What the compiler of protobuf reports, as diagnostics of this toolkit.

use std::iter;

use gangplank_model::diagnostics::{Place, codes};
use gangplank_model::model::Location;
use gangplank_model::{Diagnostic, Diagnostics};
use miette::Diagnostic as _;
use protox::file::File;

/// A line of a `.proto` file.
#[derive(Clone, Debug, Default)]
pub(super) struct Spot {
    location: Location,
}

impl Spot {
    /// A line, counted from 1.
    pub(super) fn line(file: &str, line: u32) -> Spot {
        Spot {
            location: Location {
                file: file.to_owned(),
                line,
            },
        }
    }

    /// A file as a whole.
    pub(super) fn file(file: &str) -> Spot {
        Spot::line(file, 0)
    }
}

impl Place for Spot {
    fn path(&self) -> &str {
        ""
    }

    fn location(&self) -> Location {
        self.location.clone()
    }
}

/// Where the import with this index stands.
pub(super) fn import_spot(file: &File, at: usize) -> Spot {
    const IMPORT: i32 = 3;
    let info = file.file_descriptor_proto().source_code_info.as_ref();
    let mut locations = info.into_iter().flat_map(|info| &info.location);
    let found = locations.find(
        |location| matches!(*location.path, [IMPORT, index] if usize::try_from(index) == Ok(at)),
    );
    let line = found.and_then(|location| location.span.first().copied());
    Spot::line(file.name(), line.map_or(0, from_zero))
}

/// A line that is counted from 0.
pub(super) fn from_zero(line: i32) -> u32 {
    u32::try_from(line).map_or(0, |line| line.saturating_add(1))
}

/// Everything that an error holds.
pub(super) fn diagnostics(error: &protox::Error) -> Diagnostics {
    let code = if error.is_parse() {
        codes::PROTO_SYNTAX
    } else {
        codes::PROTO_INVALID
    };
    let mut found = Diagnostics::default();
    let source = error.source_code();
    let file = error.file().unwrap_or_default();
    let all = iter::once(error as &dyn miette::Diagnostic);
    let all = all.chain(error.related().into_iter().flatten());
    for error in all.filter(|error| !is_told_twice(&error.to_string())) {
        found.push(diagnostic(code, error, source, file));
    }
    found
}

/// A field that is declared twice is an error of its own; that both have one name in JSON is nothing new then.
fn is_told_twice(text: &str) -> bool {
    let mut names = text.split('\'').skip(1).step_by(2);
    text.starts_with("camel-case name of field ") && names.next() == names.next()
}

fn diagnostic(
    code: &'static str,
    error: &dyn miette::Diagnostic,
    outer: Option<&dyn miette::SourceCode>,
    file: &str,
) -> Diagnostic {
    let mut diagnostic = Diagnostic::new(code, error.to_string().replace('\'', "`"));
    let source = error.source_code().or(outer);
    for label in error.labels().into_iter().flatten() {
        let contents = source.and_then(|source| source.read_span(label.inner(), 0, 0).ok());
        let line = contents.as_ref().map_or(0, |contents| contents.line() + 1);
        let name = contents.as_ref().and_then(|contents| contents.name());
        let spot = Spot::line(name.unwrap_or(file), u32::try_from(line).unwrap_or(0));
        diagnostic = diagnostic.label(&spot, label.label().unwrap_or("here"));
    }
    if diagnostic.labels.is_empty() {
        diagnostic = diagnostic.label(&Spot::file(file), "");
    }
    match error.help() {
        Some(help) => diagnostic.help(help.to_string()),
        None => diagnostic,
    }
}
