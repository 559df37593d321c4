//! The plugin for Go, called by a C program.

#[path = "../../gangplank-compiler-plugin/tests/support/mod.rs"]
mod support;

#[test]
fn a_c_program_that_knows_only_the_header() {
    let guest = [
        "tests/fixtures/calc/calc.proto",
        "crates/xllr/tests/guests/calc/calc.go",
    ];
    support::check("gangplank_compiler_go", "tests/plugin.c", &guest, &[]);
}
