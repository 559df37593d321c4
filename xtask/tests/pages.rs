//! What pages say of the code that can be looked up there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(path: &str) -> String {
    let path = repository().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_page_lists_each_function_of_cpython_that_is_looked_up() {
    let code = text("crates/gangplank-cpython/src/object.rs");
    // `symbol(c"…")` and `symbol::<usize>(c"…")`.
    let calls = code
        .split("symbol")
        .filter_map(|rest| rest.split_once("(c\""));
    let calls = calls.filter(|(between, _)| ["", "::<usize>"].contains(between));
    let names: BTreeSet<&str> = calls
        .filter_map(|(_, rest)| rest.split('"').next())
        .collect();
    assert!(
        names.contains("PyGILState_Check") && names.len() > 5,
        "{names:?}"
    );
    let page = text("docs/python-guests.md");
    let table: String = page.lines().filter(|line| line.starts_with("| ")).collect();
    let missing: Vec<_> = names
        .iter()
        .filter(|name| !table.contains(&format!("`{name}`")))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/python-guests.md lacks {missing:?}"
    );
}

#[test]
fn each_decision_has_a_number_of_its_own() {
    let folder = std::fs::read_dir(repository().join("docs/decisions")).unwrap();
    let mut numbers = BTreeSet::new();
    for entry in folder {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let (number, _) = name
            .split_once('-')
            .expect("a number, and what it is about");
        assert!(numbers.insert(number.to_owned()), "two are {number}");
        let page = text(&format!("docs/decisions/{name}"));
        assert!(page.starts_with(&format!("# {number}: ")), "{name}");
    }
    assert!(numbers.len() > 15, "{numbers:?}");
}
