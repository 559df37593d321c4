//! The Go side of the suites: formatter, vet, staticcheck and tests of every Go module in the repository.
//!
//! Comes in: the modules, found by their `go.mod`. Goes out: counts. Modules are self-contained, so each is run in its
//! own folder.

use std::path::{Path, PathBuf};

use crate::fetch::patiently;
use crate::run::{Session, lines, output, quiet};
use crate::tally::Tally;
use crate::toolchain::STATICCHECK;

/// The build tag of the mode that opens the library at run time.
const DYNAMIC: &str = "-tags=gangplank_dynamic";

/// Where Go code is: the examples, the tests, the Go backend's own sources, and the measurements.
const FOLDERS: [&str; 4] = ["examples", "tests", "crates", "bench"];

/// What staticcheck looks for: everything but
/// - ST1003, underscores in names: generated names that nobody outside sees have one, so that they never meet a name of
///   the user's. For the names that others see, `tests/go/api_test.go` has the rule;
/// - ST1012 and ST1020, names of errors and words of comments: both are asked of written files only, but staticcheck does
///   not recognize a generated one that imports "C". Comments there are those of the `.proto` file.
const CHECKS: &str = "all,-ST1003,-ST1012,-ST1020";

/// Short counts, and always anew: the go command does not see that a library has changed under a test.
const USUAL: &[&str] = &["-short", "-count=1", "-timeout=20m"];

/// Long counts, many times.
const SOAK: &[&str] = &["-count=10", "-timeout=120m"];

/// Every folder with a `go.mod`, relative to the repository, sorted.
pub(crate) fn modules(session: &Session) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        collect(&session.root, Path::new(folder), &mut found);
    }
    found.sort();
    found
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<PathBuf>) {
    if root.join(folder).join("go.mod").is_file() {
        found.push(folder.to_owned());
    }
    for entry in std::fs::read_dir(root.join(folder))
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
    {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder
            && entry.file_name() != "target"
            && !entry.file_name().to_string_lossy().starts_with('.')
        {
            collect(root, &folder.join(entry.file_name()), found);
        }
    }
}

/// Whether anything in the module's folder is a test.
fn has_tests(session: &Session, module: &Path) -> bool {
    fn look(folder: &Path, top: bool) -> bool {
        if !top && folder.join("go.mod").is_file() {
            return false; // Another module.
        }
        std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .filter_map(Result::ok)
            .any(|entry| {
                let path = entry.path();
                path.to_string_lossy().ends_with("_test.go")
                    || (path.is_dir() && look(&path, false))
            })
    }
    look(&session.root.join(module), true)
}

/// `gofmt -l` names no file.
pub(crate) fn gofmt(session: &Session) -> Tally {
    let mut tally = Tally::default();
    let result = output(session.command("gofmt", ".").arg("-l").args(FOLDERS));
    let result = result.and_then(|files| {
        if files.is_empty() {
            Ok(())
        } else {
            Err(format!("not formatted:\n{files}"))
        }
    });
    tally.check("gofmt -l", result);
    tally
}

/// `go vet` has nothing to say, in either mode.
pub(crate) fn vet(session: &Session) -> Tally {
    each(session, |module, tag| {
        quiet(
            session
                .command("go", module)
                .arg("vet")
                .args(tag)
                .arg("./..."),
        )
    })
}

/// `staticcheck` has nothing to say, in either mode.
pub(crate) fn staticcheck(session: &Session) -> Tally {
    let program = match linter(session) {
        Ok(program) => program,
        Err(text) => {
            let mut tally = Tally::default();
            tally.check("staticcheck", Err(text));
            return tally;
        }
    };
    each(session, |module, tag| {
        let mut check = session.command(&program.to_string_lossy(), module);
        quiet(check.args(["-checks", CHECKS]).args(tag).arg("./..."))
    })
}

/// The pinned linter, built by the first who wants it: `go run` of it would ask the module proxy each time. Each Go has its
/// own, which understands no newer one's code.
///
/// # Errors
/// It cannot be fetched or built.
pub(crate) fn linter(session: &Session) -> Result<PathBuf, String> {
    let go = output(session.command("go", ".").args(["env", "GOVERSION"]))?;
    let (_, version) = STATICCHECK.rsplit_once('@').unwrap_or_default();
    let folder = session
        .binaries
        .with_file_name("staticcheck")
        .join(format!("{version}-{}", go.trim()));
    let program = folder.join(format!("staticcheck{}", std::env::consts::EXE_SUFFIX));
    if !program.is_file() {
        patiently(session, || {
            let mut install = session.command("go", ".");
            quiet(install.env("GOBIN", &folder).args(["install", STATICCHECK]))
        })?;
    }
    Ok(program)
}

/// Runs a check over every module, without and with the tag of the dynamic mode.
fn each(session: &Session, check: impl Fn(&Path, &[&str]) -> Result<(), String>) -> Tally {
    let mut tally = Tally::default();
    for module in modules(session) {
        for tag in [&[][..], &[DYNAMIC]] {
            tally.check(
                &format!("{} {}", module.display(), tag.concat()),
                check(&module, tag),
            );
        }
    }
    tally
}

/// `go test` with `flags` in every module that has tests.
pub(crate) fn test(session: &Session, flags: &[&str]) -> Tally {
    test_with(session, flags, &[])
}

/// The same with everything that checks pointers: cgo's own rules at their strictest, and unsafe arithmetic.
pub(crate) fn checked(session: &Session) -> Tally {
    let variables = [("GOEXPERIMENT", "cgocheck2"), ("GODEBUG", "cgocheck=1")];
    test_with(session, &["-gcflags=all=-d=checkptr"], &variables)
}

/// The same with a collector that hardly ever rests: what it must not see, or must not miss, shows.
pub(crate) fn stressed(session: &Session) -> Tally {
    let variables = [("GOGC", "1"), ("GODEBUG", "cgocheck=1,invalidptr=1")];
    test_with(session, &[], &variables)
}

fn test_with(session: &Session, flags: &[&str], variables: &[(&str, &str)]) -> Tally {
    let mut tally = Tally::default();
    for module in modules(session)
        .iter()
        .filter(|module| has_tests(session, module))
        // The suite `allocations` runs it, with the library that it needs.
        .filter(|module| !module.starts_with("bench"))
    {
        tally += test_module(session, module, flags, variables);
    }
    tally
}

/// The same in one module.
pub(crate) fn test_module(
    session: &Session,
    module: &Path,
    flags: &[&str],
    variables: &[(&str, &str)],
) -> Tally {
    let mut command = session.command("go", module);
    command
        .args(["test", "-v"])
        .args(if session.soak { SOAK } else { USUAL })
        .args(flags)
        .arg("./...");
    command.envs(variables.iter().copied());
    let mut failed = Vec::new();
    let mut tally = Tally::default();
    let ended = lines(&mut command, |line| {
        tally.go_line(line);
        let quiet =
            line.trim_start().starts_with("=== ") || line.trim_start().starts_with("--- PASS");
        if !quiet {
            failed.push(line.to_owned());
        }
    });
    if ended.is_err() {
        failed.iter().for_each(|line| eprintln!("{line}"));
        tally.said.go_lines(&failed);
    }
    tally.end(
        &format!("go test {} in {}", flags.join(" "), module.display()),
        ended,
    );
    tally
}
