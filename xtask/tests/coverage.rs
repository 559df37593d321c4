//! `docs/coverage.md` keeps its word: every line names tests that exist, or says that it is open.

use std::path::{Path, PathBuf};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What is wrong with one reference, `open` or `file: name` in backquotes.
fn fault(reference: &str) -> Option<String> {
    if reference == "open" {
        return None;
    }
    let inner = reference
        .strip_prefix('`')
        .and_then(|rest| rest.strip_suffix('`'));
    let Some((file, name)) = inner.and_then(|inner| inner.split_once(": ")) else {
        return Some(format!("`{reference}` is neither `open` nor `file: name`"));
    };
    match std::fs::read_to_string(repository().join(file)) {
        Err(error) => Some(format!("{file}: {error}")),
        Ok(text) if !text.contains(name) => Some(format!("{file} has no {name}")),
        Ok(_) => None,
    }
}

#[test]
fn every_behaviour_is_tested_or_open() {
    let page = std::fs::read_to_string(repository().join("docs/coverage.md")).unwrap();
    let rows = page
        .lines()
        .filter_map(|line| {
            line.strip_prefix("| ")?
                .strip_suffix(" |")?
                .rsplit_once(" | ")
        })
        .filter(|(behaviour, _)| !["behaviour", "---"].contains(behaviour));
    let mut count = 0;
    let mut faults = Vec::new();
    for (behaviour, tests) in rows {
        count += 1;
        let found = tests.split(", ").filter_map(fault);
        faults.extend(found.map(|fault| format!("{behaviour}: {fault}")));
    }
    assert!(count > 60, "only {count} lines were understood");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
