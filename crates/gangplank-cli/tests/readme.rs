//! The way into the toolkit that README.md shows, word by word, in an empty folder outside the repository.

mod support;

use std::path::Path;
use std::process::Command;

/// The section's heading.
const HEADING: &str = "## Your own function, called from Go\n";

/// What a fenced block is, and its text.
type Block = (String, String);

/// The fenced blocks of the section, in order.
fn blocks(readme: &str) -> Vec<Block> {
    let (_, section) = readme
        .split_once(HEADING)
        .expect("README.md has the section");
    let section = section
        .split_once("\n## ")
        .map_or(section, |(section, _)| section);
    let parts: Vec<&str> = section.split("```").collect();
    let fenced = parts.into_iter().skip(1).step_by(2);
    fenced
        .map(|block| {
            let (kind, text) = block.split_once('\n').expect("a block has lines");
            (kind.to_owned(), text.to_owned())
        })
        .collect()
}

#[test]
fn six_commands_and_one_edited_file_lead_to_ones_own_function() {
    if !support::has_go() {
        return;
    }
    let readme = std::fs::read_to_string(support::repository().join("README.md")).unwrap();
    let blocks = blocks(&readme);
    let kinds: Vec<&str> = blocks.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["sh", "rust", "sh", "text"]);
    let [before, source, after, expected] = [0, 1, 2, 3].map(|at| blocks[at].1.as_str());
    let commands = before.lines().chain(after.lines()).count();
    assert!(commands <= 6, "{commands} commands");

    let script = format!("set -e\n{before}cat > src/lib.rs <<'EDITED'\n{source}EDITED\n{after}");
    let empty = tempfile::tempdir().unwrap();
    assert!(!empty.path().starts_with(support::repository()));
    let stdout = support::succeed(&mut shell(&script, empty.path()));
    assert!(stdout.ends_with(expected), "{stdout}");
}

/// A shell in the repository that installs into a folder of the test's own and makes temporary folders in `empty`.
fn shell(script: &str, empty: &Path) -> Command {
    let folder = support::folder("readme");
    let root = folder.join("installed");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = [root.join("bin")]
        .into_iter()
        .chain(std::env::split_paths(&path));
    let mut command = Command::new("sh");
    command
        .args(["-c", script])
        .current_dir(support::repository())
        .env("CARGO_INSTALL_ROOT", &root)
        // The words are tested, not the speed: what other tests have built is not built again, and nothing is optimized.
        .env("CARGO_TARGET_DIR", support::target())
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("PATH", std::env::join_paths(path).unwrap())
        .env("TMPDIR", empty);
    command
}
