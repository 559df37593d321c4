//! The scratch module that a guest is built in.
//!
//! Comes in: a `go.mod`, the user's files by reference, generated files. Goes out: what the go command says about
//! packages, and the built library. It is a real folder outside every module and workspace; the user's files are mapped
//! into it by `-overlay`, so compilers name them where they are. The process's own folder never changes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use gangplank_model::diagnostics::codes;
use gangplank_model::{Diagnostic, Diagnostics};
use serde::Deserialize;
use serde_json::json;
use tempfile::TempDir;

use super::cache::unusable;
use super::downloads;
use super::run::{Listener, Progress, run, words};
use super::toolchain::Go;
use crate::backend::File;

/// The folder, and what is in it.
pub(super) struct Workspace<'a> {
    pub(super) go: &'a Go,
    folder: TempDir,
    /// Names in the folder, and the files of the user's behind them.
    mapped: BTreeMap<String, PathBuf>,
    progress: Listener<'a>,
}

/// What `go list` says of a package.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Listed {
    pub(super) import_path: String,
    pub(super) name: String,
    dir: PathBuf,
    go_files: Vec<String>,
    cgo_files: Vec<String>,
    error: Option<ListError>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ListError {
    err: String,
}

impl<'a> Workspace<'a> {
    pub(super) fn new(go: &'a Go, progress: Listener<'a>) -> Result<Workspace<'a>, Diagnostics> {
        let temporary = std::env::temp_dir();
        let folder = fs::canonicalize(&temporary)
            .and_then(|place| {
                tempfile::Builder::new()
                    .prefix("gangplank-")
                    .tempdir_in(place)
            })
            .map_err(|error| unusable(&temporary, &error))?;
        Ok(Workspace {
            go,
            folder,
            mapped: BTreeMap::new(),
            progress,
        })
    }

    /// The folder, for who keeps what was built there.
    pub(super) fn into_folder(self) -> TempDir {
        self.folder
    }

    /// Writes a file into the folder.
    pub(super) fn write(&self, name: &str, contents: &str) -> Result<(), Diagnostics> {
        let path = self.folder.path().join(name);
        fs::write(&path, contents).map_err(|error| unusable(&path, &error))
    }

    /// Maps a file of the user's into the folder.
    pub(super) fn map(&mut self, path: &Path) {
        if let Some(name) = path.file_name() {
            let name = name.to_string_lossy().into_owned();
            self.mapped.insert(name, path.to_owned());
        }
    }

    /// A go command with the flags that every one of them needs here.
    fn command(&self, verb: &str) -> Result<Command, Diagnostics> {
        let folder = self.folder.path();
        let replaced: BTreeMap<String, String> = self
            .mapped
            .iter()
            .map(|(name, path)| {
                (
                    folder.join(name).display().to_string(),
                    path.display().to_string(),
                )
            })
            .collect();
        self.write("overlay.json", &json!({ "Replace": replaced }).to_string())?;
        let mut command = self.go.command(&std::env::temp_dir());
        command.arg(verb).arg("-C").arg(folder).args([
            "-mod=mod",
            "-buildvcs=false",
            "-tags",
            "guest",
            "-overlay",
        ]);
        command.arg(folder.join("overlay.json"));
        Ok(command)
    }

    /// The package of an import path (`.`: the folder's own), without looking at what it imports.
    ///
    /// # Errors
    /// In the go command's words, when there is no such package.
    pub(super) fn list(&self, import: &str) -> Result<Listed, String> {
        let mut command = self.command("list").map_err(|found| found.to_string())?;
        command.args([
            "-e",
            "-find",
            "-json=ImportPath,Name,Dir,GoFiles,CgoFiles,Error",
            import,
        ]);
        let output = run(&mut command, Vec::new(), self.progress);
        let output = output.map_err(|error| error.to_string())?;
        let listed: Listed =
            serde_json::from_slice(&output.stdout).map_err(|_| self.shown(&words(&output)))?;
        match listed.error {
            Some(error) => Err(self.shown(&error.err)),
            None => Ok(listed),
        }
    }

    /// The Go files of a package, where the user has them.
    pub(super) fn files(&self, listed: &Listed) -> Vec<PathBuf> {
        let names = listed.go_files.iter().chain(&listed.cgo_files);
        let own = listed.dir == self.folder.path();
        names
            .map(|name| match self.mapped.get(name) {
                Some(path) if own => path.clone(),
                _ => listed.dir.join(name),
            })
            .collect()
    }

    /// Builds the folder's package, with the generated `files`, as the shared library `name`.
    pub(super) fn build(&self, files: &[File], name: &str) -> Result<PathBuf, Diagnostics> {
        for file in files {
            self.write(&file.path, &file.contents)?;
        }
        (self.progress)(Progress::Step {
            verb: "Building",
            what: name,
        });
        let out = self.folder.path().join("out");
        fs::create_dir_all(&out).map_err(|error| unusable(&out, &error))?;
        let library = out.join(name);
        let mut command = self.command("build")?;
        command.args(["-buildmode=c-shared", "-trimpath", "-o"]);
        command.arg(&library).arg(".");
        let output = run(&mut command, Vec::new(), self.progress);
        let output = output.map_err(|error| unusable(self.folder.path(), &error))?;
        if output.status.success() {
            return Ok(library);
        }
        let mut diagnostic = Diagnostic::new(
            codes::GO_BUILD,
            format!("`{name}` does not build\n{}", self.shown(&words(&output))),
        );
        for line in downloads::of(&words(&output), &self.go.env) {
            diagnostic = diagnostic.help(line);
        }
        Err(diagnostic.into())
    }

    /// What a tool said, with the user's paths instead of those that start at the scratch folder.
    fn shown(&self, text: &str) -> String {
        let lines = text.lines().filter(|line| !line.starts_with("# "));
        let lines: Vec<String> = lines.map(|line| self.line(line)).collect();
        let folder = format!("{}/", self.folder.path().display());
        lines.join("\n").replace(&folder, "")
    }

    fn line(&self, line: &str) -> String {
        let start = line.trim_start();
        let blank = &line[..line.len() - start.len()];
        match start.split_once(':') {
            Some((path, rest)) if start.starts_with(['.', '/']) => {
                let path = plain(&self.folder.path().join(path));
                let path = match path.strip_prefix(self.folder.path()) {
                    Ok(inside) => self
                        .mapped
                        .get(&*inside.to_string_lossy())
                        .map_or(inside, |path| path),
                    Err(_) => &path,
                };
                format!("{blank}{}:{rest}", path.display())
            }
            _ => line.to_owned(),
        }
    }
}

/// The path without `.` and `..`. The scratch folder's path has no links in it.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}
