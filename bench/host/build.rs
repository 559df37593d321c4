//! Makes the stubs of both definitions.

fn main() {
    gangplank_codegen::build::host("../proto/jobs.proto");
    gangplank_codegen::build::host("../proto/words.proto");
}
