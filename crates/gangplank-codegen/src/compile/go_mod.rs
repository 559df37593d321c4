//! `go.mod` files.
//!
//! Comes in: a module's folder. Goes out: its lines as data, read by the go command, and the `go.mod` of a scratch module
//! that has the lines of several. Only the main module's `replace` and `exclude` lines count in Go, so a scratch module
//! that stands in for the user's takes them over.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use gangplank_model::diagnostics::codes;
use gangplank_model::{Diagnostic, Diagnostics};
use serde::{Deserialize, Deserializer};

use super::module_version;
use super::run::words;
use super::toolchain::Go;

/// A module's `go.mod`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct GoMod {
    pub(super) module: Named,
    pub(super) go: String,
    #[serde(deserialize_with = "absent_is_empty")]
    pub(super) require: Vec<Versioned>,
    #[serde(deserialize_with = "absent_is_empty")]
    pub(super) exclude: Vec<Versioned>,
    #[serde(deserialize_with = "absent_is_empty")]
    pub(super) replace: Vec<Replace>,
    /// Where it is.
    #[serde(skip)]
    pub(super) folder: PathBuf,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Named {
    pub(super) path: String,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Versioned {
    pub(super) path: String,
    pub(super) version: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Replace {
    pub(super) old: Versioned,
    pub(super) new: Versioned,
}

/// The go command writes `null` for a list without elements.
fn absent_is_empty<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

impl GoMod {
    /// Reads the `go.mod` in `folder`, which must be absolute.
    pub(super) fn read(go: &Go, folder: &Path) -> Result<GoMod, Diagnostics> {
        let file = folder.join("go.mod");
        let refused = |text: String| {
            let text = format!("cannot read {}: {text}", file.display());
            Diagnostics::from(Diagnostic::new(codes::NO_IMPLEMENTATION, text))
        };
        // Run elsewhere, so that the file's own `toolchain` line starts no other Go.
        let mut command = go.command(&std::env::temp_dir());
        let output = command.args(["mod", "edit", "-json"]).arg(&file).output();
        let output = output.map_err(|error| refused(error.to_string()))?;
        if !output.status.success() {
            return Err(refused(words(&output)));
        }
        let mut read: GoMod =
            serde_json::from_slice(&output.stdout).map_err(|error| refused(error.to_string()))?;
        read.folder = folder.to_owned();
        Ok(read)
    }

    /// The nearest `go.mod` in `folder` or above it.
    pub(super) fn above(go: &Go, folder: &Path) -> Result<Option<GoMod>, Diagnostics> {
        let found = folder
            .ancestors()
            .find(|path| path.join("go.mod").is_file());
        found.map(|folder| GoMod::read(go, folder)).transpose()
    }

    /// The version of `module` that it requires.
    pub(super) fn version(&self, module: &str) -> Option<&str> {
        let found = self.require.iter().find(|line| line.path == module);
        found.map(|line| &*line.version)
    }
}

/// The `go.mod` of a scratch module, line by line.
#[derive(Default)]
pub(super) struct Scratch {
    go: (u32, u32, String),
    /// The highest version that is asked for, by path.
    require: BTreeMap<String, String>,
    exclude: BTreeSet<Versioned>,
    replace: BTreeMap<Versioned, String>,
}

impl Scratch {
    pub(super) fn require(&mut self, path: &str, version: &str) {
        let known = self.require.entry(path.to_owned()).or_default();
        if known.is_empty() || module_version::compare(known, version).is_lt() {
            version.clone_into(known);
        }
    }

    /// What the generated code itself imports, unless a module of the user's asks for a version.
    pub(super) fn codec(&mut self) {
        const PROTOBUF: &str = "google.golang.org/protobuf";
        let own = include_str!("tools/protoc-gen-go.mod");
        let version = own.split_once(&format!("require {PROTOBUF} "));
        let version = version.and_then(|(_, rest)| rest.split_whitespace().next());
        if let (Some(version), false) = (version, self.require.contains_key(PROTOBUF)) {
            self.require(PROTOBUF, version);
        }
    }

    /// The modules that are needed, with their versions.
    pub(super) fn required(&self) -> impl Iterator<Item = (String, String)> {
        self.require
            .iter()
            .map(|(path, version)| (path.clone(), version.clone()))
    }

    /// Takes over a module of the user's: itself by its folder, and its lines.
    ///
    /// # Errors
    /// Another module replaces the same by something else.
    pub(super) fn stand_in(&mut self, module: &GoMod) -> Result<(), Diagnostics> {
        self.require(&module.module.path, "v0.0.0");
        let own = Versioned {
            path: module.module.path.clone(),
            version: String::new(),
        };
        self.replace_by(own, quoted(&module.folder.display().to_string()))?;
        self.lines(module)
    }

    /// Takes over the lines of a module that stays outside.
    pub(super) fn lines(&mut self, module: &GoMod) -> Result<(), Diagnostics> {
        for line in &module.require {
            self.require(&line.path, &line.version);
        }
        self.exclude.extend(module.exclude.iter().cloned());
        let version = number(&module.go);
        if version > (self.go.0, self.go.1) {
            self.go = (version.0, version.1, module.go.clone());
        }
        for line in &module.replace {
            let new = if line.new.version.is_empty() {
                quoted(&module.folder.join(&line.new.path).display().to_string())
            } else {
                format!("{} {}", line.new.path, line.new.version)
            };
            self.replace_by(line.old.clone(), new)?;
        }
        Ok(())
    }

    fn replace_by(&mut self, old: Versioned, new: String) -> Result<(), Diagnostics> {
        match self.replace.insert(old.clone(), new.clone()) {
            Some(other) if other != new => Err(Diagnostic::new(
                codes::NO_IMPLEMENTATION,
                format!("`{}` is replaced by {other} and by {new}", old.path),
            )
            .help("let the `replace` lines of the modules agree")
            .into()),
            _ => Ok(()),
        }
    }

    /// The text of the file.
    pub(super) fn text(&self) -> String {
        let go = if (self.go.0, self.go.1) > (1, 24) {
            &self.go.2
        } else {
            "1.24"
        };
        let mut text = format!("module gangplank.invalid/guest\n\ngo {go}\n");
        // Writing to a String cannot fail.
        for (path, version) in &self.require {
            let _ = writeln!(text, "require {path} {version}");
        }
        for line in &self.exclude {
            let _ = writeln!(text, "exclude {} {}", line.path, line.version);
        }
        for (old, new) in &self.replace {
            let _ = writeln!(text, "replace {} {} => {new}", old.path, old.version);
        }
        text
    }
}

/// A path as `go.mod` has it.
fn quoted(path: &str) -> String {
    serde_json::Value::from(path).to_string()
}

fn number(version: &str) -> (u32, u32) {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}
