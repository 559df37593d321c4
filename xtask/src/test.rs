//! `cargo xtask test`: every suite, and one list at the end.
//!
//! Comes in: the table of suites. Goes out: on stdout one line per suite and a last line `N passed, 0 failed`. A suite
//! whose tools are missing is skipped loudly; with `CI=true` that is a failure.

use std::time::{Duration, Instant};

use crate::examples::complete;
use crate::run::{Failure, Session};
use crate::suites::{SUITES, Suite};
use crate::tally::Tally;

/// How one suite ended.
struct Line {
    name: &'static str,
    tally: Tally,
    missing: Vec<String>,
    took: Duration,
}

/// Runs the suites that `words` name, or all; `--soak` among them names none. A long suite runs when it is named, or with
/// `--soak`.
///
/// # Errors
/// A test failed, or in CI a tool is missing.
pub(crate) fn test(session: &Session, words: &[&str]) -> Result<(), Failure> {
    let named: Vec<&str> = named(words).collect();
    session.build_gangplank()?;
    if !named.is_empty() && !named.contains(&"libraries") {
        complete(session);
    }
    let lines: Vec<Line> = SUITES
        .iter()
        .filter(|suite| match named.as_slice() {
            [] => session.soak || !suite.long,
            named => named.contains(&suite.name),
        })
        .map(|suite| run(session, suite))
        .collect();
    let mut all = Tally::default();
    let mut skipped = 0;
    println!();
    for line in &lines {
        println!("{}", describe(line));
        all += line.tally.clone();
        skipped += usize::from(!line.missing.is_empty());
    }
    let skipped_text = if skipped > 0 {
        format!(", {skipped} skipped")
    } else {
        String::new()
    };
    println!(
        "\n{} passed, {} failed{skipped_text}",
        all.passed, all.failed
    );
    let incomplete: Vec<String> = lines.into_iter().flat_map(|line| line.missing).collect();
    match (all.failed, session.ci && !incomplete.is_empty()) {
        (0, false) => Ok(()),
        (0, true) => Err(Failure::Tools(format!(
            "xtask: in CI nothing may be skipped: {}",
            incomplete.join("; ")
        ))),
        _ => Err(Failure::Other("tests failed".to_owned())),
    }
}

/// Whether every suite that `words` name is in the table.
pub(crate) fn known(words: &[&str]) -> bool {
    named(words).all(|word| SUITES.iter().any(|suite| suite.name == word))
}

fn named<'a>(words: &[&'a str]) -> impl Iterator<Item = &'a str> {
    words.iter().copied().filter(|word| *word != "--soak")
}

fn run(session: &Session, suite: &'static Suite) -> Line {
    let started = Instant::now();
    let missing: Vec<String> = suite
        .needs
        .iter()
        .filter_map(|tool| tool.missing(session))
        .collect();
    let mut tally = Tally::default();
    if missing.is_empty() {
        session.say(&format!("suite {}", suite.name));
        tally = (suite.run)(session);
        if tally == Tally::default() {
            eprintln!("xtask: FAILED {}: it ran no test", suite.name);
            tally.failed = 1;
        }
    } else {
        eprintln!(
            "xtask: SKIPPED suite {}: missing {}",
            suite.name,
            missing.join("; ")
        );
    }
    Line {
        name: suite.name,
        tally,
        missing,
        took: started.elapsed(),
    }
}

fn describe(line: &Line) -> String {
    let Line {
        name,
        tally,
        missing,
        took,
    } = line;
    if !missing.is_empty() {
        return format!("SKIPPED {name:<24} missing: {}", missing.join("; "));
    }
    let word = if tally.failed == 0 {
        "ok     "
    } else {
        "FAILED "
    };
    let said = tally.said.lines.iter().map(|line| format!("  | {line}"));
    let names: String = tally
        .names
        .iter()
        .cloned()
        .chain(said)
        .map(|line| format!("\n          {line}"))
        .collect();
    let (passed, failed, took) = (tally.passed, tally.failed, took.as_secs());
    format!("{word} {name:<24} {passed:>5} passed {failed:>3} failed {took:>5} s{names}")
}
