//! Two definitions with the same names in one Python program.

mod support;

use std::path::Path;

use support::Bench;

#[test]
fn twins_in_one_program() {
    let bench = Bench::new(&[]);
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests");
    bench.guest(&guests, "first");
    bench.guest(&guests, "second");
    for python in support::pythons() {
        bench.run(
            &python.program,
            "twins.py",
            &[("GANGPLANK_PATH", bench.folder())],
        );
    }
}
