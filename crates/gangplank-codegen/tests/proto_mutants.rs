//! Damaged `.proto` files are findings, never a panic, and what is accepted goes through every pass.

use std::fs;
use std::path::Path;

use gangplank_codegen::{inspect, proto};
use gangplank_model::{assemble, check, lower};
use proptest::prelude::*;

/// Pieces that make a difference wherever they stand.
const PIECES: &[&str] = &[
    "{",
    "}",
    ";",
    "\"",
    "'",
    "/*",
    "*/",
    "//",
    "\n",
    "message",
    "service S",
    "rpc",
    "stream ",
    "oneof",
    "map<string, M>",
    "optional ",
    "repeated ",
    "required ",
    "group",
    "extend A {",
    "= 0",
    "= -1",
    "= 536870912",
    "import \"a.proto\";",
    "import \"../x\";",
    "package a.b;",
    "enum",
    "option (gangplank.rpc).module = \"x\";",
    "metaffi_module: \"",
    "// metaffi_",
    "edition",
    "\u{e9}",
    "\0",
    "reserved 1;",
    "extensions 5;",
    "syntax = \"proto2\";",
    "[default = 1]",
    "[packed = true]",
];

fn run(text: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.proto");
    fs::write(&path, text).unwrap();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/proto/corpus");
    let Ok(front) = proto::read_with(&path, &[corpus], &|_| None) else {
        return;
    };
    let Ok(interface) = assemble(front.source) else {
        return;
    };
    inspect::text(&interface);
    inspect::json(&interface);
    if let Ok(checked) = check(interface) {
        lower(&checked);
    }
}

fn sources() -> Vec<String> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/proto/corpus");
    let files = fs::read_dir(corpus).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "proto"));
    paths.sort();
    paths
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn mutants(
        source in proptest::sample::select(sources()),
        edits in proptest::collection::vec((0.0..1.0, 0usize..12, proptest::sample::select(PIECES)), 1..6),
    ) {
        let mut text = source;
        for (place, len, piece) in edits {
            let at = |at: usize| text.floor_char_boundary(at.min(text.len()));
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in the text")]
            let start = at((text.len() as f64 * place) as usize);
            let end = at(start + len).max(start);
            text.replace_range(start..end, piece);
        }
        run(&text);
    }

    #[test]
    fn any_text(text in ".{0,200}") {
        run(&text);
    }
}
