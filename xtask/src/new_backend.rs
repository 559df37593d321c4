//! `cargo xtask new-backend NAME`: a language to start from.
//!
//! Comes in: a name. Goes out: a copy of the toy backend of the tests under that name, its line in the table of languages, and
//! a crate with its compiler plugin. The toy is compiled and run with every test, so what is copied works; that the copy does
//! as well is a suite's business.

use std::fs;
use std::path::{Path, PathBuf};

use crate::copy::Copy;
use crate::run::{Failure, Session, quiet};
use crate::tally::Tally;

/// What is copied.
const TOY: &str = "crates/gangplank-codegen/tests/toy";
/// Where backends are.
const BACKENDS: &str = "crates/gangplank-codegen/src/backends";
/// The file with the table.
const TABLE: &str = "crates/gangplank-codegen/src/backend.rs";
/// The plugin that the new one's is like.
const PLUGIN: &str = "crates/gangplank-compiler-go";

/// Starts a language in this tree.
///
/// # Errors
/// The name is none, or is taken; a file cannot be written.
pub(crate) fn new_backend(session: &Session, name: &str) -> Result<(), Failure> {
    let made = scaffold(&session.root, name)?;
    for path in made {
        println!("{path}");
    }
    session.say(&format!(
        "next: cargo run -p gangplank-cli -- generate {name} examples/timer; then docs/adding-a-language.md from its first step"
    ));
    Ok(())
}

/// Writes everything below `root`; the files that are new or have changed.
fn scaffold(root: &Path, name: &str) -> Result<Vec<String>, String> {
    check(root, name)?;
    let mut made = Vec::new();
    let mut write = |path: String, text: String| -> Result<(), String> {
        let file = root.join(&path);
        let failed = |error: std::io::Error| format!("cannot write {path}: {error}");
        fs::create_dir_all(file.parent().unwrap_or(root)).map_err(failed)?;
        fs::write(&file, text).map_err(failed)?;
        made.push(path);
        Ok(())
    };
    let toy = root.join(TOY);
    for path in files(&toy)? {
        let text = renamed(&read(&toy.join(&path))?, name);
        write(format!("{BACKENDS}/{name}/{}", path.display()), text)?;
    }
    let module = (
        format!("{BACKENDS}/mod.rs"),
        format!("pub mod {name};"),
        "mod ",
    );
    let line = format!("    backends::{name}::LANGUAGE,");
    let line = (TABLE.to_owned(), line, "backends::");
    for (file, line, like) in [module, line] {
        let text = with_line(&read(&root.join(&file))?, &line, like)?;
        write(file, text)?;
    }
    for file in ["Cargo.toml", "src/lib.rs"] {
        let text = read(&root.join(PLUGIN).join(file))?;
        write(
            format!("crates/gangplank-compiler-{name}/{file}"),
            plugin(&text, name),
        )?;
    }
    Ok(made)
}

/// A name must do as a module, a crate and a word of the command line.
fn check(root: &Path, name: &str) -> Result<(), String> {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(letters) {
        return Err(format!(
            "`{name}` cannot be a backend's name: a small letter, then small letters and digits"
        ));
    }
    let taken = [
        format!("{BACKENDS}/{name}"),
        format!("{BACKENDS}/{name}.rs"),
        format!("crates/gangplank-compiler-{name}"),
    ];
    match taken.iter().find(|path| root.join(path).exists()) {
        Some(path) => Err(format!("there is {path} already")),
        None => Ok(()),
    }
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// Every file below a folder, relative to it, sorted.
fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let failed = |error: std::io::Error| format!("cannot read {}: {error}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = PathBuf::from(path.file_name().unwrap_or_default());
        match path.is_dir() {
            true => found.extend(files(&path)?.iter().map(|below| name.join(below))),
            false => found.push(name),
        }
    }
    found.sort();
    Ok(found)
}

/// The toy's source as that of another language, inside the crate instead of beside it.
fn renamed(text: &str, name: &str) -> String {
    let mut capital = name.to_owned();
    capital[..1].make_ascii_uppercase();
    text.replace("gangplank_codegen::", "crate::")
        // Its plugin is another crate.
        .replace("pub(crate) const COMPILER", "pub const COMPILER")
        .replace("Toy", &capital)
        .replace("\"toy\"", &format!("\"{name}\""))
}

/// Go's plugin as that of another language.
fn plugin(text: &str, name: &str) -> String {
    let mut capital = name.to_owned();
    capital[..1].make_ascii_uppercase();
    text.replace("compiler-go", &format!("compiler-{name}"))
        .replace("compiler_go", &format!("compiler_{name}"))
        .replace("backends::go::", &format!("backends::{name}::"))
        .replace("Go", &capital)
}

/// Adds a line to those that look like it, in their order.
fn with_line(text: &str, line: &str, like: &str) -> Result<String, String> {
    // `pub(crate) mod c;` stands where `pub mod c;` would.
    let key = |line: &str| line.rsplit(like).next().unwrap_or(line).to_owned();
    let mut lines: Vec<&str> = text.lines().collect();
    let alike: Vec<usize> = (0..lines.len())
        .filter(|at| lines[*at].contains(like))
        .collect();
    let behind = alike.iter().find(|at| key(lines[**at]) > key(line));
    let at = match (behind, alike.last()) {
        (Some(behind), _) => *behind,
        (None, Some(last)) => last + 1,
        (None, None) => return Err(format!("no line like `{line}` to put it beside")),
    };
    lines.insert(at, line);
    Ok(lines.join("\n") + "\n")
}

/// Starts a language in a copy of this tree, builds it and uses it: nothing but the folder, the table and the plugin's crate
/// had to be touched.
pub(crate) fn suite(session: &Session) -> Tally {
    let mut tally = Tally::default();
    tally.check("a new language", started(session));
    tally
}

fn started(session: &Session) -> Result<(), String> {
    let copy = Copy::of(session, "new-backend").map_err(|failure| match failure {
        Failure::Tools(text) | Failure::Other(text) => text,
    })?;
    let made = scaffold(&copy.tree, "toy")?;
    let folders = [
        format!("{BACKENDS}/toy/"),
        "crates/gangplank-compiler-toy/".to_owned(),
    ];
    let table = [format!("{BACKENDS}/mod.rs"), TABLE.to_owned()];
    let elsewhere = made.iter().find(|path| {
        !table.contains(path) && !folders.iter().any(|folder| path.starts_with(folder))
    });
    if let Some(path) = elsewhere {
        return Err(format!("{path} had to be touched"));
    }
    session.say("building the command with a new language in a copy of the tree");
    let target = copy.target.to_string_lossy();
    let packages = ["gangplank-cli", "gangplank-compiler-toy"];
    let build = ["build", "--quiet", "--target-dir", &target];
    let mut cargo = session.cargo(&build);
    cargo.args(packages.iter().flat_map(|package| ["--package", package]));
    quiet(cargo.current_dir(&copy.tree).env_remove("CARGO_TARGET_DIR"))?;
    quiet(&mut session.cargo(&["build", "--quiet", "--package", "my_timer"]))?;
    let gangplank = copy.target.join("debug/gangplank");
    let out = copy.target.join("out");
    // Of an earlier run.
    let _ = fs::remove_dir_all(&out);
    let run = |words: &[&str], to: &str| -> Result<PathBuf, String> {
        let to = out.join(to);
        let mut command = session.command(&gangplank.to_string_lossy(), ".");
        quiet(command.args(words).arg("-o").arg(&to))?;
        Ok(to)
    };
    let library = session.binaries.join(file_of("my_timer"));
    let timer = run(&["generate", "toy", &library.to_string_lossy()], "timer")?;
    let golden = read(&session.root.join(GOLDEN))?;
    let golden = golden.splitn(3, "---\n").last().unwrap_or_default();
    same(&read(&timer.join("my_timer.txt"))?, golden)?;
    let compile = ["compile", "--idl", CALC, "--from-host", "toy"];
    let built_in = run(&compile, "built-in")?;
    let plugin = copy
        .target
        .join("debug")
        .join(file_of("gangplank_compiler_toy"));
    let plugin = plugin.to_string_lossy();
    let plugin = run(&[&compile[..], &["--plugin", &plugin]].concat(), "plugin")?;
    same(
        &read(&built_in.join("calc.txt"))?,
        &read(&plugin.join("calc.txt"))?,
    )
}

/// But for space at the end, which snapshots leave out.
fn same(found: &str, expected: &str) -> Result<(), String> {
    match found.trim_end() == expected.trim_end() {
        true => Ok(()),
        false => Err(format!("it writes\n{found}\ninstead of\n{expected}")),
    }
}

/// What the toy makes of the timer.
const GOLDEN: &str =
    "crates/gangplank-codegen/tests/snapshots/toy_backend__a_folder_and_a_line_are_a_language.snap";
const CALC: &str = "tests/fixtures/calc/calc.proto";

/// The file name of a shared library.
fn file_of(name: &str) -> String {
    use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
    format!("{DLL_PREFIX}{name}{DLL_SUFFIX}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_go_where_they_belong() {
        let text = "a\npub mod c;\npub(crate) mod python;\nb\n";
        let with =
            |name: &str| with_line(text, &format!("pub mod {name};"), "mod ").expect("a line");
        assert_eq!(
            with("java"),
            "a\npub mod c;\npub mod java;\npub(crate) mod python;\nb\n"
        );
        assert_eq!(
            with("zig"),
            "a\npub mod c;\npub(crate) mod python;\npub mod zig;\nb\n"
        );
        assert_eq!(
            with("ada"),
            "a\npub mod ada;\npub mod c;\npub(crate) mod python;\nb\n"
        );
        assert!(with_line("nothing\n", "pub mod a;", "mod ").is_err());
    }

    #[test]
    fn names_that_are_none() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("root");
        for name in ["", "Zig", "my_lang", "9", "a/b"] {
            assert!(check(root, name).is_err(), "{name}");
        }
        let taken = check(root, "go").expect_err("taken");
        assert!(taken.contains("backends/go already"), "{taken}");
        assert_eq!(check(root, "zig"), Ok(()));
    }
}
