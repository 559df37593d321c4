//! Makes the module of jobs.proto.

fn main() {
    gangplank_codegen::build::guest("../proto/jobs.proto");
}
