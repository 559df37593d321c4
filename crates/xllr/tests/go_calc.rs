//! The five functions of `calc.proto`, implemented in Go and called from Rust: in bytes, and in C structs.

mod support;

use std::ffi::c_void;
use std::path::PathBuf;
use std::ptr;
use std::sync::{LazyLock, PoisonError, RwLock, RwLockReadGuard};

use prost::Message;
use xllr::abi::{RawCall, RawText};
use xllr::{Kind, Module, Options, Prepared};

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());
static CALC: LazyLock<PathBuf> = LazyLock::new(|| {
    let idl = support::root().join("tests/fixtures/calc/calc.proto");
    support::go_guest(FOLDER.path(), "calc", "calc.proto", &[(idl, "calc.proto")])
});

/// What a guest exports for each rpc.
type Foreign = unsafe extern "C" fn(
    *const c_void,
    u64,
    *mut *mut c_void,
    *mut u64,
    *mut *mut c_void,
    *mut u64,
    *mut u8,
);

/// The test that looks at the process's memory runs alone.
static ALONE: RwLock<()> = RwLock::new(());

fn shared() -> RwLockReadGuard<'static, ()> {
    ALONE.read().unwrap_or_else(PoisonError::into_inner)
}

fn calc() -> Module {
    Module::open("native", CALC.to_str().unwrap(), &Options::default()).unwrap()
}

fn prepared(name: &str) -> Prepared {
    calc().function(name).unwrap().prepare(None).unwrap()
}

/// Calls it; the status.
fn native<P, R>(function: &Prepared, params: &P, out: &mut R, call: &mut RawCall) -> i32 {
    let (params, out) = (ptr::from_ref(params).cast(), ptr::from_mut(out).cast());
    // SAFETY: the tests pass the C structs of `docs/abi.md` for the functions of calc.proto.
    unsafe { function.call(0, params, out, call, None, ptr::null_mut()) }
}

fn text(text: &RawText) -> String {
    if text.len == 0 {
        return String::new();
    }
    // SAFETY: a text of the library's lies as long as the call that it came with.
    let bytes = unsafe { std::slice::from_raw_parts(text.ptr, text.len) };
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn free(call: &mut RawCall) {
    if let Some(free) = call.free_owned.filter(|_| !call.owned.is_null()) {
        // SAFETY: the function that came with the memory, once.
        unsafe { free(call) };
    }
}

fn raw(text: &str) -> RawText {
    RawText {
        ptr: text.as_ptr(),
        len: text.len(),
    }
}

#[derive(Clone, PartialEq, Message)]
struct Div {
    #[prost(int32, tag = "1")]
    x: i32,
    #[prost(int32, tag = "2")]
    y: i32,
}

#[derive(Clone, PartialEq, Message)]
struct Quotient {
    #[prost(float, tag = "1")]
    z: f32,
}

#[derive(Clone, PartialEq, Message)]
struct Parts {
    #[prost(string, repeated, tag = "1")]
    parts: Vec<String>,
}

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

fn bytes<R: Message + Default>(name: &str, request: &impl Message) -> Result<R, xllr::Error> {
    let answer = calc()
        .function(name)
        .unwrap()
        .call_bytes(&request.encode_to_vec())?;
    Ok(R::decode(answer.as_slice()).unwrap())
}

#[test]
fn five_functions_in_bytes() {
    if !support::has_go() {
        return;
    }
    let _shared = shared();
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
    // What is no protobuf, and text that is no text.
    let div = calc().function("div").unwrap();
    assert_eq!(div.call_bytes(&[0x08]).unwrap_err().kind(), Kind::Failed);
    let error = calc()
        .function("concat_strings")
        .unwrap()
        .call_bytes(b"\x0a\x01\xff")
        .unwrap_err();
    assert!(error.text().contains("UTF-8"), "{error}");
}

#[repr(C)]
struct List {
    ptr: *const c_void,
    len: usize,
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
    let _shared = shared();
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
    let bad = [RawText {
        ptr: b"\xff".as_ptr(),
        len: 1,
    }];
    let list = List {
        ptr: bad.as_ptr().cast(),
        len: 1,
    };
    let mut call = RawCall::new();
    assert_eq!(
        native(&prepared("concat_strings"), &list, &mut joined, &mut call),
        4
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
    let _shared = shared();
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

/// What the process holds, in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// What C has given out and not got back, in bytes: exact, where [`resident`] has Go's heap in it as well.
fn allocated() -> usize {
    // SAFETY: it only adds up what malloc knows.
    unsafe { libc::mallinfo2().uordblks }
}

/// A million calls with `--soak`, else a fifth of it; after the first tenth nothing may stay.
#[test]
fn a_million_calls_leave_nothing() {
    if !support::has_go() {
        return;
    }
    let _alone = ALONE.write().unwrap_or_else(PoisonError::into_inner);
    let calls = match std::env::var_os("GANGPLANK_SOAK") {
        Some(_) => 1_000_000,
        None => 200_000,
    };
    let (concat, div) = (prepared("concat_strings"), prepared("div"));
    let parts = ["A"; 10].map(raw);
    let list = List {
        ptr: parts.as_ptr().cast(),
        len: parts.len(),
    };
    let request = Parts {
        parts: vec!["B".repeat(100); 10],
    }
    .encode_to_vec();
    let in_bytes = calc().function("concat_strings").unwrap();
    let four = || {
        let (mut call, mut z) = (RawCall::new(), 0_f32);
        assert_eq!(native(&div, &[10_i32, 2], &mut z, &mut call), 0);
        assert_eq!(native(&div, &[1_i32, 0], &mut z, &mut call), 1);
        free(&mut call);
        let (mut call, mut joined) = (RawCall::new(), RawText::EMPTY);
        assert_eq!(native(&concat, &list, &mut joined, &mut call), 0);
        free(&mut call);
        in_bytes.call_bytes(&request).unwrap();
    };
    // Go's collector makes a saw of it: its lowest points are what stays.
    let settled = || {
        let looks = (0..20).map(|_| {
            (0..100).for_each(|_| four());
            resident()
        });
        looks.min().unwrap()
    };
    (0..calls / 40).for_each(|_| four());
    // Results and errors cross in C's memory: a byte that is lost in every call is more than this.
    let begun = allocated();
    let lost = || {
        let lost = allocated().saturating_sub(begun);
        assert!(lost < 64 << 10, "{lost} bytes of C's are lost");
    };
    // What leaks grows every time; what only wanders, as the heap of Go does by some MiB, does not.
    let mut seen = vec![settled()];
    for _ in 0..3 {
        let before = seen.last().copied().unwrap_or_default();
        (0..calls * 9 / 40).for_each(|_| four());
        let after = settled();
        lost();
        seen.push(after);
        if after <= before + 2 * 1024 {
            return;
        }
    }
    panic!("{seen:?} KiB, each after {} calls", calls * 9 / 10);
}

/// A C program that calls the exported function itself, without anybody of ours between.
#[test]
fn a_forked_child_that_calls_the_export_gets_an_error() {
    if !support::has_go() {
        return;
    }
    let _shared = shared();
    drop(calc());
    let path = std::ffi::CString::new(CALC.to_str().unwrap()).unwrap();
    // SAFETY: the library is loaded already, and exports the function that `docs/xllr.md` describes.
    let foreign: Foreign = unsafe {
        let library = libc::dlopen(path.as_ptr(), libc::RTLD_NOW);
        std::mem::transmute(libc::dlsym(library, c"Foreigndiv".as_ptr()))
    };
    // 10 / 2; the result, and whether it is an error.
    let call = || {
        let (mut ret, mut len, mut is_error) = (ptr::null_mut::<c_void>(), 0_u64, 7_u8);
        let request = [8_u8, 10, 16, 2];
        // SAFETY: four bytes, and places for what comes back; parameters are not asked for.
        unsafe {
            let none = (ptr::null_mut(), ptr::null_mut());
            foreign(
                request.as_ptr().cast(),
                4,
                none.0,
                none.1,
                &mut ret,
                &mut len,
                &mut is_error,
            );
            (
                std::slice::from_raw_parts(ret.cast::<u8>(), len as usize),
                is_error,
            )
        }
    };
    let (bytes, is_error) = call();
    assert_eq!((bytes, is_error), (&[0x0d, 0, 0, 0xa0, 0x40][..], 0));
    // SAFETY: the child calls one function, which must not wait, and ends without running anything of this process.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let (text, is_error) = call();
        let right = is_error == 1 && text.starts_with(b"forked: ");
        // SAFETY: as above.
        unsafe { libc::_exit(if right { 0 } else { 1 }) };
    }
    let mut status = 0;
    // SAFETY: a child of this process, and a place for its status.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert!(
        libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0,
        "{status}"
    );
}

#[test]
fn a_forked_child_gets_an_error() {
    if !support::has_go() {
        return;
    }
    let _shared = shared();
    let div = prepared("div");
    let (mut z, mut call) = (0_f32, RawCall::new());
    assert_eq!(native(&div, &[4_i32, 2], &mut z, &mut call), 0);
    // SAFETY: the child calls one function, which must not wait, and ends without running anything of this process.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let status = native(&div, &[4_i32, 2], &mut z, &mut call);
        // SAFETY: as above.
        unsafe { libc::_exit(status) };
    }
    let mut status = 0;
    // SAFETY: a child of this process, and a place for its status.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(libc::WEXITSTATUS(status), 15, "GP_FORKED");
}

#[test]
fn hashes_are_compared() {
    if !support::has_go() {
        return;
    }
    let _shared = shared();
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
