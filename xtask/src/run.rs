//! Programs that are run, and the folders they run in.
//!
//! Comes in: a program, its arguments and its folder. Goes out: whether it succeeded, and its standard output where
//! somebody needs it. What children print goes to stderr: stdout belongs to results.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Where the system's loader looks first.
const LIBRARY_PATH: &str = if cfg!(target_os = "macos") {
    "DYLD_FALLBACK_LIBRARY_PATH"
} else {
    "LD_LIBRARY_PATH"
};

/// How long what a program has started may hold its standard output when it has ended itself: a test that left a process
/// behind must not keep everything.
const ORPHANS: Duration = Duration::from_secs(60);

/// How a word ends when it does not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Tools are missing; the text lists them.
    Tools(String),
    /// Anything else.
    Other(String),
}

impl From<String> for Failure {
    fn from(text: String) -> Failure {
        Failure::Other(text)
    }
}

/// What holds for one run of xtask.
#[derive(Debug)]
pub(crate) struct Session {
    /// The repository.
    pub(crate) root: PathBuf,
    /// Where cargo puts binaries of the development profile.
    pub(crate) binaries: PathBuf,
    /// Whether a missing tool is a failure.
    pub(crate) ci: bool,
    /// Whether suites take their long counts.
    pub(crate) soak: bool,
}

impl Session {
    /// Finds the repository and the target folder from where this program lies.
    ///
    /// # Errors
    /// It has been moved.
    pub(crate) fn new(soak: bool) -> Result<Session, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .map(Path::to_owned);
        let binaries = std::env::current_exe()
            .ok()
            .and_then(|path| path.parent().map(Path::to_owned));
        let (Some(root), Some(binaries)) = (root, binaries) else {
            return Err("cannot find the repository that this xtask belongs to".to_owned());
        };
        let ci =
            std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
        Ok(Session {
            root,
            binaries,
            ci,
            soak,
        })
    }

    /// A command that runs `program` in `folder` (relative to the repository), without input.
    pub(crate) fn command(&self, program: &str, folder: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.root.join(folder))
            .stdin(Stdio::null());
        // Go must use what is here, not fetch another toolchain or look at a workspace around the repository.
        command.env("GOTOOLCHAIN", "local").env("GOWORK", "off");
        // Cargo makes whatever it runs look for shared libraries among what it has built: a program linked with a library
        // of `gangplank build` would meet one of the same name that nobody ships.
        if let Some(folders) = std::env::var_os(LIBRARY_PATH) {
            let others = std::env::split_paths(&folders).filter(|folder| !self.is_cargos(folder));
            // What was split can be joined.
            command.env(
                LIBRARY_PATH,
                std::env::join_paths(others).unwrap_or_default(),
            );
        }
        if self.soak {
            // What the property tests of the Rust suite take for the number of cases, and what the C suite looks for.
            command
                .env("PROPTEST_CASES", "10000")
                .env("GANGPLANK_SOAK", "1");
        }
        command
    }

    /// Whether cargo puts what it builds there.
    fn is_cargos(&self, folder: &Path) -> bool {
        self.binaries
            .parent()
            .is_some_and(|target| folder.starts_with(target))
    }

    /// Cargo at the root of the repository.
    pub(crate) fn cargo(&self, args: &[&str]) -> Command {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        let mut command = self.command(&cargo, ".");
        command.args(args);
        command
    }

    /// Where the `gangplank` of this repository is, once [`Session::build_gangplank`] has made it.
    pub(crate) fn gangplank_path(&self) -> PathBuf {
        self.binaries
            .join(format!("gangplank{}", std::env::consts::EXE_SUFFIX))
    }

    /// The `gangplank` of this repository at its root.
    pub(crate) fn gangplank(&self, args: &[&str]) -> Command {
        let mut command = self.command(&self.gangplank_path().to_string_lossy(), ".");
        command.args(args);
        command
    }

    /// Builds the `gangplank` of this repository, and beside it what it copies into packages.
    ///
    /// # Errors
    /// It does not build.
    pub(crate) fn build_gangplank(&self) -> Result<(), String> {
        self.say("building gangplank");
        let packages = [
            "--package",
            "gangplank-cli",
            "--package",
            "gangplank-python-host",
        ];
        quiet(self.cargo(&["build", "--quiet"]).args(packages))?;
        let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        let built = self.binaries.join(format!("{prefix}_gangplank{suffix}"));
        let extension = self.binaries.join("_gangplank.abi3.so");
        let text = |error| format!("{}: {error}", extension.display());
        let bytes = std::fs::read(&built).map_err(text)?;
        if std::fs::read(&extension).is_ok_and(|there| there == bytes) {
            return Ok(());
        }
        // A program may have it open: it keeps the file that it has.
        let _ = std::fs::remove_file(&extension);
        std::fs::write(&extension, bytes).map_err(text)
    }

    /// Tells what happens next.
    #[allow(clippy::unused_self, reason = "reads as a step of the session")]
    pub(crate) fn say(&self, text: &str) {
        eprintln!("xtask: {text}");
    }
}

/// Runs a command whose output is for people only.
///
/// # Errors
/// It cannot start or does not succeed; the text has the command.
pub(crate) fn quiet(command: &mut Command) -> Result<(), String> {
    lines(command, |line| eprintln!("{line}"))
}

/// Runs a command and hands out each line of its standard output as it comes.
///
/// # Errors
/// It cannot start or does not succeed; the text has the command.
pub(crate) fn lines(command: &mut Command, each: impl FnMut(&str)) -> Result<(), String> {
    lines_within(command, ORPHANS, each)
}

fn lines_within(
    command: &mut Command,
    orphans: Duration,
    mut each: impl FnMut(&str),
) -> Result<(), String> {
    let shown = show(command);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start {shown}: {error}"))?;
    let printed = child.stdout.take().map(received);
    let failed = |error| format!("cannot wait for {shown}: {error}");
    let mut ended: Option<Instant> = None;
    while let Some(printed) = &printed {
        match printed.recv_timeout(Duration::from_millis(200)) {
            Ok(line) => each(&line),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if ended.is_none() && child.try_wait().map_err(failed)?.is_some() {
            ended = Some(Instant::now());
        }
        if ended.is_some_and(|ended| ended.elapsed() > orphans) {
            eprintln!("xtask: {shown} has ended, but not all that it has started");
            break;
        }
    }
    let status = child.wait().map_err(failed)?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{shown} failed ({status})"))
    }
}

/// The lines that a program prints, by a thread of their own: who waits for one can look at something else meanwhile.
fn received(stdout: ChildStdout) -> Receiver<String> {
    let (send, lines) = channel();
    std::thread::spawn(move || {
        let mut reader = BufReader::new(stdout);
        let mut line = Vec::new();
        while reader
            .read_until(b'\n', &mut line)
            .is_ok_and(|read| read > 0)
        {
            let text = String::from_utf8_lossy(&line);
            if send
                .send(text.trim_end_matches(['\n', '\r']).to_owned())
                .is_err()
            {
                break; // nobody reads any more
            }
            line.clear();
        }
    });
    lines
}

/// Runs a command and returns its standard output as it is.
///
/// # Errors
/// It cannot start or does not succeed; the text has the command and what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let shown = show(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot start {shown}: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        Ok(text)
    } else {
        Err(format!("{shown} failed ({})\n{text}", output.status))
    }
}

/// A command as one would type it.
fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let folder = command
        .get_current_dir()
        .map(|folder| format!(" (in {})", folder.display()))
        .unwrap_or_default();
    format!("`{}`{folder}", words.join(" "))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_leaves_behind_is_not_waited_for() {
        let begun = Instant::now();
        let mut said = Vec::new();
        let mut program = Command::new("sh");
        program.args(["-c", "sleep 300 2>/dev/null & echo $!; echo end; exit 3"]);
        let ended = lines_within(&mut program, Duration::from_secs(1), |line| {
            said.push(line.to_owned());
        });
        let left = Command::new("kill").arg(&said[0]).status();
        assert!(left.expect("kill starts").success(), "it has ended");
        assert!(ended.expect_err("its exit code").contains("exit status: 3"));
        assert_eq!(said[1..], ["end"]);
        assert!(begun.elapsed() < Duration::from_secs(250));
    }
}
