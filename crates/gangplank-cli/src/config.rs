//! The settings that an author gives for packages.
//!
//! Comes in: `[package.metadata.gangplank]` of a crate, a `gangplank.toml` beside the input, or a file named on the
//! command line. Goes out: one [`Config`]. A key in two places, and a key or a language that nobody knows, is an error
//! that names the file and the key.

use std::path::{Path, PathBuf};

use gangplank_codegen::backend::{self, BACKENDS};
use gangplank_codegen::config::{Config, Options};
use serde::Deserialize;
use toml::{Table, Value};

use crate::failure::{Failure, Outcome};

/// Settings out of one file.
struct Source {
    file: PathBuf,
    /// What stands before a key in this file: `package.metadata.gangplank.`, or nothing.
    prefix: &'static str,
    table: Table,
}

/// Reads the settings that hold for the input in `folder`: the crate's own if it is a crate, and `named` or the
/// `gangplank.toml` that lies there.
///
/// # Errors
/// A file cannot be read or has a fault, or two of them have the same key.
pub(crate) fn read(folder: &Path, named: Option<&Path>) -> Outcome<Config> {
    let mut sources = Vec::new();
    let manifest = folder.join("Cargo.toml");
    if manifest.is_file() {
        sources.push(source(manifest)?);
    }
    let beside = folder.join("gangplank.toml");
    match named {
        Some(file) => sources.push(source(file.to_owned())?),
        None if beside.is_file() => sources.push(source(beside)?),
        None => {}
    }
    let mut config = Config::default();
    for source in &sources {
        check(source)?;
    }
    if let [first, second] = sources.as_slice() {
        one_place_each(first, second, &first.table, &second.table, "")?;
    }
    for source in sources {
        for (language, value) in source.table {
            let options = Options::deserialize(value)
                .map_err(|error| fault(&source.file, source.prefix, &language, &error))?;
            merge(config.languages.entry(language).or_default(), options);
        }
    }
    Ok(config)
}

/// Reads one file. A `Cargo.toml` has the settings in its metadata, every other file at the top.
fn source(file: PathBuf) -> Outcome<Source> {
    let text =
        std::fs::read_to_string(&file).map_err(|error| Failure::file("read", &file, &error))?;
    let table: Table = toml::from_str(&text)
        .map_err(|error| Failure::Diagnostics(format!("error: {}: {error}", file.display())))?;
    if file.file_name().is_none_or(|name| name != "Cargo.toml") {
        return Ok(Source {
            file,
            prefix: "",
            table,
        });
    }
    let inner =
        ["package", "metadata", "gangplank"]
            .iter()
            .try_fold(Value::Table(table), |value, key| match value {
                Value::Table(mut table) => table.remove(*key),
                _ => None,
            });
    match inner {
        None => Ok(Source {
            file,
            prefix: PREFIX,
            table: Table::new(),
        }),
        Some(Value::Table(table)) => Ok(Source {
            file,
            prefix: PREFIX,
            table,
        }),
        Some(_) => Err(Failure::Diagnostics(format!(
            "error: {}: `package.metadata.gangplank` must be a table",
            file.display()
        ))),
    }
}

const PREFIX: &str = "package.metadata.gangplank.";

/// Every section must be a language's, and every key one that the language reads.
fn check(source: &Source) -> Outcome<()> {
    for (language, value) in &source.table {
        let Some(known) = backend::find(language) else {
            let names: Vec<&str> = BACKENDS.iter().map(|language| language.name).collect();
            return Err(fault(
                &source.file,
                source.prefix,
                language,
                &format!("no such language; there are {}", names.join(", ")),
            ));
        };
        let options = Options::deserialize(value.clone())
            .map_err(|error| fault(&source.file, source.prefix, language, &error))?;
        if let Err(diagnostics) = options.check(known) {
            let messages: Vec<&str> = diagnostics
                .iter()
                .map(|diagnostic| diagnostic.message.as_str())
                .collect();
            return Err(fault(
                &source.file,
                source.prefix,
                language,
                &messages.join("; "),
            ));
        }
    }
    Ok(())
}

fn fault(file: &Path, prefix: &str, section: &str, error: &dyn std::fmt::Display) -> Failure {
    let error = error.to_string();
    Failure::Diagnostics(format!(
        "error: {}: [{prefix}{section}]: {}",
        file.display(),
        error.trim_end()
    ))
}

/// Refuses a key that both files have, down to single renames.
fn one_place_each(
    first: &Source,
    second: &Source,
    a: &Table,
    b: &Table,
    path: &str,
) -> Outcome<()> {
    for (key, value) in a {
        let path = format!("{path}{key}");
        match (value, b.get(key)) {
            (_, None) => {}
            (Value::Table(a), Some(Value::Table(b))) => {
                one_place_each(first, second, a, b, &format!("{path}."))?
            }
            (_, Some(_)) => {
                return Err(Failure::Diagnostics(format!(
                    "error: the key `{path}` is set twice\n  --> {}: {}{path}\n  --> {}: {}{path}\n  help: keep one of them",
                    first.file.display(),
                    first.prefix,
                    second.file.display(),
                    second.prefix
                )));
            }
        }
    }
    Ok(())
}

/// Takes what the second file adds; no key is in both.
fn merge(into: &mut Options, from: Options) {
    let Options {
        module,
        package,
        renames,
        guest: _, // which no configuration has
    } = from;
    into.module = into.module.take().or(module);
    into.package = into.package.take().or(package);
    into.renames.extend(renames);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(manifest: &str, beside: &str) -> tempfile::TempDir {
        let temp = tempfile::tempdir().unwrap();
        std::fs::write(
            temp.path().join("Cargo.toml"),
            format!("[package]\nname = \"x\"\n{manifest}"),
        )
        .unwrap();
        if !beside.is_empty() {
            std::fs::write(temp.path().join("gangplank.toml"), beside).unwrap();
        }
        temp
    }

    fn error(manifest: &str, beside: &str) -> String {
        let temp = folder(manifest, beside);
        let text = read(temp.path(), None).unwrap_err().to_string();
        text.replace(&temp.path().display().to_string(), "DIR")
    }

    #[test]
    fn both_files_count() {
        let temp = folder(
            "[package.metadata.gangplank.go]\nmodule = \"example.com/x\"\nrenames = { A = \"B\" }\n",
            "[go]\npackage = \"y\"\nrenames = { C = \"D\" }\n",
        );
        let options = read(temp.path(), None).unwrap().options("go");
        assert_eq!(options.module.as_deref(), Some("example.com/x"));
        assert_eq!(options.package.as_deref(), Some("y"));
        assert_eq!(options.renames.len(), 2);
    }

    #[test]
    fn a_key_in_both_files_is_an_error() {
        let metadata = "[package.metadata.gangplank.go]\nrenames = { \"Timer::echo\" = \"Say\" }\n";
        assert_eq!(
            error(metadata, "[go.renames]\n\"Timer::echo\" = \"Tell\"\n"),
            "error: the key `go.renames.Timer::echo` is set twice\n  \
             --> DIR/Cargo.toml: package.metadata.gangplank.go.renames.Timer::echo\n  \
             --> DIR/gangplank.toml: go.renames.Timer::echo\n  help: keep one of them"
        );
    }

    #[test]
    fn unknown_keys_and_languages_name_file_and_key() {
        let text = error("[package.metadata.gangplank.go]\nmodul = \"x\"\n", "");
        assert!(
            text.starts_with(
                "error: DIR/Cargo.toml: [package.metadata.gangplank.go]: unknown field `modul`"
            ),
            "{text}"
        );
        let text = error("", "[cobol]\nmodule = \"x\"\n");
        assert_eq!(
            text,
            "error: DIR/gangplank.toml: [cobol]: no such language; there are c, go, python, rust-guest, rust-host"
        );
        let text = error("", "[go]\nmodule = 3\n");
        assert!(
            text.starts_with("error: DIR/gangplank.toml: [go]: invalid type"),
            "{text}"
        );
    }

    #[test]
    fn a_named_file_may_be_a_manifest() {
        let temp = folder(
            "[package.metadata.gangplank.go]\nmodule = \"example.com/x\"\n",
            "",
        );
        let elsewhere = tempfile::tempdir().unwrap();
        let config = read(elsewhere.path(), Some(&temp.path().join("Cargo.toml"))).unwrap();
        assert_eq!(
            config.options("go").module.as_deref(),
            Some("example.com/x")
        );
    }
}
