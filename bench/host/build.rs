//! Makes the stubs of jobs.proto.

fn main() {
    gangplank_codegen::build::host("../proto/jobs.proto");
}
