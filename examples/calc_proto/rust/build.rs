//! Makes the module of calc.proto.

fn main() {
    gangplank_codegen::build::guest("calc.proto");
}
