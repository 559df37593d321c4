//! Go and the C compiler behind it.
//!
//! Comes in: the machine. Goes out: what `go env` says, or one diagnostic in words about what is missing. Asked before
//! anything is built, because the messages of the go command assume that one knows what cgo is.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use gangplank_model::diagnostics::codes;
use gangplank_model::{Diagnostic, Diagnostics};
use serde::Deserialize;

/// The oldest Go whose shared libraries and generics are what generated code expects.
const OLDEST: (u32, u32) = (1, 24);

/// A Go that is there and new enough.
#[derive(Clone, Debug)]
pub struct Go {
    /// What is started.
    pub program: String,
    /// What it says of itself.
    pub env: GoEnv,
}

/// The part of `go env` that matters here.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(
    missing_docs,
    reason = "the names are Go's own, see `go help environment`"
)]
pub struct GoEnv {
    pub cgo_enabled: String,
    pub cc: String,
    pub goversion: String,
    pub gocache: PathBuf,
    pub gomodcache: PathBuf,
    pub goproxy: String,
    pub goos: String,
    pub goarch: String,
    pub gohostos: String,
    pub gohostarch: String,
}

const ASKED: [&str; 10] = [
    "CGO_ENABLED",
    "CC",
    "GOVERSION",
    "GOCACHE",
    "GOMODCACHE",
    "GOPROXY",
    "GOOS",
    "GOARCH",
    "GOHOSTOS",
    "GOHOSTARCH",
];

impl Go {
    /// Asks the go command that `GANGPLANK_GO` names, else the one on the PATH.
    ///
    /// # Errors
    /// It is missing, silent or too old.
    pub fn find() -> Result<Go, Diagnostics> {
        let program = std::env::var("GANGPLANK_GO")
            .ok()
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| "go".to_owned());
        // In a folder that is there, whatever TMPDIR says: a missing one looks like a missing program.
        let output = go_command(&program, Path::new(std::path::MAIN_SEPARATOR_STR))
            .args(["env", "-json"])
            .args(ASKED)
            .output()
            .map_err(|error| not_started(&program, &error))?;
        let env: GoEnv = serde_json::from_slice(&output.stdout).map_err(|error| {
            let said = super::run::words(&output);
            Diagnostic::new(
                codes::GO_MISSING,
                format!("`{program} env` gives no answer: {said}{error}"),
            )
            .help(GET_GO)
        })?;
        match number(&env.goversion) {
            Some(version) if version < OLDEST => Err(Diagnostic::new(
                codes::GO_TOO_OLD,
                format!(
                    "{} is too old; {}.{} is needed",
                    env.goversion, OLDEST.0, OLDEST.1
                ),
            )
            .help(GET_GO)
            .into()),
            _ => Go { program, env }.with_caches(),
        }
    }

    /// Fails where Go would not know where to keep what it builds; then it says so late, and in words about itself.
    fn with_caches(self) -> Result<Go, Diagnostics> {
        let unknown = |folder: &Path| folder.as_os_str().is_empty() || folder == Path::new("off");
        if unknown(&self.env.gocache) || unknown(&self.env.gomodcache) {
            let text = "Go has no folders for what it builds and downloads";
            return Err(Diagnostic::new(codes::GO_CACHES, text)
                .help("set HOME, or GOCACHE and GOMODCACHE, to folders of yours")
                .into());
        }
        Ok(self)
    }

    /// The machine that Go builds for, where that is not this one.
    fn other_machine(&self) -> Option<String> {
        let env = &self.env;
        let other = (&env.goos, &env.goarch) != (&env.gohostos, &env.gohostarch);
        other.then(|| format!("{}/{}", env.goos, env.goarch))
    }

    /// Whether shared libraries can be built: cgo, a C compiler, and a C library that can load them.
    ///
    /// # Errors
    /// One diagnostic for the first of them that is not there.
    pub fn check_c(&self) -> Result<(), Diagnostics> {
        let compiler = self.env.cc.split_whitespace().next().unwrap_or("cc");
        let probe = Command::new(compiler).arg("-dumpmachine").output();
        let missing = probe
            .as_ref()
            .is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
        // Without a C compiler Go turns cgo off by itself; the cause is what people want to read.
        if missing {
            return Err(Diagnostic::new(
                codes::C_COMPILER_MISSING,
                format!("the C compiler `{compiler}` is missing; Go needs it for shared libraries"),
            )
            .help("apt-get install gcc, or name another one in the environment variable CC")
            .into());
        }
        // Whoever names a C compiler for the other machine gets what they ask for.
        if self.env.cgo_enabled != "1"
            && let Some(other) = self.other_machine()
        {
            let (os, arch) = (&self.env.gohostos, &self.env.gohostarch);
            let text = format!(
                "Go is set to build for {other} (GOOS, GOARCH), and this machine is {os}/{arch}"
            );
            return Err(Diagnostic::new(codes::OTHER_MACHINE, text)
                .help("unset GOOS and GOARCH, and see `go env GOOS GOARCH`")
                .help(format!(
                    "for {other}, set CGO_ENABLED=1 as well, and CC to a C compiler for it"
                ))
                .into());
        }
        if self.env.cgo_enabled != "1" {
            return Err(Diagnostic::new(
                codes::CGO_OFF,
                "Go builds without C here (CGO_ENABLED is not 1), and shared libraries need it",
            )
            .help("set CGO_ENABLED=1, and see `go env CGO_ENABLED`")
            .into());
        }
        let machine = probe.map_or(String::new(), |output| {
            String::from_utf8_lossy(&output.stdout).into_owned()
        });
        if machine.contains("musl") {
            return Err(Diagnostic::new(
                codes::MUSL,
                format!("`{compiler}` builds for musl, where Go's shared libraries do not load"),
            )
            .help("build on a system with glibc (Debian, Ubuntu, Fedora …)")
            .into());
        }
        Ok(())
    }

    /// Whether modules can be downloaded into the module cache, or at least are read from it.
    ///
    /// # Errors
    /// The cache is no folder that this user can read.
    pub fn check_cache(&self) -> Result<(), Diagnostics> {
        let cache = &self.env.gomodcache;
        let absent_is_fine = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        };
        std::fs::read_dir(cache)
            .map(drop)
            .or_else(absent_is_fine)
            .map_err(|error| {
                let text = format!("cannot read Go's module cache {}: {error}", cache.display());
                Diagnostic::new(codes::WORK_FOLDER, text)
                    .help("see `go env GOMODCACHE`")
                    .into()
            })
    }

    /// A go command that runs in `folder`, by the user's settings but for workspaces.
    pub fn command(&self, folder: &Path) -> Command {
        go_command(&self.program, folder)
    }
}

const GET_GO: &str = "install Go 1.24 or newer: apt-get install golang-go, or https://go.dev/dl";

fn go_command(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env("GOWORK", "off")
        .env("GO111MODULE", "on")
        .env("PWD", folder);
    command
}

fn not_started(program: &str, error: &io::Error) -> Diagnostics {
    let message = match error.kind() {
        io::ErrorKind::NotFound => {
            format!("`{program}` is missing; it builds what is implemented in Go")
        }
        _ => format!("cannot start `{program}`: {error}"),
    };
    Diagnostic::new(codes::GO_MISSING, message)
        .help(GET_GO)
        .into()
}

/// `go1.26.8` → (1, 26). A development version has none and is taken as new.
fn number(version: &str) -> Option<(u32, u32)> {
    let (major, rest) = version.strip_prefix("go")?.split_once('.')?;
    let digits = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    Some((major.parse().ok()?, rest[..digits].parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn versions_as_go_writes_them() {
        assert_eq!(number("go1.26.8"), Some((1, 26)));
        assert_eq!(number("go1.24rc1"), Some((1, 24)));
        assert_eq!(number("devel go1.27-abc"), None);
    }
}
