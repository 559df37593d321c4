//! Programs in Python, run by every CPython that is there.

mod support;

use std::path::Path;

use support::Bench;

/// A file of `tests/python`, which is a suite of Python's `unittest`.
fn suite(file: &str, packages: &[&str]) {
    let bench = Bench::new(packages);
    for python in support::pythons() {
        bench.run(&python.program, file, &[]);
    }
}

#[test]
fn the_timer_is_called_as_python_calls_its_own() {
    suite("timer.py", &["my_timer"]);
}

#[test]
fn events_are_heard_and_iterated() {
    suite("events.py", &["my_timer"]);
}

#[test]
fn listeners_that_are_cancelled_are_not_called() {
    suite("cancel.py", &["my_timer"]);
}

#[test]
fn functions_of_the_program_answer_the_library() {
    suite("host.py", &["host_demo"]);
}

#[test]
fn calls_of_the_programs_functions_end_as_they_should() {
    suite("answers.py", &["host_demo"]);
}

#[test]
fn what_goes_wrong_is_an_exception() {
    suite("hostile.py", &["my_timer", "host_demo"]);
}

#[test]
fn programs_end_whatever_runs() {
    suite("process.py", &["my_timer"]);
}

#[test]
fn every_type_goes_everywhere_and_comes_back() {
    let bench = Bench::new(&["kitchen_sink"]);
    bench.package("kitchen_sink");
    for python in support::pythons() {
        bench.run(&python.program, "kitchen.py", &[]);
    }
}

#[test]
fn faults_of_the_library_are_exceptions() {
    let bench = Bench::new(&["faults"]);
    bench.package("faults");
    for python in support::pythons() {
        bench.run(&python.program, "faulty.py", &[]);
    }
}

#[test]
fn guests_in_python_run_in_the_process_of_their_host() {
    let bench = Bench::new(&["my_timer"]);
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests");
    bench.guest(&guests, "shop");
    for python in support::pythons() {
        // The runtime of the guest lies beside the extension.
        bench.run(&python.program, "guests.py", &[]);
    }
}
