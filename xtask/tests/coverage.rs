//! `docs/coverage.md` keeps its word: every line names tests that exist, or says that it is open. What it names is one
//! function of the file: a word that stands somewhere in it would be met by anything.

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
        Ok(text) => match functions(file, &text, name) {
            1 => None,
            0 => Some(format!("{file} has no function `{name}`")),
            several => Some(format!("{file} has {several} functions `{name}`")),
        },
    }
}

/// How many functions of a file have this name.
fn functions(file: &str, text: &str, name: &str) -> usize {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || !name.chars().all(plain) {
        return 0;
    }
    let count = |start: &str| {
        let called = text.split(start).skip(1);
        let named = called.filter_map(|rest| rest.trim_start().strip_prefix(name));
        named
            .filter(|rest| rest.starts_with(['(', '<', ',']))
            .count()
    };
    match file.rsplit('.').next() {
        // Some tests are made by a macro.
        Some("rs") => count("fn ") + count("case!("),
        Some("go") => count("\nfunc "),
        Some("py") => count("def "),
        // A definition begins its line, and a call is indented.
        Some("c" | "h") => text
            .lines()
            .filter(|line| line.starts_with(plain) && !line.ends_with(';'))
            .filter(|line| {
                let (before, _) = line.split_once('(').unwrap_or_default();
                before.rsplit([' ', '*']).next() == Some(name)
            })
            .count(),
        _ => 0,
    }
}

#[test]
fn only_the_name_of_one_function_is_a_test() {
    let rust = "fn one() {}\nfn one_more() {}\ncase!(\n    made,\n    |case| one()\n);\n// Wpedantic, fn two(\nfn two() {}";
    for (name, count) in [
        ("one", 1),
        ("made", 1),
        ("two", 2),
        ("more", 0),
        ("Wpedantic", 0),
        ("fn ", 0),
        ("", 0),
    ] {
        assert_eq!(functions("a.rs", rust, name), count, "{name}");
    }
    let c = "static void one(void);\nstatic void one(void)\n{\n\ttwo();\n}\n";
    assert_eq!(functions("a.c", c, "one"), 1);
    assert_eq!(functions("a.c", c, "two"), 0);
    assert_eq!(
        functions("a.go", "package a\n\nfunc TestOne(t *T) {}\n", "TestOne"),
        1
    );
    assert_eq!(functions("a.py", "async def test_one():\n", "test_one"), 1);
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
