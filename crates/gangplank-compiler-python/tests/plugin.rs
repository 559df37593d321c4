//! The plugin for Python, called by a C program.

#[path = "../../gangplank-compiler-plugin/tests/support/mod.rs"]
mod support;
#[path = "../../../tests/support/venv.rs"]
mod venv;

#[test]
fn a_c_program_that_knows_only_the_header() {
    let guest = [
        "examples/calc_proto/python/calc.proto",
        "examples/calc_proto/python/calc.py",
    ];
    let (Some(with), Some(without)) = (venv::with(&[venv::GRPC_TOOLS]), venv::with(&[])) else {
        return;
    };
    let variables = [
        ("GANGPLANK_PYTHON", &*venv::python(&with)),
        ("PYTHON_WITHOUT_TOOLS", &*venv::python(&without)),
    ];
    support::check(
        "gangplank_compiler_python",
        "tests/plugin.c",
        &guest,
        &variables,
    );
}
