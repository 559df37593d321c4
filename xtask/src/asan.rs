//! The suites of C and Go once more, with libraries and hosts under the eyes of AddressSanitizer.
//!
//! Comes in: the crates of the suites. Goes out: counts. Libraries and packages are made in a folder of their own under
//! the target folder, so that nothing of them meets what the other suites link. Libraries do not bring the checker's
//! runtime; the host does, so both sides share one.
//!
//! `gangplank build` needs no switch for it: it passes the environment on to cargo. The flag is not yet a stable one of
//! rustc's, hence `RUSTC_BOOTSTRAP`; a target that is named keeps the flag away from macros and build scripts.

use std::path::{Path, PathBuf};

use crate::examples::{CRATES, Crate};
use crate::go;
use crate::run::{Session, output, quiet};
use crate::suites::make_c;
use crate::tally::Tally;

/// The checker, without its runtime.
const FLAGS: &str = "-Zsanitizer=address -Zexternal-clangrt";

/// Where the Go tests are.
const GO_TESTS: &str = "tests/go";

/// Runs both suites.
pub(crate) fn asan(session: &Session) -> Tally {
    let mut tally = Tally::default();
    let folder = session.binaries.with_file_name("asan");
    match packages(session, &folder).and_then(|()| module_file(session, &folder)) {
        Ok(()) => {
            tally += c(session, &folder);
            tally += go(session, &folder);
        }
        Err(text) => tally.end("building with AddressSanitizer", Err(text)),
    }
    tally
}

/// Where the packages of a crate are.
fn package(folder: &Path, source: &str) -> PathBuf {
    let name = Path::new(source).file_name().unwrap_or_default();
    folder.join("packages").join(name)
}

/// Builds every library and writes its packages.
fn packages(session: &Session, folder: &Path) -> Result<(), String> {
    let version = output(session.command("rustc", ".").arg("-vV"))?;
    let target = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .ok_or("rustc does not say what machine this is")?;
    for Crate { folder: source, .. } in CRATES {
        for language in ["c", "go"] {
            session.say(&format!(
                "writing {source}/{language}, with AddressSanitizer"
            ));
            let mut command = session.gangplank(&["generate", language, source, "-o"]);
            command
                .arg(package(folder, source).join(language))
                .env("CARGO_TARGET_DIR", folder)
                .env("CARGO_BUILD_TARGET", target)
                .env("RUSTC_BOOTSTRAP", "1")
                .env("RUSTFLAGS", FLAGS)
                .env_remove("CARGO_ENCODED_RUSTFLAGS");
            quiet(&mut command)?;
        }
    }
    Ok(())
}

/// The C suite, whose own code is checked in any case, against these libraries.
fn c(session: &Session, folder: &Path) -> Tally {
    let packages: Vec<String> = CRATES
        .iter()
        .map(|Crate { folder: source, .. }| package(folder, source).display().to_string())
        .collect();
    let variables = [
        format!("BUILD={}", folder.join("c").display()),
        format!("PACKAGES={}", packages.join(" ")),
        "SANITIZED=1".to_owned(),
    ];
    let mut tally = Tally::default();
    for link in ["dynamic", "static"] {
        tally += make_c(session, &[link], &variables);
    }
    tally
}

/// The Go suite with these packages. The test program is kept, because only then it has the names of functions that
/// reports and the list of known leaks go by.
fn go(session: &Session, folder: &Path) -> Tally {
    let modules = format!("-modfile={}", folder.join("go.mod").display());
    let programs = format!("{}/", folder.join("go").display());
    let leaks = session.root.join(GO_TESTS).join("leaks.txt");
    let options = format!("suppressions={}:print_suppressions=0", leaks.display());
    go::test_module(
        session,
        Path::new(GO_TESTS),
        &["-asan", &modules, "-o", &programs],
        &[("LSAN_OPTIONS", &options)],
    )
}

/// The `go.mod` of the tests with other folders for the packages, and the sums that belong beside it.
fn module_file(session: &Session, folder: &Path) -> Result<(), String> {
    let failed =
        |error: std::io::Error| format!("cannot write {}/go.mod: {error}", folder.display());
    let file = session.root.join(GO_TESTS).join("go.mod");
    let text = std::fs::read_to_string(&file)
        .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    std::fs::create_dir_all(folder.join("go")).map_err(failed)?;
    std::fs::copy(file.with_extension("sum"), folder.join("go.sum")).map_err(failed)?;
    std::fs::write(folder.join("go.mod"), redirected(&text, folder)).map_err(failed)
}

/// A `go.mod` whose packages of our crates are in `folder`.
fn redirected(text: &str, folder: &Path) -> String {
    let line = |line: &str| {
        let moved = line.split_once(" => ").and_then(|(module, from)| {
            let source = from.strip_suffix("/go")?;
            let to = package(folder, source).join("go");
            Some(format!("{module} => {}\n", to.display()))
        });
        moved.unwrap_or_else(|| format!("{line}\n"))
    };
    text.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_come_from_elsewhere() {
        let text = "module a\n\nreplace (\n\tb => ../fixtures/b/go\n\tc => ../other\n)\n";
        assert_eq!(
            redirected(text, Path::new("/t")),
            "module a\n\nreplace (\n\tb => /t/packages/b/go\n\tc => ../other\n)\n"
        );
    }
}
