//! Files that import each other in a circle, which no compiler of protobuf accepts, or in chains without end.

use std::collections::{BTreeMap, HashSet};

use gangplank_model::diagnostics::codes;
use gangplank_model::{Diagnostic, Diagnostics};
use protox::file::File;

use super::errors;

/// Longest chain of imports. The compiler of protobuf follows it on its stack.
const MAX_DEPTH: usize = 128;

/// Reports each circle once, and chains that are too long; `main` is where the compiler begins.
pub(super) fn check(files: &BTreeMap<String, File>, main: &str, found: &mut Diagnostics) {
    let mut done = HashSet::new();
    let main = files.get_key_value(main).map(|(name, _)| name);
    for start in main.into_iter().chain(files.keys()) {
        if !done.contains(start.as_str()) && !walk(files, start, &mut done, found) {
            return;
        }
    }
}

/// Depth first, with a stack of our own: chains of imports may be long. Whether it got to the end of them.
fn walk<'f>(
    files: &'f BTreeMap<String, File>,
    start: &'f str,
    done: &mut HashSet<&'f str>,
    found: &mut Diagnostics,
) -> bool {
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
        } else if path.len() == MAX_DEPTH {
            found.push(too_deep(files, name, at));
            return false;
        } else if !done.contains(import.as_str()) {
            path.push((import, 0));
        }
    }
    true
}

fn too_deep(files: &BTreeMap<String, File>, name: &str, at: usize) -> Diagnostic {
    let message = format!("imports nest deeper than {MAX_DEPTH} files");
    let diagnostic = Diagnostic::new(codes::PROTO_IMPORT, message);
    match files.get(name) {
        Some(file) => diagnostic.label(&errors::import_spot(file, at), "imported here"),
        None => diagnostic,
    }
    .help("import files directly, or put their messages together")
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
