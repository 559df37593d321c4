//! Makes the module of calc.proto.

fn main() {
    gangplank_codegen::build::host("../rust/calc.proto");
}
