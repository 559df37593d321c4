//! The suites, in one table.
//!
//! Comes in: a session. Goes out: how many tests of each suite held. A suite that needs a tool says so in the table, and
//! is not run without it. Suites are in the order in which a mistake is cheapest to understand.

use std::path::PathBuf;

use crate::examples::{CRATES, EXAMPLES, LANGUAGES, build, compare, expect, run_c, run_go};
use crate::go;
use crate::run::{Session, lines, output, quiet};
use crate::tally::Tally;
use crate::toolchain::Tool;

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Suite {
    /// What the list calls it.
    pub(crate) name: &'static str,
    /// Without these it is skipped.
    pub(crate) needs: &'static [Tool],
    /// Runs it.
    pub(crate) run: fn(&Session) -> Tally,
}

const C: &[Tool] = &[Tool::Cc, Tool::Binutils, Tool::Make];
const CPP: &[Tool] = &[Tool::Cc, Tool::Cxx, Tool::Binutils, Tool::Make];
const GO: &[Tool] = &[Tool::Go, Tool::Cc, Tool::Binutils];

/// Every suite.
pub(crate) const SUITES: &[Suite] = &[
    Suite {
        name: "rust",
        needs: &[Tool::Cc, Tool::Binutils],
        run: rust,
    },
    Suite {
        name: "libraries",
        needs: &[Tool::Cc, Tool::Binutils],
        run: libraries,
    },
    Suite {
        name: "goldens",
        needs: &[Tool::Cc, Tool::Binutils],
        run: goldens,
    },
    Suite {
        name: "c",
        needs: CPP,
        run: c,
    },
    Suite {
        name: "c examples",
        needs: C,
        run: c_examples,
    },
    Suite {
        name: "gofmt",
        needs: &[Tool::Go],
        run: go::gofmt,
    },
    Suite {
        name: "go vet",
        needs: GO,
        run: go::vet,
    },
    Suite {
        name: "staticcheck",
        needs: &[Tool::Go, Tool::Cc, Tool::Binutils, Tool::Staticcheck],
        run: go::staticcheck,
    },
    Suite {
        name: "go",
        needs: GO,
        run: |session| go::test(session, &[]),
    },
    Suite {
        name: "go, dynamic",
        needs: GO,
        run: |session| go::test(session, &["-tags=gangplank_dynamic"]),
    },
    Suite {
        name: "go, race",
        needs: GO,
        run: |session| go::test(session, &["-race"]),
    },
    Suite {
        name: "go, race, dynamic",
        needs: GO,
        run: |session| go::test(session, &["-race", "-tags=gangplank_dynamic"]),
    },
    Suite {
        name: "go, checked pointers",
        needs: GO,
        run: go::checked,
    },
    Suite {
        name: "go examples",
        needs: &[Tool::Go, Tool::Cc, Tool::Binutils, Tool::Make],
        run: go_examples,
    },
];

/// Everything that cargo knows how to test.
fn rust(session: &Session) -> Tally {
    let mut tally = Tally::default();
    let mut command = session.cargo(&["test", "--workspace", "--no-fail-fast"]);
    let ended = lines(&mut command, |line| {
        eprintln!("{line}");
        tally.cargo_line(line);
    });
    tally.end("cargo test", ended);
    tally
}

/// Each library builds and goes into its packages; the timer's archive is small.
fn libraries(session: &Session) -> Tally {
    /// Of the timer's archive.
    const LIMIT: u64 = 3 * 1024 * 1024;
    let mut tally = Tally::default();
    for folder in CRATES {
        tally.check(folder, build(session, folder));
    }
    let archive = installed(session, "examples/timer").with_extension("a");
    let small = match std::fs::metadata(&archive) {
        Ok(data) if data.len() <= LIMIT => Ok(()),
        Ok(data) => Err(format!(
            "{} has {} bytes, more than {LIMIT}",
            archive.display(),
            data.len()
        )),
        Err(error) => Err(format!("cannot read {}: {error}", archive.display())),
    };
    tally.check("size of the timer's archive", small);
    tally
}

/// The generated code that is checked in is what the generator writes.
fn goldens(session: &Session) -> Tally {
    let mut tally = Tally::default();
    for folder in CRATES {
        for language in LANGUAGES {
            let result = quiet(&mut session.gangplank(&["generate", language, folder, "--check"]));
            tally.check(
                &format!("{folder}/{language}"),
                result.map_err(|text| format!("{text}; {BLESS}")),
            );
        }
        let (library, golden) = inspected(session, folder);
        let text = output(&mut session.gangplank(&["inspect", &library]));
        let result = text
            .and_then(|text| compare(&golden, &text))
            .map_err(|text| format!("{text}\n{BLESS}"));
        tally.check(&format!("inspect {folder}"), result);
    }
    tally
}

const BLESS: &str = "if this is meant, run `cargo xtask bless` and read the diff";

/// A crate's shared library, and the file that holds what `inspect` prints of it.
pub(crate) fn inspected(session: &Session, folder: &str) -> (String, PathBuf) {
    let golden = session.root.join(folder).join("inspect.txt");
    (
        installed(session, folder).to_string_lossy().into_owned(),
        golden,
    )
}

/// The shared library in a crate's Go package.
fn installed(session: &Session, folder: &str) -> PathBuf {
    let folder = session.root.join(folder).join("go/internal/lib");
    let platform = std::fs::read_dir(&folder)
        .ok()
        .and_then(|mut entries| entries.find_map(Result::ok));
    let platform = platform.map(|entry| entry.path()).unwrap_or(folder);
    let is_shared = |path: &PathBuf| {
        path.extension()
            .is_some_and(|end| end == "so" || end == "dylib")
    };
    let mut files = std::fs::read_dir(&platform)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .map(|entry| entry.path());
    files.find(is_shared).unwrap_or(platform)
}

/// The C suite, against the shared libraries that `gangplank build` has left in the target folder.
fn c(session: &Session) -> Tally {
    let mut tally = Tally::default();
    let libraries = session.binaries.with_file_name("gangplank");
    let variable = format!("LIB_DIR={}", libraries.display());
    let mut command = session.command("make", "tests/c");
    let ended = lines(
        command.args(["--no-print-directory", "test", &variable]),
        |line| {
            eprintln!("{line}");
            tally.plain_line(line);
        },
    );
    tally.end("make test in tests/c", ended);
    tally
}

/// The C programs print what the examples promise, linked either way.
fn c_examples(session: &Session) -> Tally {
    let mut tally = Tally::default();
    for example in EXAMPLES {
        for link in ["static", "dynamic"] {
            let result = run_c(session, example, link)
                .and_then(|printed| expect(session, example, &printed));
            tally.check(&format!("examples/{example}/c, {link}"), result);
        }
    }
    tally
}

/// The Go programs print what the examples promise, linked either way and through their Makefile.
fn go_examples(session: &Session) -> Tally {
    let mut tally = Tally::default();
    for example in EXAMPLES {
        for flags in [&[][..], &["-tags=gangplank_dynamic"]] {
            let result = run_go(session, example, flags)
                .and_then(|printed| expect(session, example, &printed));
            tally.check(&format!("examples/{example}/go {flags:?}"), result);
        }
        let folder = format!("examples/{example}/go");
        let printed = output(
            session
                .command("make", &folder)
                .args(["--no-print-directory", "run"]),
        );
        tally.check(
            &format!("make run in {folder}"),
            printed.and_then(|printed| expect(session, example, &printed)),
        );
    }
    tally
}
