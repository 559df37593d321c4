//! Programs of the toolkit that are written in Go.
//!
//! Comes in: a module as files and the package in it. Goes out: the built program, from the user's cache. `go build` in a
//! module with a `go.sum` works without network once the modules are there; `go run pkg@version` and `go install
//! pkg@version` do not.

use std::fs;
use std::path::{Path, PathBuf};

use gangplank_model::{Diagnostic, Diagnostics};

use super::cache;
use super::run::{Listener, Progress, run, words};
use super::toolchain::Go;

/// A program's sources.
pub(super) struct Tool {
    /// The program's name.
    pub(super) name: &'static str,
    /// Names and contents of the files of its module.
    pub(super) files: &'static [(&'static str, &'static str)],
    /// What is built.
    pub(super) package: &'static str,
    /// The code of the diagnostic when it does not build.
    pub(super) code: &'static str,
}

impl Tool {
    /// The program, built when it is not in the cache.
    pub(super) fn program(&self, go: &Go, progress: Listener<'_>) -> Result<PathBuf, Diagnostics> {
        let env = &go.env;
        let mut inputs = vec![&*env.goversion, &*env.gohostos, &*env.gohostarch];
        inputs.extend(self.files.iter().flat_map(|(name, text)| [*name, *text]));
        cache::program(self.name, &inputs, |folder| {
            self.build(go, folder, progress)
        })
    }

    fn build(&self, go: &Go, folder: &Path, progress: Listener<'_>) -> Result<(), Diagnostics> {
        for (name, contents) in self.files {
            let path = folder.join(name);
            fs::write(&path, contents).map_err(|error| cache::unusable(&path, &error))?;
        }
        let what = format!("{} (once)", self.name);
        progress(Progress::Step {
            verb: "Building",
            what: &what,
        });
        let mut command = go.command(folder);
        command
            .env("CGO_ENABLED", "0")
            .env("GOOS", &go.env.gohostos)
            .env("GOARCH", &go.env.gohostarch)
            .args(["build", "-mod=readonly", "-buildvcs=false", "-trimpath"])
            .arg("-o")
            .arg(format!("{}{}", self.name, std::env::consts::EXE_SUFFIX))
            .arg(self.package);
        let output = run(&mut command, Vec::new(), progress);
        let output = output.map_err(|error| cache::unusable(folder, &error))?;
        if output.status.success() {
            return Ok(());
        }
        let text = format!("`{}` does not build: {}", self.name, words(&output));
        Err(Diagnostic::new(self.code, text)
            .help("the first time, modules are downloaded: try again with a network, or see `go env GOPROXY`")
            .into())
    }
}
