//! The five functions of `calc.proto`, implemented in Go and called from Rust: in bytes, and in C structs.

#[path = "support/calc.rs"]
mod calc;
mod support;

use std::ptr;

use calc::{Div, List, Parts, Quotient, bytes, calc, free, native, prepared, raw, text};
use prost::Message;
use xllr::Kind;
use xllr::abi::{RawCall, RawText};

#[derive(Clone, PartialEq, Message)]
struct GameData {
    #[prost(string, tag = "1")]
    player: String,
    #[prost(int32, tag = "2")]
    pawn_wins: i32,
    #[prost(int32, tag = "3")]
    boss_wins: i32,
}

#[derive(Clone, PartialEq, Message)]
struct Score {
    #[prost(string, tag = "1")]
    player: String,
    #[prost(int32, tag = "2")]
    score: i32,
}

#[derive(Clone, PartialEq, Message)]
struct ScoreRequest {
    #[prost(message, optional, tag = "1")]
    game_data: Option<GameData>,
}

#[derive(Clone, PartialEq, Message)]
struct ScoreResult {
    #[prost(message, optional, tag = "1")]
    game_score: Option<Score>,
}

#[derive(Clone, PartialEq, Message)]
struct Scores {
    #[prost(message, repeated, tag = "1")]
    scores: Vec<Score>,
    #[prost(int32, tag = "2")]
    total: i32,
}

#[test]
fn five_functions_in_bytes() {
    if !support::has_go() {
        return;
    }
    assert_eq!(
        calc()
            .function("hello_world")
            .unwrap()
            .call_bytes(&[])
            .unwrap(),
        b""
    );
    assert_eq!(
        bytes::<Quotient>("Calc.div", &Div { x: 10, y: 2 })
            .unwrap()
            .z,
        5.0
    );
    let error = bytes::<Quotient>("div", &Div { x: 1, y: 0 }).unwrap_err();
    assert_eq!(
        (error.kind(), error.text()),
        (Kind::Failed, "division by zero")
    );
    let parts = Parts {
        parts: ["A", "B", "C"].map(str::to_owned).into(),
    };
    let joined: Parts = bytes("concat_strings", &parts).unwrap();
    assert_eq!(joined.parts, ["A, B, C"]);
    let request = ScoreRequest {
        game_data: Some(GameData {
            player: "Gordon Freeman".to_owned(),
            pawn_wins: 5,
            boss_wins: 1,
        }),
    };
    let score = bytes::<ScoreResult>("calculate_score", &request)
        .unwrap()
        .game_score
        .unwrap();
    assert_eq!((score.player.as_str(), score.score), ("Gordon Freeman", 10));
    let scores: Scores = bytes("gen_scores", &Parts::default()).unwrap();
    let found: Vec<_> = scores
        .scores
        .iter()
        .map(|score| (score.player.as_str(), score.score))
        .collect();
    assert_eq!(
        (found, scores.total),
        (vec![("Player1", 1), ("Player2", 5)], 6)
    );
}

#[repr(C)]
struct RawGameData {
    player: RawText,
    pawn_wins: i32,
    boss_wins: i32,
}

#[repr(C)]
struct RawScore {
    player: RawText,
    score: i32,
}

#[repr(C)]
struct OptionGameData {
    has: u8,
    value: RawGameData,
}

#[repr(C)]
struct RawScores {
    scores: List,
    total: i32,
}

#[test]
fn five_functions_in_structs() {
    if !support::has_go() {
        return;
    }
    let mut call = RawCall::new();
    assert_eq!(native(&prepared("hello_world"), &(), &mut (), &mut call), 0);
    let div = prepared("div");
    assert_eq!(div.flags(), 8, "the scalar form");
    let mut z = 0_f32;
    assert_eq!(native(&div, &[10_i32, 2], &mut z, &mut call), 0);
    assert_eq!(z, 5.0);
    assert_eq!(native(&div, &[1_i32, 0], &mut z, &mut call), 1);
    assert_eq!(text(&call.message), "division by zero");
    free(&mut call);

    let parts = ["A", "B", "C"].map(raw);
    let list = List {
        ptr: parts.as_ptr().cast(),
        len: parts.len(),
    };
    let (mut call, mut joined) = (RawCall::new(), RawText::EMPTY);
    assert_eq!(
        native(&prepared("concat_strings"), &list, &mut joined, &mut call),
        0
    );
    assert_eq!(text(&joined), "A, B, C");
    assert!(
        !call.owned.is_null(),
        "without scratch the library allocates"
    );
    free(&mut call);
    let data = OptionGameData {
        has: 1,
        value: RawGameData {
            player: raw("Gordon Freeman"),
            pawn_wins: 5,
            boss_wins: 1,
        },
    };
    let mut scratch = [0_u128; 16];
    let mut call = RawCall::new();
    call.scratch = scratch.as_mut_ptr().cast();
    call.scratch_len = size_of_val(&scratch);
    let mut score = RawScore {
        player: RawText::EMPTY,
        score: 0,
    };
    assert_eq!(
        native(&prepared("calculate_score"), &data, &mut score, &mut call),
        0
    );
    assert_eq!(
        (text(&score.player).as_str(), score.score),
        ("Gordon Freeman", 10)
    );
    assert!(call.owned.is_null() && scratch.as_ptr_range().contains(&score.player.ptr.cast()));

    let mut scores = RawScores {
        scores: List {
            ptr: ptr::null(),
            len: 0,
        },
        total: 0,
    };
    assert_eq!(
        native(&prepared("gen_scores"), &(), &mut scores, &mut call),
        0
    );
    assert_eq!((scores.scores.len, scores.total), (2, 6));
    // SAFETY: a list of two structs, in scratch.
    let all = unsafe { std::slice::from_raw_parts(scores.scores.ptr.cast::<RawScore>(), 2) };
    assert_eq!(
        all.iter()
            .map(|one| (text(&one.player), one.score))
            .collect::<Vec<_>>(),
        [("Player1".to_owned(), 1), ("Player2".to_owned(), 5)]
    );
}

#[test]
fn twenty_threads_at_once_and_many_short_ones() {
    if !support::has_go() {
        return;
    }
    let div = prepared("div");
    let check = |x: i32| {
        let (mut z, mut call) = (0_f32, RawCall::new());
        assert_eq!(native(&div, &[x * 2, 2], &mut z, &mut call), 0);
        assert_eq!(z, x as f32);
        assert_eq!(
            bytes::<Quotient>("div", &Div { x: x * 3, y: 3 }).unwrap().z,
            x as f32
        );
    };
    std::thread::scope(|scope| {
        for thread in 0..20 {
            scope.spawn(move || (0..500).for_each(|at| check(thread * 1000 + at)));
        }
    });
    for x in 0..300 {
        std::thread::scope(|scope| {
            scope.spawn(|| check(x));
        });
    }
}

#[test]
fn hashes_are_compared() {
    if !support::has_go() {
        return;
    }
    let div = calc().function("div").unwrap();
    let expected = xllr::Expected {
        abi: 1,
        items: vec![xllr::ExpectedItem {
            path: "calc::Calc::div".to_owned(),
            hash: 1,
            ..Default::default()
        }],
    };
    let error = div.check(&expected).unwrap_err();
    assert!(
        error.text().contains("calc::Calc::div has changed"),
        "{error}"
    );
    assert!(error.text().contains("z: f32"), "{error}");
}
