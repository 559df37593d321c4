//! Files that import each other in a circle, which no compiler of protobuf accepts.

use std::collections::{BTreeMap, HashSet};

use gangplank_model::diagnostics::codes;
use gangplank_model::{Diagnostic, Diagnostics};
use protox::file::File;

use super::errors;

/// Reports each circle once.
pub(super) fn check(files: &BTreeMap<String, File>, found: &mut Diagnostics) {
    let mut done = HashSet::new();
    for start in files.keys() {
        if !done.contains(start.as_str()) {
            walk(files, start, &mut done, found);
        }
    }
}

/// Depth first, with a stack of our own: chains of imports may be long.
fn walk<'f>(
    files: &'f BTreeMap<String, File>,
    start: &'f str,
    done: &mut HashSet<&'f str>,
    found: &mut Diagnostics,
) {
    // Each file with the index of its next import.
    let mut path: Vec<(&str, usize)> = vec![(start, 0)];
    while let Some((name, at)) = path.last().copied() {
        let imports = files
            .get(name)
            .map(|file| &file.file_descriptor_proto().dependency);
        let Some(import) = imports.and_then(|imports| imports.get(at)) else {
            done.insert(name);
            path.pop();
            continue;
        };
        if let Some(last) = path.last_mut() {
            last.1 += 1;
        }
        if let Some(from) = path.iter().position(|(open, _)| open == import) {
            found.push(circle(files, &path[from..]));
        } else if !done.contains(import.as_str()) {
            path.push((import, 0));
        }
    }
}

fn circle(files: &BTreeMap<String, File>, path: &[(&str, usize)]) -> Diagnostic {
    let mut names: Vec<_> = path.iter().map(|(name, _)| format!("`{name}`")).collect();
    names.extend(names.first().cloned());
    let message = format!("files import each other in a circle: {}", names.join(" → "));
    let mut diagnostic = Diagnostic::new(codes::PROTO_IMPORT_CYCLE, message);
    for (name, next) in path {
        if let Some(file) = files.get(*name) {
            let spot = errors::import_spot(file, next.saturating_sub(1));
            diagnostic = diagnostic.label(&spot, "imported here");
        }
    }
    diagnostic.help("move what both files need into a third one")
}
