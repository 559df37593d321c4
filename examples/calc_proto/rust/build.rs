fn main() {
    gangplank_codegen::build::guest("calc.proto");
}
