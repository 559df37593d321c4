//! How many tests ran, and how they ended.
//!
//! Comes in: lines that test runners print. Goes out: counts that add up over all suites.

use std::ops::AddAssign;

/// Counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Tests that held.
    pub(crate) passed: usize,
    /// Tests that did not.
    pub(crate) failed: usize,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Tally {
    /// One check that held or not; a failure is told at once.
    pub(crate) fn check(&mut self, what: &str, result: Result<(), String>) {
        match result {
            Ok(()) => self.passed += 1,
            Err(text) => {
                self.failed += 1;
                eprintln!("xtask: FAILED {what}: {text}");
            }
        }
    }

    /// Reads a line of cargo's test runner: `test result: ok. 3 passed; 0 failed; 0 ignored; …`.
    pub(crate) fn cargo_line(&mut self, line: &str) {
        let Some(counts) = line.trim_start().strip_prefix("test result: ") else {
            return;
        };
        self.passed += number_before(counts, " passed");
        self.failed += number_before(counts, " failed");
    }

    /// Reads a line of `go test -v`: `--- PASS: TestEcho (0.00s)`, indented for subtests.
    pub(crate) fn go_line(&mut self, line: &str) {
        let line = line.trim_start();
        self.passed += usize::from(line.starts_with("--- PASS: "));
        self.failed += usize::from(line.starts_with("--- FAIL: "));
    }

    /// Reads a line that closes a run: `12 passed, 0 failed`.
    pub(crate) fn plain_line(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [passed, "passed,", failed, "failed", ..]
        | [_, passed, "passed,", failed, "failed", ..] = words.as_slice()
        {
            self.passed += passed.parse::<usize>().unwrap_or(0);
            self.failed += failed.parse::<usize>().unwrap_or(0);
        }
    }

    /// Counts a runner that failed without saying which test did.
    pub(crate) fn end(&mut self, what: &str, result: Result<(), String>) {
        if let Err(text) = result {
            eprintln!("xtask: FAILED {what}: {text}");
            self.failed = self.failed.max(1);
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
        assert_eq!(
            tally,
            Tally {
                passed: 13,
                failed: 2
            }
        );
        tally.go_line("--- PASS: TestEcho (0.01s)");
        tally.go_line("    --- FAIL: TestEcho/empty (0.00s)");
        assert_eq!(
            tally,
            Tally {
                passed: 14,
                failed: 3
            }
        );
        tally.plain_line("7 passed, 0 failed");
        tally.plain_line("calls: 2 passed, 1 failed");
        assert_eq!(
            tally,
            Tally {
                passed: 23,
                failed: 4
            }
        );
    }
}
