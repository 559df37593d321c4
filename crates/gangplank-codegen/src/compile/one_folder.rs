//! A host and an implementation in one folder.
//!
//! Comes in: the folder that gets a host, and the host. Goes out: which of the user's files declare the same names. In a
//! guest's build the host is left out, and elsewhere the guest; the implementation is left out nowhere unless it says so,
//! and Go's own words for that ("redeclared in this block") do not say what to do.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::beside::package_clause;
use crate::backend::File;

/// What to tell the user about a host of this package in `folder`; nothing when Go can build what is there.
pub(super) fn note(folder: &Path, host: &File, package: &str) -> Option<String> {
    let ours: BTreeSet<&str> = declared(&host.contents).collect();
    let mut names: Vec<String> = fs::read_dir(folder)
        .ok()?
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.ends_with(".go") && !name.ends_with("_test.go") && *name != host.path)
        .collect();
    names.sort();
    let shared = names.iter().find_map(|name| {
        let text = fs::read_to_string(folder.join(name)).ok()?;
        if package_clause(&text) != Some(package) || is_of_guests(&text) {
            return None;
        }
        let both = declared(&text).find(|declared| ours.contains(declared))?;
        Some((name, both.to_owned()))
    });
    shared.map(|(name, both)| {
        let what = match name.ends_with("MetaFFIHost.go") {
            true => "give one of them a folder and a package of its own (-o, --host-package)".to_owned(),
            false => format!("begin {name} with the line `//go:build guest`, or put the host elsewhere (-o, --host-package)"),
        };
        let host = &host.path;
        format!("{name} and {host} are of one Go package, and both declare `{both}`: {what}")
    })
}

/// The functions and types that stand at the beginning of a line, as gofmt leaves them.
fn declared(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let rest = line.strip_prefix("func ").or(line.strip_prefix("type "))?;
        let name = rest
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .next();
        name.filter(|name| !name.is_empty())
    })
}

/// Whether a build constraint keeps the file to the builds of guests.
fn is_of_guests(text: &str) -> bool {
    let head = text
        .lines()
        .take_while(|line| !line.starts_with("package "));
    let mut constraints = head.filter_map(|line| line.strip_prefix("//go:build "));
    constraints.any(|rule| rule.split_whitespace().any(|word| word == "guest"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_go_would_build_with_the_host() {
        let folder = tempfile::tempdir().unwrap();
        let host = File::new(
            "calcMetaFFIHost.go",
            "package main\n\nfunc Div(x int32) {}\n\ntype Data struct{}\n",
        );
        let said = |text: &str| {
            fs::write(folder.path().join("calc.go"), text).unwrap();
            note(folder.path(), &host, "main")
        };
        let text = said("package main\n\nfunc Div() {}\n").unwrap();
        assert!(
            text.starts_with(
                "calc.go and calcMetaFFIHost.go are of one Go package, and both declare `Div`: "
            ),
            "{text}"
        );
        assert!(
            said("package main\n\ntype Data int\n")
                .unwrap()
                .contains("`Data`")
        );
        assert_eq!(
            said("//go:build guest\n\npackage main\n\nfunc Div() {}\n"),
            None
        );
        assert_eq!(said("package calc\n\nfunc Div() {}\n"), None);
        assert_eq!(
            said("package main\n\nfunc (d *Data) Div() {}\nfunc Divide() {}\n"),
            None
        );
        assert!(said("//go:build !guest\n\npackage main\n\nfunc Div() {}\n").is_some());
        fs::remove_file(folder.path().join("calc.go")).unwrap();
        let other = folder.path().join("otherMetaFFIHost.go");
        fs::write(
            other,
            "//go:build !guest\n\npackage main\n\ntype Data struct{}\n",
        )
        .unwrap();
        let text = note(folder.path(), &host, "main").unwrap();
        assert!(
            text.contains("give one of them a folder and a package of its own"),
            "{text}"
        );
        assert_eq!(note(Path::new("/nowhere"), &host, "main"), None);
    }
}
