//! What `doctor` says of the files by which programs reach guests of other languages: they are built and installed apart from
//! this command.
//!
//! Comes in: the variables and folders that name them. Goes out: lines and a JSON object.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::ffi::OsString;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::beside;

/// A file, and where programs look for it besides the folder of this command.
struct Part {
    /// Its key for programs.
    key: &'static str,
    file: String,
    purpose: &'static str,
    /// The crate that it is built from.
    package: &'static str,
    /// Names the file.
    variable: Option<&'static str>,
    /// Lists folders.
    folders: &'static str,
}

fn parts() -> [Part; 3] {
    let library = |name: &str| format!("{DLL_PREFIX}{name}{DLL_SUFFIX}");
    [
        Part {
            key: "library",
            file: library("xllr"),
            purpose: "hosts in Go and C call guests of .proto files by it",
            package: "xllr",
            variable: Some("GANGPLANK_XLLR"),
            folders: "GANGPLANK_PATH",
        },
        Part {
            key: "python_runtime",
            file: library("xllr_python3"),
            purpose: "guests in Python run in it",
            package: "xllr-python3",
            variable: None,
            folders: "GANGPLANK_PATH",
        },
        Part {
            key: "helper",
            file: format!("xllr-helper{}", std::env::consts::EXE_SUFFIX),
            purpose: "a second guest in Go runs in it, and what is isolated",
            package: "xllr",
            variable: Some("GANGPLANK_HELPER"),
            folders: "PATH",
        },
    ]
}

/// What was found.
pub(super) struct Xllr(Vec<(Part, Option<PathBuf>)>);

/// Looks.
pub(super) fn look() -> Xllr {
    let value = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    look_by(beside::folder().as_deref(), &value)
}

fn look_by(toolkit: Option<&Path>, value: &dyn Fn(&str) -> Option<OsString>) -> Xllr {
    let find = |part: &Part| {
        let named = part.variable.and_then(value).map(PathBuf::from);
        let folders = value(part.folders).unwrap_or_default();
        let folders: Vec<PathBuf> = std::env::split_paths(&folders).collect();
        let beside = toolkit.map(Path::to_owned);
        let places = beside.into_iter().chain(folders);
        named
            .into_iter()
            .chain(places.map(|folder| folder.join(&part.file)))
            .find(|path| path.is_file())
    };
    let found = parts().map(|part| {
        let path = find(&part);
        (part, path)
    });
    Xllr(found.into())
}

impl Xllr {
    /// For people.
    pub(super) fn text(&self, text: &mut String) {
        text.push_str("\nXLLR, by which programs reach guests of .proto files\n");
        // Writing to a String cannot fail.
        for (part, path) in &self.0 {
            let _ = match path {
                Some(path) => writeln!(text, "  {}: {}", part.file, path.display()),
                None => writeln!(text, "  {}: not found; {}", part.file, part.purpose),
            };
        }
        let missing: Vec<&Part> = self
            .0
            .iter()
            .filter(|(_, path)| path.is_none())
            .map(|(part, _)| part)
            .collect();
        if missing.is_empty() {
            return;
        }
        let mut packages: Vec<&str> = missing.iter().map(|part| part.package).collect();
        packages.sort_unstable();
        packages.dedup();
        let built: Vec<String> = missing
            .iter()
            .map(|part| format!("target/release/{}", part.file))
            .collect();
        let folder = beside::folder().unwrap_or_else(|| "FOLDER".into());
        let _ = writeln!(
            text,
            "  help: in a checkout of Gangplank: cargo build --release --package {} && cp {} {}",
            packages.join(" --package "),
            built.join(" "),
            folder.display()
        );
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let found = self.0.iter();
        let all: Map<String, Value> = found
            .map(|(part, path)| (part.key.to_owned(), json!(path)))
            .collect();
        Value::Object(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_looked_for_where_programs_look() {
        let folders = tempfile::tempdir().unwrap();
        let [beside, listed, own] = ["beside", "listed", "own"].map(|name| {
            let folder = folders.path().join(name);
            std::fs::create_dir(&folder).unwrap();
            folder
        });
        let [library, runtime, helper] = parts().map(|part| part.file);
        std::fs::write(beside.join(&library), "").unwrap();
        std::fs::write(listed.join(&library), "").unwrap();
        std::fs::write(listed.join(&runtime), "").unwrap();
        std::fs::write(own.join("another"), "").unwrap();
        let value = |name: &str| match name {
            "GANGPLANK_PATH" => Some(listed.clone().into_os_string()),
            "GANGPLANK_HELPER" => Some(own.join("another").into_os_string()),
            _ => None,
        };
        let found = look_by(Some(&beside), &value).0.into_iter();
        let found: Vec<Option<PathBuf>> = found.map(|(_, path)| path).collect();
        let expected = [
            beside.join(&library),
            listed.join(&runtime),
            own.join("another"),
        ];
        assert_eq!(found, expected.map(Some));
        let none = look_by(None, &|_| None);
        let mut text = String::new();
        none.text(&mut text);
        let help = format!(
            "cargo build --release --package xllr --package xllr-python3 && cp target/release/{library} \
             target/release/{runtime} target/release/{helper} "
        );
        assert!(text.contains(&help), "{text}");
    }
}
