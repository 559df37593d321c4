//! `.proto` files through the passes.

use std::path::Path;

use gangplank_codegen::proto;
use gangplank_model::{assemble, check, lower, lowered};

fn lowered(name: &str) -> lowered::Library {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/proto")
        .join(name);
    let front = proto::read(&path, &[]).unwrap();
    lower(&check(assemble(front.source).unwrap()).unwrap())
}

#[test]
fn calc_is_lowered() {
    let library = lowered("calc.proto");
    let shape = |function: &lowered::Function| {
        let local = function.common.local_path().replace("::", ".");
        format!(
            "{} {local}: {}",
            function.symbol, function.common.shape_text
        )
    };
    assert_eq!(
        library.functions.iter().map(shape).collect::<Vec<_>>(),
        [
            "calc_Calc_calculate_score Calc.calculate_score: fn calc::Calc::calculate_score(game_data: option<calc::GameData> = 1 explicit) -> result<(game_score: calc::GameScore = 1 explicit)>",
            "calc_Calc_concat_strings Calc.concat_strings: fn calc::Calc::concat_strings(parts: list<string> = 1 repeated) -> result<(joined: string = 1)>",
            "calc_Calc_div Calc.div: fn calc::Calc::div(x: i32 = 1, y: i32 = 2) -> result<(z: f32 = 1)>",
            "calc_Calc_gen_scores Calc.gen_scores: fn calc::Calc::gen_scores() -> result<(scores: list<calc::GameScore> = 1 repeated, total: i32 = 2)>",
            "calc_Calc_hello_world Calc.hello_world: fn calc::Calc::hello_world() -> result<()>",
        ]
    );
    let div = &library.functions[2];
    assert_eq!(div.common.docs, "Divides x by y; y = 0 is an error.");
    assert!(div.untyped_error && div.error.is_none());
    assert_eq!(div.return_c_name, "gp_return_f32");
    assert_eq!(div.common.location, "calc.proto:10");
}
