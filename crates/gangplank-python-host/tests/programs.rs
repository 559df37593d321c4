//! Programs in Python, run by every CPython that is there.

mod support;

use support::Bench;

/// A file of `tests/python`, which is a suite of Python's `unittest`.
fn suite(file: &str, packages: &[&str]) {
    let bench = Bench::new(packages);
    for python in support::pythons() {
        bench.run(&python, file, &[]);
    }
}

#[test]
fn the_timer_is_called_as_python_calls_its_own() {
    suite("timer.py", &["my_timer"]);
}

#[test]
fn functions_of_the_program_answer_the_library() {
    suite("host.py", &["host_demo"]);
}

#[test]
fn what_goes_wrong_is_an_exception() {
    suite("hostile.py", &["my_timer", "host_demo"]);
}
