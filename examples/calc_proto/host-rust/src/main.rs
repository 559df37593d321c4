//! Calls every function of calc.proto in the module that the first argument names; the second is its runtime, `native` when
//! it is a library.

use calc_host::{Calc, GameData};

gangplank::proto!(calc_host);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let calc = match args.next() {
        Some(module) => {
            let runtime = args.next().unwrap_or_else(|| "native".to_owned());
            Calc::open_module(&runtime, &module)?
        }
        None => Calc::open()?,
    };
    calc.hello_world()?;
    println!("hello_world()");
    println!("div(10, 2) = {}", calc.div(10, 2)?);
    match calc.div(1, 0) {
        Ok(value) => println!("div(1, 0) = {value}"),
        Err(error) => println!("div(1, 0): {}", reason(&error.to_string())),
    }
    let parts = ["A", "B", "C"].map(str::to_owned).to_vec();
    println!("concat_strings(A B C) = {}", calc.concat_strings(parts)?);
    let score = calc.calculate_score(Some(GameData {
        player: "Gordon Freeman".to_owned(),
        pawn_wins: 5,
        boss_wins: 1,
    }))?;
    println!("calculate_score = {} {}", score.player, score.score);
    let (scores, total) = calc.gen_scores()?;
    for score in &scores {
        println!("gen_scores: {} {}", score.player, score.score);
    }
    println!("gen_scores: total {total}");
    Ok(())
}

/// Why a call failed: the end of the first line, before which some languages put the kind of the error, and behind which a
/// traceback.
fn reason(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    line.rsplit(": ").next().unwrap_or(line)
}
