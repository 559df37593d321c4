fn main() {
    gangplank_codegen::build::host("../rust/calc.proto");
}
