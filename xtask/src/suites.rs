//! The suites, in one table.
//!
//! Comes in: a session. Goes out: how many tests of each suite held. A suite that needs a tool says so in the table, and
//! is not run without it. Suites are in the order in which a mistake is cheapest to understand.

use std::process::Command;

use crate::bench;
use crate::breakages::breakages_told;
use crate::examples::{
    CRATES, Crate, EXAMPLES, GO_HOSTS, build, expect, generate, go_host, run_c, run_go,
};
use crate::run::{Failure, Session, lines, output};
use crate::tally::Tally;
use crate::toolchain::Tool;
use crate::{asan, go, new_backend, pairs, python};

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Suite {
    /// What the list calls it.
    pub(crate) name: &'static str,
    /// Without these it is skipped.
    pub(crate) needs: &'static [Tool],
    /// Runs it.
    pub(crate) run: fn(&Session) -> Tally,
    /// Whether it takes so long that only `--soak` runs it.
    pub(crate) long: bool,
}

const C: &[Tool] = &[Tool::Cc, Tool::Binutils, Tool::Make];
const CPP: &[Tool] = &[Tool::Cc, Tool::Cxx, Tool::Binutils, Tool::Make];
/// All languages that an example has.
const PAIRS: &[Tool] = &[
    Tool::Go,
    Tool::Cc,
    Tool::Binutils,
    Tool::GoModules,
    Tool::Python,
];
const GO: &[Tool] = &[Tool::Go, Tool::Cc, Tool::Binutils, Tool::GoModules];

const PYTHON_TOOLS: &[Tool] = &[Tool::Cc, Tool::Binutils, Tool::Python, Tool::PythonTools];

/// Every suite.
pub(crate) const SUITES: &[Suite] = &[
    Suite {
        name: "rust",
        needs: &[Tool::Cc, Tool::Cxx, Tool::Binutils],
        run: rust,
        long: false,
    },
    Suite {
        name: "protoc",
        needs: &[Tool::Protoc],
        run: protoc,
        long: false,
    },
    Suite {
        name: "loom",
        needs: &[Tool::Cc],
        run: loom,
        long: false,
    },
    Suite {
        name: "libraries",
        needs: &[Tool::Cc, Tool::Binutils],
        run: libraries,
        long: false,
    },
    Suite {
        name: "c",
        needs: CPP,
        run: c,
        long: false,
    },
    Suite {
        name: "c examples",
        needs: C,
        run: c_examples,
        long: false,
    },
    Suite {
        name: "pairs",
        needs: PAIRS,
        run: pairs::pairs,
        long: false,
    },
    Suite {
        name: "python",
        needs: &[Tool::Cc, Tool::Binutils, Tool::Python],
        run: python::run,
        long: false,
    },
    Suite {
        name: "python calls go",
        needs: PAIRS,
        run: python::go_package,
        long: false,
    },
    Suite {
        name: "python types",
        needs: PYTHON_TOOLS,
        run: python::types,
        long: false,
    },
    Suite {
        name: "python wheel",
        needs: PYTHON_TOOLS,
        run: python::wheel,
        long: false,
    },
    Suite {
        name: "gofmt",
        needs: &[Tool::Go],
        run: go::gofmt,
        long: false,
    },
    Suite {
        name: "go vet",
        needs: GO,
        run: go::vet,
        long: false,
    },
    Suite {
        name: "staticcheck",
        needs: &[
            Tool::Go,
            Tool::Cc,
            Tool::Binutils,
            Tool::GoModules,
            Tool::Staticcheck,
        ],
        run: go::staticcheck,
        long: false,
    },
    Suite {
        name: "go",
        needs: GO,
        run: |session| go::test(session, &[]),
        long: false,
    },
    Suite {
        name: "go, dynamic",
        needs: GO,
        run: |session| go::test(session, &["-tags=gangplank_dynamic"]),
        long: false,
    },
    Suite {
        name: "go, race",
        needs: GO,
        run: |session| go::test(session, &["-race"]),
        long: false,
    },
    Suite {
        name: "go, race, dynamic",
        needs: GO,
        run: |session| go::test(session, &["-race", "-tags=gangplank_dynamic"]),
        long: false,
    },
    Suite {
        name: "go, checked pointers",
        needs: GO,
        run: go::checked,
        long: false,
    },
    Suite {
        name: "go, busy collector",
        needs: GO,
        run: go::stressed,
        long: false,
    },
    Suite {
        name: "go examples",
        needs: &[Tool::Go, Tool::Cc, Tool::Binutils, Tool::Make],
        run: go_examples,
        long: false,
    },
    Suite {
        name: "asan",
        needs: &[
            Tool::Go,
            Tool::Cc,
            Tool::Cxx,
            Tool::Binutils,
            Tool::Make,
            Tool::Asan,
            Tool::GoModules,
        ],
        run: asan::asan,
        long: false,
    },
    Suite {
        name: "new backend",
        needs: &[Tool::Cc],
        run: new_backend::suite,
        long: false,
    },
    Suite {
        name: "breakages",
        needs: &[Tool::Cc],
        run: breakages,
        long: true,
    },
    Suite {
        name: "allocations",
        needs: PAIRS,
        run: bench::allocations,
        long: false,
    },
];

/// Everything that cargo knows how to test.
fn rust(session: &Session) -> Tally {
    cargo_test(&mut session.cargo(&["test", "--workspace", "--no-fail-fast"]))
}

/// Our descriptors against those of protobuf's own compiler. Without the tool the suite before this one skips the test. Of the
/// whole workspace, as that suite has built it: a package by itself may have its dependencies with other features.
fn protoc(session: &Session) -> Tally {
    cargo_test(&mut session.cargo(&["test", "--workspace", "--test", "proto_protoc"]))
}

/// Every interleaving of the runtime's small state machines in which threads are interrupted at most four times (loom's docs
/// recommend two or three); with `--soak`, however often. A target folder of its own: the flag changes every crate.
fn loom(session: &Session) -> Tally {
    let mut command = session.cargo(&["test", "-p", "gangplank", "--lib", "loom_models"]);
    command.args(["--target-dir", "target/loom"]);
    match session.soak {
        true => command.arg("--release"),
        false => command.env("LOOM_MAX_PREEMPTIONS", "4"),
    };
    cargo_test(command.env("RUSTFLAGS", "--cfg loom"))
}

/// Counts what `cargo test` says.
fn cargo_test(command: &mut Command) -> Tally {
    let mut tally = Tally::default();
    let ended = lines(command, |line| {
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
    for Crate { folder, fresh } in CRATES {
        tally.check(folder, build(session, folder));
        for language in *fresh {
            tally.check(
                &format!("{folder}/{language}"),
                generate(session, folder, language),
            );
        }
    }
    for (idl, to) in GO_HOSTS {
        tally.check(to, go_host(session, idl, to));
    }
    tally.check("hosts of bench/go", bench::hosts(session));
    let archive = session
        .binaries
        .with_file_name("gangplank")
        .join("libmy_timer.a");
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

/// The C suite, in both ways of linking.
fn c(session: &Session) -> Tally {
    make_c(session, &["test"], &[])
}

/// Makes targets of the C suite with variables of make's.
pub(crate) fn make_c(session: &Session, targets: &[&str], variables: &[String]) -> Tally {
    let mut tally = Tally::default();
    let mut command = session.command("make", "tests/c");
    command
        .arg("--no-print-directory")
        .args(targets)
        .args(variables)
        .arg(format!("GANGPLANK={}", session.gangplank_path().display()));
    let ended = lines(&mut command, |line| {
        eprintln!("{line}");
        tally.plain_line(line);
    });
    tally.end(&format!("make {} in tests/c", targets.join(" ")), ended);
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

/// Each patch that breaks a rule is noticed.
fn breakages(session: &Session) -> Tally {
    let mut tally = Tally::default();
    match breakages_told(session, |line| eprintln!("{line}")) {
        Ok(noticed) => tally += noticed,
        Err(Failure::Tools(text) | Failure::Other(text)) => tally.end("breakages", Err(text)),
    }
    tally
}
