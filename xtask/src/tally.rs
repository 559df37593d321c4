//! How many tests ran, and how they ended.
//!
//! Comes in: lines that test runners print. Goes out: counts that add up over all suites, the names of what failed, and how, since
//! what the runner said of it is far above the list by then.

use std::ops::AddAssign;

/// So many lines are kept of what a failed test has printed.
const SAID: usize = 12;

/// Counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Tests that held.
    pub(crate) passed: usize,
    /// Tests that did not.
    pub(crate) failed: usize,
    /// What failed, for the list at the end.
    pub(crate) names: Vec<String>,
    /// What failed tests have printed, for that list.
    pub(crate) said: Said,
}

/// The last lines of each failed test, or of all tests of a module in Go, without backtraces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// The lines, those of each test behind its name.
    pub(crate) lines: Vec<String>,
    /// How many of the lines are not of the test that is being read, if one is.
    before: Option<usize>,
    in_backtrace: bool,
}

impl Said {
    /// Takes the last that the tests of a module in Go have said: `    calls_test.go:24: took only 3ms`, panics, and which test
    /// ran too long: `\t\tTestEcho (10m0s)`. The runner does not say whose lines these are; those of stacks begin with a tab.
    pub(crate) fn go_lines(&mut self, lines: &[String]) {
        let said = |line: &&String| {
            line.starts_with("panic: ")
                || line.starts_with("\t\tTest")
                || line.contains("_test.go:") && !line.starts_with('\t')
        };
        let said: Vec<&String> = lines.iter().filter(said).collect();
        let last = &said[said.len().saturating_sub(SAID)..];
        self.lines.extend(last.iter().copied().cloned());
    }

    /// Reads a line of cargo's test runner.
    fn line(&mut self, line: &str) {
        if line.starts_with("---- ") && line.ends_with(" ----") {
            self.lines.push(line.to_owned());
            (self.before, self.in_backtrace) = (Some(self.lines.len()), false);
        } else if line == "failures:" {
            self.before = None;
        } else if line == "stack backtrace:" {
            self.in_backtrace = true;
        } else if line.starts_with("note: ") {
            self.in_backtrace = false;
        } else if let (Some(before), false, false) =
            (self.before, self.in_backtrace, line.is_empty())
        {
            self.lines.push(line.to_owned());
            if self.lines.len() > before + SAID {
                self.lines.remove(before);
            }
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.names.extend(other.names);
        self.said.lines.extend(other.said.lines);
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

    /// Reads a line of cargo's test runner: `test result: ok. 3 passed; 0 failed; 0 ignored; …`, `test name ... FAILED`,
    /// `---- name stdout ----` and what follows until `failures:`.
    pub(crate) fn cargo_line(&mut self, line: &str) {
        self.said.line(line);
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
        assert_eq!(tally.said, Said::default());
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

    #[test]
    fn what_failed_tests_have_printed_is_kept() {
        let mut tally = Tally::default();
        let printed = "\nfailures:\n\n---- one stdout ----\n\nat src/one.rs:1\n  left: 1\nstack backtrace:\n   0: main\n\
                       note: Some details are omitted\n\n---- two stdout ----\n";
        let many = (0..20).map(|line| format!("line {line}"));
        let all = printed.lines().map(str::to_owned).chain(many);
        for line in all {
            tally.cargo_line(&line);
        }
        tally.cargo_line("failures:");
        tally.cargo_line("    one");
        let said = tally.said.lines;
        assert_eq!(
            said[..4],
            [
                "---- one stdout ----",
                "at src/one.rs:1",
                "  left: 1",
                "---- two stdout ----"
            ]
        );
        assert_eq!(said[4..].len(), SAID);
        assert_eq!(said.last().unwrap(), "line 19");
    }

    #[test]
    fn the_test_that_ran_too_long_is_named() {
        let printed = "=== RUN   TestEcho\n    echo_test.go:3: slow\npanic: test timed out after 10m0s\n\trunning tests:\n\t\t\
                       TestEcho (10m0s)\n\ngoroutine 1 [running]:\n\t/src/echo_test.go:3 +0x1";
        let lines: Vec<String> = printed.lines().map(str::to_owned).collect();
        let mut tally = Tally::default();
        tally.said.go_lines(&lines);
        let said = [
            "    echo_test.go:3: slow",
            "panic: test timed out after 10m0s",
            "\t\tTestEcho (10m0s)",
        ];
        assert_eq!(tally.said.lines, said);
    }
}
