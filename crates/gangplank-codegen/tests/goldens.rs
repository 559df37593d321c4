//! The packages that are checked in are what the generator writes, in every language, byte for byte, every time.
//!
//! The libraries are built here (nothing to do when they are fresh), because an interface is only in a built file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "support/built.rs"]
mod built;

use gangplank_codegen::backend::{self, BACKENDS, File, Language};
use gangplank_codegen::config::Config;
use gangplank_codegen::{Input, generate, inspect, library_file, output};
use gangplank_model::assemble;
use similar::TextDiff;

use built::{build, config, root};

/// Folders of the crates whose packages are checked in, the crates, and the languages. All goldens together stay readable
/// in a diff, so of the fixtures only what [`PARTS`] names is checked in.
const PACKAGES: &[(&str, &str, &[&str])] = &[
    ("examples/timer", "my_timer", &["c", "go", "python"]),
    ("examples/host_demo", "host_demo", &["c", "go", "python"]),
    ("tests/fixtures/faults", "faults", &[]),
    ("tests/fixtures/kitchen_sink", "kitchen_sink", &[]),
];

/// Folder, crate, language and file of what is checked in without the rest of its package, in `golden/`.
const PARTS: &[(&str, &str, &str, &str)] = &[(
    "tests/fixtures/kitchen_sink",
    "kitchen_sink",
    "go",
    "kitchen_sink.go",
)];

/// What a golden folder holds beside the golden files: written by hand or by `gangplank build`.
const NOT_GOLDEN: &[&str] = &["go.sum"];

#[test]
fn packages_are_what_the_generator_writes() {
    let bless = std::env::var_os("GANGPLANK_BLESS").is_some();
    let mut differences = String::new();
    for (folder, name, languages) in PACKAGES {
        let library = build(name);
        let config = config(name);
        for language in BACKENDS
            .iter()
            .filter(|language| languages.contains(&language.name))
        {
            let files = files(&library, language, &config);
            assert_eq!(
                files,
                self::files(&library, language, &config),
                "not the same twice"
            );
            let golden = root().join(folder).join(language.name);
            if bless {
                write(&files, &golden);
            } else {
                compare(&files, &golden, &mut differences);
            }
        }
    }
    assert!(
        differences.is_empty(),
        "{differences}\nif this is meant, run `cargo xtask bless` and read the diff"
    );
}

#[test]
fn parts_of_packages_are_what_the_generator_writes() {
    let mut differences = String::new();
    for (folder, name, language, part) in PARTS {
        let language = backend::find(language).expect("a language of the table");
        let part = files(&build(name), language, &config(name))
            .into_iter()
            .find(|file| file.path == *part)
            .expect("a file of the package");
        let golden = root().join(folder).join("golden");
        if std::env::var_os("GANGPLANK_BLESS").is_some() {
            output::write(&[part], &golden).unwrap();
        } else {
            compare_file(&part, &golden, &mut differences);
        }
    }
    assert!(
        differences.is_empty(),
        "{differences}\nif this is meant, run `cargo xtask bless` and read the diff"
    );
}

#[test]
fn inspect_prints_what_is_checked_in() {
    let mut differences = String::new();
    for (folder, name, _) in PACKAGES {
        let source = library_file::read(&build(name)).unwrap();
        let text = inspect::text(&assemble(source).unwrap());
        let golden = File::new("inspect.txt", text);
        if std::env::var_os("GANGPLANK_BLESS").is_some() {
            output::write(&[golden], &root().join(folder)).unwrap();
        } else {
            compare_file(&golden, &root().join(folder), &mut differences);
        }
    }
    assert!(
        differences.is_empty(),
        "{differences}\nif this is meant, run `cargo xtask bless` and read the diff"
    );
}

fn files(library: &Path, language: &Language, config: &Config) -> Vec<File> {
    generate(Input::LibraryFile(library), language, config)
        .unwrap_or_else(|found| panic!("{} for {}: {found}", library.display(), language.name))
}

fn write(files: &[File], golden: &Path) {
    for stale in stale(files, golden) {
        fs::remove_file(stale).unwrap();
    }
    output::write(files, golden).unwrap();
}

/// Appends what is different to `differences`. Files that belong to the user from then on are only looked for.
fn compare(files: &[File], golden: &Path, differences: &mut String) {
    for stale in stale(files, golden) {
        differences.push_str(&format!("{} is no longer written\n", stale.display()));
    }
    for file in files {
        compare_file(file, golden, differences);
    }
}

fn compare_file(file: &File, golden: &Path, differences: &mut String) {
    let path = golden.join(&file.path);
    let name = path
        .strip_prefix(root())
        .unwrap_or(&path)
        .display()
        .to_string();
    match fs::read_to_string(&path) {
        Err(error) => differences.push_str(&format!("{name}: {error}\n")),
        Ok(_) if file.only_if_absent => {}
        Ok(there) if there == file.contents => {}
        Ok(there) => {
            let diff = TextDiff::from_lines(&there, &file.contents);
            let diff = diff.unified_diff().header(&name, "generated").to_string();
            differences.push_str(&diff);
        }
    }
}

/// Files directly in the folder that the generator does not write.
fn stale(files: &[File], golden: &Path) -> Vec<PathBuf> {
    let known: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let entries = fs::read_dir(golden).into_iter().flatten().flatten();
    let paths = entries
        .map(|entry| entry.path())
        .filter(|path| path.is_file());
    paths
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            !known.contains(&*name) && !NOT_GOLDEN.contains(&&*name)
        })
        .collect()
}
