//! `cargo xtask breakages`: the tests notice when a rule is broken.
//!
//! Comes in: `tests/breakages/*.patch`, each of which breaks one rule of the runtime and names in its header the tests
//! that hold it. Goes out: on stdout one line per patch and a last line `N passed, 0 failed`. A patch passes when, in a
//! copy of this tree, it applies, builds, and makes every test that it names fail; all of them pass without it.
//!
//! A header is what stands before the first `---`:
//!
//! ```text
//! Breaks: the rule, in words.
//! Test: -p gangplank --lib rt::tests::calls::pending_then_done_once
//! Loom: rt::loom_models::slots::two_closers
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::copy::{Copy, said};
use crate::run::{Failure, Session};
use crate::tally::Tally;

/// Where the patches are.
const FOLDER: &str = "tests/breakages";
/// A test that takes longer hangs, which tells nobody anything. Models of loom take a minute where nothing else runs.
const MOST: Duration = Duration::from_secs(900);

/// One way to break a rule.
struct Patch {
    name: String,
    file: PathBuf,
    tests: Vec<Test>,
}

/// A test as a header names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Test {
    /// Built with `--cfg loom`.
    loom: bool,
    /// What cargo is told to build.
    target: Vec<String>,
    /// Its full name.
    name: String,
}

/// How a test ended.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    /// It could not be run.
    Not(String),
}

/// Runs every patch; the lines go to stdout.
///
/// # Errors
/// A test does not notice, a patch does not apply, or there is no `git`.
pub(crate) fn breakages(session: &Session) -> Result<(), Failure> {
    let Tally {
        passed,
        failed,
        names,
        ..
    } = breakages_told(session, |line| println!("{line}"))?;
    println!("\n{passed} passed, {failed} failed");
    if failed == 0 {
        Ok(())
    } else {
        Err(Failure::Other(format!("not noticed: {}", names.join(", "))))
    }
}

/// Runs every patch, hands out a line for each, and counts those that were noticed.
///
/// # Errors
/// The patches cannot be read, or the tree cannot be copied.
pub(crate) fn breakages_told(
    session: &Session,
    mut tell: impl FnMut(String),
) -> Result<Tally, Failure> {
    let patches = patches(&session.root.join(FOLDER))?;
    session.say("copying the tree");
    let copy = Copy::of(session, "breakages")?;
    let mut tally = Tally::default();
    let tests: BTreeSet<&Test> = patches.iter().flat_map(|patch| &patch.tests).collect();
    let mut unfit = BTreeMap::new();
    for test in tests {
        session.say(&format!("without a patch: {}", test.name));
        match copy.run(test) {
            Outcome::Passed => {}
            Outcome::Failed => {
                unfit.insert(test, format!("{} fails without the patch", test.name));
            }
            Outcome::Not(why) => {
                unfit.insert(test, why);
            }
        }
    }
    for patch in &patches {
        session.say(&format!("{}: {FOLDER}/{0}.patch", patch.name));
        let started = Instant::now();
        let unfit = patch.tests.iter().find_map(|test| unfit.get(test));
        let noticed = match unfit {
            Some(why) => Err(why.clone()),
            None => copy.noticed(patch),
        };
        let word = if noticed.is_ok() {
            "ok     "
        } else {
            "FAILED "
        };
        let names: Vec<&str> = patch.tests.iter().map(|test| &*test.name).collect();
        let took = started.elapsed().as_secs();
        let names = names.join(", ");
        tell(format!("{word} {:<28} {took:>4} s  {names}", patch.name));
        match noticed {
            Ok(()) => tally.passed += 1,
            Err(why) => {
                let why = why.trim_end().replace('\n', "\n        ");
                tell(format!("        {why}"));
                tally.failed += 1;
                tally.names.push(patch.name.clone());
            }
        }
    }
    Ok(tally)
}

/// The patches of a folder, by name.
fn patches(folder: &Path) -> Result<Vec<Patch>, String> {
    let unreadable = |error: std::io::Error| format!("cannot read {}: {error}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        if file
            .extension()
            .is_none_or(|extension| extension != "patch")
        {
            continue;
        }
        let text = fs::read_to_string(&file).map_err(unreadable)?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let tests = header(&text).map_err(|why| format!("{}: {why}", file.display()))?;
        found.push(Patch {
            name: name.into_owned(),
            file,
            tests,
        });
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    if found.is_empty() {
        return Err(format!("there is no patch in {}", folder.display()));
    }
    Ok(found)
}

/// The tests that a patch's header names.
fn header(text: &str) -> Result<Vec<Test>, String> {
    let mut lines = text.lines().take_while(|line| !line.starts_with("---"));
    if !lines.clone().any(|line| line.starts_with("Breaks: ")) {
        return Err("the header has no line `Breaks: …`".to_owned());
    }
    let words =
        |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
    let tests = lines
        .by_ref()
        .filter_map(|line| {
            let (loom, mut target) =
                match (line.strip_prefix("Test: "), line.strip_prefix("Loom: ")) {
                    (Some(test), _) => (false, words(test)),
                    (None, Some(name)) => {
                        (true, words(&format!("-p gangplank --release --lib {name}")))
                    }
                    (None, None) => return None,
                };
            let name = target.pop()?;
            Some(Test { loom, target, name })
        })
        .collect::<Vec<_>>();
    if tests.is_empty() {
        return Err(
            "the header names no test: `Test: -p PACKAGE --lib NAME` or `Loom: NAME`".to_owned(),
        );
    }
    Ok(tests)
}

impl Copy {
    /// Whether the tests of a patch fail with it.
    fn noticed(&self, patch: &Patch) -> Result<(), String> {
        self.apply(&patch.file, false).map_err(|why| {
            format!(
                "{} no longer applies: the code that it breaks has changed. Break the same rule in the code as it is \
                 now.\n{why}",
                patch.file.display()
            )
        })?;
        let outcomes: Vec<_> = patch
            .tests
            .iter()
            .map(|test| (test, self.run(test)))
            .collect();
        self.apply(&patch.file, true)?;
        for (test, outcome) in outcomes {
            match outcome {
                Outcome::Failed => {}
                Outcome::Passed => return Err(format!("{} does not notice", test.name)),
                Outcome::Not(why) => return Err(why),
            }
        }
        Ok(())
    }

    /// Applies a patch to the copy, or takes it back.
    fn apply(&self, patch: &Path, back: bool) -> Result<(), String> {
        let mut git = Command::new("git");
        git.arg("apply")
            .args(back.then_some("--reverse"))
            .arg(patch);
        // Inside a repository, git would look for the files at its root.
        let above = self.tree.parent().unwrap_or(&self.tree);
        git.current_dir(&self.tree)
            .env("GIT_CEILING_DIRECTORIES", above)
            .env_remove("GIT_DIR")
            .env_remove("GIT_WORK_TREE");
        let output = git.output().map_err(|error| format!("git: {error}"))?;
        if output.status.success() {
            Ok(())
        } else {
            Err(said("git apply", &output))
        }
    }

    /// Builds and runs one test.
    fn run(&self, test: &Test) -> Outcome {
        let output = self.cargo(test).output();
        let built = match output {
            Ok(output) if output.status.success() => {
                String::from_utf8_lossy(&output.stderr).into_owned()
            }
            Ok(output) => return Outcome::Not(said("the tests do not build: cargo test", &output)),
            Err(error) => return Outcome::Not(format!("cargo does not start: {error}")),
        };
        // `  Executable unittests src/lib.rs (/…/deps/gangplank-0123456789abcdef)`
        let program = built
            .lines()
            .filter(|line| line.trim_start().starts_with("Executable "))
            .find_map(|line| line.rsplit_once('(')?.1.strip_suffix(')'));
        let Some(program) = program else {
            return Outcome::Not(format!("cargo does not say what it built:\n{built}"));
        };
        let mut command = Command::new(program);
        command
            .current_dir(&self.tree)
            .args(["--exact", &test.name]);
        match ended(&mut command) {
            Ok(Some((true, printed))) if printed.contains("1 passed") => Outcome::Passed,
            Ok(Some((true, _))) => Outcome::Not(format!("there is no test {}", test.name)),
            Ok(Some((false, _))) => Outcome::Failed,
            Ok(None) => Outcome::Not(format!("{} hangs", test.name)),
            Err(error) => Outcome::Not(format!("{program} does not start: {error}")),
        }
    }

    /// Cargo, building what has the test.
    fn cargo(&self, test: &Test) -> Command {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        let mut command = Command::new(cargo);
        let target = self.target.join(if test.loom { "loom" } else { "plain" });
        command
            .current_dir(&self.tree)
            .stdin(Stdio::null())
            .args(["test", "--no-run", "--target-dir"])
            .arg(target)
            .args(&test.target)
            .env_remove("CARGO_TARGET_DIR");
        if test.loom {
            command.env("RUSTFLAGS", "--cfg loom");
        }
        command
    }
}

/// Runs a program: whether it succeeded, and what it printed on stdout; `None` when it had to be stopped.
fn ended(command: &mut Command) -> std::io::Result<Option<(bool, String)>> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let stdout = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut printed = Vec::new();
        // What cannot be read counts as not printed.
        let _ = stdout.map(|mut stdout| stdout.read_to_end(&mut printed));
        String::from_utf8_lossy(&printed).into_owned()
    });
    let until = Instant::now() + MOST;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if Instant::now() > until {
            child.kill()?;
            child.wait()?;
            break None;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let printed = reader.join().unwrap_or_default();
    Ok(status.map(|status| (status.success(), printed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        let text = "Breaks: a rule\nof two lines.\nTest: -p gangplank --test panics one\nLoom: rt::two\n\n--- a/x\nTest: no\n";
        let tests = header(text).expect("a header");
        let words = |test: &Test| (test.loom, test.target.join(" "), test.name.clone());
        assert_eq!(
            tests.iter().map(words).collect::<Vec<_>>(),
            [
                (
                    false,
                    "-p gangplank --test panics".to_owned(),
                    "one".to_owned()
                ),
                (
                    true,
                    "-p gangplank --release --lib".to_owned(),
                    "rt::two".to_owned()
                ),
            ]
        );
        assert!(
            header("Breaks: a rule\n--- a/x\n")
                .expect_err("no test")
                .contains("names no test")
        );
        assert!(header("Loom: a\n").expect_err("no rule").contains("Breaks"));
    }

    #[test]
    fn every_patch_has_a_header() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("root");
        assert!(patches(&root.join(FOLDER)).expect("patches").len() >= 7);
    }
}
