//! How many tests ran, and how they ended.
//!
//! Comes in: lines that test runners print. Goes out: counts that add up over all suites, and the names of what failed.

use std::ops::AddAssign;

/// Counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Tests that held.
    pub(crate) passed: usize,
    /// Tests that did not.
    pub(crate) failed: usize,
    /// What failed, for the list at the end.
    pub(crate) names: Vec<String>,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.names.extend(other.names);
    }
}

impl Tally {
    /// One check that held or not; a failure is told at once.
    pub(crate) fn check(&mut self, what: &str, result: Result<(), String>) {
        match result {
            Ok(()) => self.passed += 1,
            Err(text) => {
                self.failed += 1;
                self.names.push(what.to_owned());
                eprintln!("xtask: FAILED {what}: {text}");
            }
        }
    }

    /// Reads a line of cargo's test runner: `test result: ok. 3 passed; 0 failed; 0 ignored; …`, `test name ... FAILED`.
    pub(crate) fn cargo_line(&mut self, line: &str) {
        let line = line.trim();
        if let Some(counts) = line.strip_prefix("test result: ") {
            self.passed += number_before(counts, " passed");
            self.failed += number_before(counts, " failed");
        } else if let Some(name) = line
            .strip_prefix("test ")
            .and_then(|line| line.strip_suffix(" ... FAILED"))
        {
            self.names.push(name.to_owned());
        }
    }

    /// Reads a line of `go test -v`: `--- PASS: TestEcho (0.00s)`, indented for subtests.
    pub(crate) fn go_line(&mut self, line: &str) {
        let line = line.trim_start();
        if line.starts_with("--- PASS: ") {
            self.passed += 1;
        } else if let Some(name) = line.strip_prefix("--- FAIL: ") {
            self.failed += 1;
            self.names.push(name.to_owned());
        }
    }

    /// Reads a line that closes a run, `12 passed, 0 failed`, or one that names a test, `FAILED name`.
    pub(crate) fn plain_line(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [passed, "passed,", failed, "failed", ..]
            | [_, passed, "passed,", failed, "failed", ..] => {
                self.passed += passed.parse::<usize>().unwrap_or(0);
                self.failed += failed.parse::<usize>().unwrap_or(0);
            }
            ["FAILED", name @ ..] => self.names.push(name.join(" ")),
            _ => {}
        }
    }

    /// Counts a runner that failed without saying which test did.
    pub(crate) fn end(&mut self, what: &str, result: Result<(), String>) {
        if let Err(text) = result {
            eprintln!("xtask: FAILED {what}: {text}");
            if self.failed == 0 {
                self.failed = 1;
                self.names.push(what.to_owned());
            }
        }
    }
}

fn number_before(text: &str, word: &str) -> usize {
    let Some(end) = text.find(word) else { return 0 };
    text[..end]
        .rsplit(|c: char| !c.is_ascii_digit())
        .next()
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_runners_are_counted() {
        let mut tally = Tally::default();
        tally.cargo_line(
            "test result: FAILED. 13 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out",
        );
        tally.cargo_line("running 15 tests");
        tally.cargo_line("test values::nan ... FAILED");
        assert_eq!((tally.passed, tally.failed), (13, 2));
        tally.go_line("--- PASS: TestEcho (0.01s)");
        tally.go_line("    --- FAIL: TestEcho/empty (0.00s)");
        assert_eq!((tally.passed, tally.failed), (14, 3));
        tally.plain_line("7 passed, 0 failed");
        tally.plain_line("calls: 2 passed, 1 failed");
        tally.plain_line("FAILED calls: echo");
        assert_eq!((tally.passed, tally.failed), (23, 4));
        assert_eq!(
            tally.names,
            ["values::nan", "TestEcho/empty (0.00s)", "calls: echo"]
        );
    }
}
