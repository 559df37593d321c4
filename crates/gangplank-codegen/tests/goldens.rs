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
use gangplank_model::model::{Declaration, Function, Interface, Role};
use similar::TextDiff;

use built::{build, config, root};

/// Folders of the crates whose packages are checked in, the crates, and the languages. All goldens together stay readable
/// in a diff, so of the fixtures only what [`PARTS`] names is checked in, and nothing that [`is_shipped`].
const PACKAGES: &[(&str, &str, &[&str])] = &[
    ("examples/timer", "my_timer", &["c", "go", "python"]),
    ("examples/host_demo", "host_demo", &["c", "go", "python"]),
];

/// Folder, crate, language and file of what is checked in without the rest of its package, in `golden/`.
const PARTS: &[(&str, &str, &str, &str)] = &[
    (
        "tests/fixtures/kitchen_sink",
        "kitchen_sink",
        "go",
        "kitchen_sink.go",
    ),
    (
        "tests/fixtures/kitchen_sink",
        "kitchen_sink",
        "c",
        "kitchen_sink.h",
    ),
];

/// What all goldens together may have: whoever changes the generator reads the whole diff.
const MOST_LINES: usize = 10_000;

/// Whether a file of a package is a source of the toolkit as it stands, or the header that the package for C has as well.
/// Such files are not checked in a second time: `gangplank generate` puts them into the examples' packages.
fn is_shipped(language: &str, path: &str) -> bool {
    path == "gangplank.h"
        || language == "go"
            && (path.ends_with(".h") || path.starts_with("gangplank_") && path.ends_with(".go"))
}

/// Folders of a package that hold the user's own program and the libraries of `gangplank build`.
const OTHERS: &[&str] = &["example", "internal"];

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
            let (shipped, files): (Vec<_>, Vec<_>) = files
                .into_iter()
                .partition(|file| is_shipped(language.name, &file.path));
            shipped
                .iter()
                .for_each(|file| as_it_stands(file, name, &library, &config));
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

/// Of the fixtures nothing is checked in here: their text is as long as their source.
#[test]
fn inspect_prints_every_item_of_the_fixtures() {
    for name in ["faults", "kitchen_sink"] {
        let interface = assemble(library_file::read(&build(name)).unwrap()).unwrap();
        let text = inspect::text(&interface);
        let (items, members) = expected(&interface);
        assert!(items.len() > 50, "{name} has {} items", items.len());
        // What is not indented is an item's first line, docs, or the end of an item.
        let first = |line: &&str| !line.is_empty() && !line.starts_with([' ', '/', '#', '}']);
        let heads: Vec<&str> = text.lines().filter(first).collect();
        for (kind, path) in &items {
            let path = path.strip_prefix(&format!("{name}::")).unwrap_or(path);
            let found = heads.iter().filter(|line| is_head(line, kind, path));
            assert_eq!(found.count(), 1, "{name}: `{kind} {path}` in\n{text}");
        }
        let notes = heads.iter().filter(|line| {
            line.starts_with("library ") || line.starts_with("not part of the interface")
        });
        assert_eq!(heads.len(), items.len() + notes.count(), "{text}");
        for (kind, path) in &members {
            let member = path.rsplit("::").next().unwrap_or(path);
            let mut inner = text.lines().filter_map(|line| line.strip_prefix("    "));
            let there = inner.any(|line| is_head(line, kind, member));
            assert!(there, "{name}: `{kind} {member}` is not in\n{text}");
        }
    }
}

/// The words that an item's first line begins with, and its path.
type Head<'a> = (String, &'a str);

/// The items, and what is inside of objects.
fn expected(interface: &Interface) -> (Vec<Head<'_>>, Vec<Head<'_>>) {
    let of = |function: &'_ Function<_>| {
        let constructor = if function.role == Role::Constructor {
            "constructor "
        } else {
            ""
        };
        let mode = if function.is_async { "async " } else { "" };
        format!("{constructor}{mode}fn")
    };
    let mut items = Vec::new();
    let mut members = Vec::new();
    for item in &interface.types {
        let open = matches!(item, Declaration::Enum(item) if item.open);
        let kind = if open { "open " } else { "" };
        items.push((format!("{kind}{}", item.kind()), &*item.common().path));
    }
    for object in &interface.objects {
        items.push(("object".to_owned(), &*object.common.path));
        for function in object.constructors.iter().chain(&object.methods) {
            members.push((of(function), &*function.common.path));
        }
    }
    for function in &interface.functions {
        items.push((of(function), &*function.common.path));
    }
    for constant in &interface.constants {
        items.push(("const".to_owned(), &*constant.common.path));
    }
    for item in &interface.traits {
        let functions = item.functions.iter();
        members.extend(functions.map(|one| ("host fn".to_owned(), &*one.common.path)));
        let events = item.events.iter();
        members.extend(events.map(|one| ("event".to_owned(), &*one.common.path)));
    }
    (items, members)
}

/// Whether a line begins with the kind and the whole of the path.
fn is_head(line: &str, kind: &str, path: &str) -> bool {
    let rest = line
        .strip_prefix(kind)
        .and_then(|rest| rest.strip_prefix(' '));
    let rest = rest.and_then(|rest| rest.strip_prefix(path));
    rest.is_some_and(|rest| rest.starts_with([' ', '(', ':']) && !rest.starts_with("::"))
}

/// A shipped file has the text of its source, but for the package clause; a header is that of the package for C.
fn as_it_stands(file: &File, name: &str, library: &Path, config: &Config) {
    let backends = root().join("crates/gangplank-codegen/src/backends");
    let source = match file.path.as_str() {
        "gangplank.h" => fs::read_to_string(backends.join("c/runtime/gangplank.h")).unwrap(),
        path if path.ends_with(".h") => {
            let language = backend::find("c").expect("C is in the table");
            let header = |file: File| (file.path == path).then_some(file.contents);
            let mut files = files(library, language, config).into_iter();
            files.find_map(header).expect("the same header")
        }
        path => {
            let source = fs::read_to_string(backends.join("go/runtime").join(path)).unwrap();
            let clause = format!("\npackage {}\n", name.replace('_', ""));
            source.replacen("\npackage gangplank\n", &clause, 1)
        }
    };
    assert!(
        file.contents == source,
        "{name}: {} is another text",
        file.path
    );
}

#[test]
fn goldens_can_be_read_in_a_diff() {
    let mut lines = 0;
    let mut count =
        |path: &Path| lines += fs::read_to_string(path).map_or(0, |text| text.lines().count());
    for (folder, _, languages) in PACKAGES {
        for language in *languages {
            let package = root().join(folder).join(language);
            let inner = files_in(&package)
                .into_iter()
                .filter(|path| path.is_dir() && !OTHERS.contains(&file_name(path).as_str()))
                .flat_map(|folder| files_in(&folder));
            files_in(&package)
                .into_iter()
                .chain(inner)
                .filter(|path| path.is_file() && !is_shipped(language, &file_name(path)))
                .for_each(|path| count(&path));
        }
        count(&root().join(folder).join("inspect.txt"));
    }
    for (folder, _, _, part) in PARTS {
        count(&root().join(folder).join("golden").join(part));
    }
    for (folder, end) in [
        ("crates/gangplank-codegen/tests/snapshots", ".snap"),
        ("crates/gangplank/tests/ui", ".stderr"),
    ] {
        files_in(&root().join(folder))
            .iter()
            .filter(|path| file_name(path).ends_with(end))
            .for_each(|path| count(path));
    }
    println!("{lines} lines");
    assert!(lines > 1_000, "only {lines} lines were found");
    // While they are written anew, other tests of this file are at it.
    let bless = std::env::var_os("GANGPLANK_BLESS").is_some();
    assert!(
        bless || lines < MOST_LINES,
        "the goldens have {lines} lines, more than {MOST_LINES}: nobody reads such a diff; check in less"
    );
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
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
            let name = file_name(path);
            let shipped = BACKENDS.iter().any(|language| {
                is_shipped(language.name, &name) && golden.ends_with(language.name)
            });
            !shipped && !known.contains(&*name) && !NOT_GOLDEN.contains(&&*name)
        })
        .collect()
}
