//! Docs and lines of the things in a file, from its source info.

use std::collections::HashMap;

use protox::prost_reflect::FileDescriptor;

use super::errors::from_zero;

/// What a file's source info says, by path.
#[derive(Default)]
pub(super) struct Docs {
    places: HashMap<Vec<i32>, PlaceInFile>,
}

/// Where something stands, and what its author says of it.
#[derive(Clone, Default)]
pub(super) struct PlaceInFile {
    /// From 1; 0: unknown.
    pub(super) line: u32,
    /// The comment before it, and the one behind it below, without tags.
    pub(super) docs: String,
}

impl Docs {
    /// Of one file.
    pub(super) fn of(file: &FileDescriptor) -> Docs {
        let info = file.file_descriptor_proto().source_code_info.as_ref();
        let mut places = HashMap::new();
        for location in info.into_iter().flat_map(|info| &info.location) {
            let comments = [&location.leading_comments, &location.trailing_comments];
            let comments = comments.into_iter().flatten().map(|comment| text(comment));
            let comments: Vec<_> = comments.filter(|text| !text.is_empty()).collect();
            let place = PlaceInFile {
                line: location.span.first().copied().map_or(0, from_zero),
                docs: comments.join("\n\n"),
            };
            places.entry(location.path.clone()).or_insert(place);
        }
        Docs { places }
    }

    /// What stands at a path of the descriptor.
    pub(super) fn at(&self, path: &[i32]) -> PlaceInFile {
        self.places.get(path).cloned().unwrap_or_default()
    }

    /// What is said of the file as a whole: the comment before its first statement.
    pub(super) fn file(&self) -> String {
        const SYNTAX: i32 = 12;
        const PACKAGE: i32 = 2;
        let mut docs = [SYNTAX, PACKAGE]
            .map(|path| self.at(&[path]).docs)
            .into_iter();
        docs.find(|docs| !docs.is_empty()).unwrap_or_default()
    }
}

/// A comment's lines without the space that begins them all and without tags.
fn text(comment: &str) -> String {
    let lines = comment.lines().filter(|line| !super::tags::is_tag(line));
    let lines = lines.map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end());
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}
