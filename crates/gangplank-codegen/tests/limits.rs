//! Limits that the runtime files of languages repeat are those that every side keeps to.

use gangplank_descriptor::NESTING;

#[test]
fn go_nests_as_deep_as_everybody() {
    let line = |file: &str, start: &str| {
        let path = format!("src/backends/go/runtime/{file}");
        let text = std::fs::read_to_string(path).unwrap();
        let line = text
            .lines()
            .find_map(|line| line.trim().strip_prefix(start));
        line.unwrap_or_else(|| panic!("{file} has no `{start}`"))
            .parse()
    };
    assert_eq!(line("gangplank_frame.go", "maxNesting = "), Ok(NESTING));
    assert_eq!(line("idl/results.go", "const idl_deepest = "), Ok(NESTING));
}
