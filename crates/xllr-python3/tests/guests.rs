//! The five functions and every type of value, in bytes and in C structs, through XLLR. Each case runs in a process of its own:
//! a process has one Python.

mod support;

use std::ffi::c_void;
use std::ptr;

use support::{Case, call, failure, open};
use xllr::abi::{RawCall, RawText};
use xllr::{Kind, Module};

fn calc(case: &Case) -> Module {
    open(&case.guest("calc"))
}

case!(the_five_functions_in_bytes, |case: &Case| {
    let calc = calc(case);
    assert_eq!(
        calc.functions(),
        [
            "Calc.calculate_score",
            "Calc.concat_strings",
            "Calc.div",
            "Calc.gen_scores",
            "Calc.hello_world"
        ]
    );
    assert_eq!(call(&calc, "hello_world", b""), b"");
    let ten_by_two = b"\x08\x0a\x10\x02";
    assert_eq!(call(&calc, "div", ten_by_two), b"\x0d\0\0\xa0\x40");
    let text = failure(&calc, "div", b"\x08\x0a");
    assert!(
        text.starts_with("ZeroDivisionError: division by zero\n"),
        "{text}"
    );
    assert!(
        text.contains("Traceback") && text.contains("calc.py") && text.contains("in div"),
        "{text}"
    );
    assert_eq!(call(&calc, "Calc.div", ten_by_two), b"\x0d\0\0\xa0\x40");
    let parts = b"\x0a\x01A\x0a\x01B\x0a\x01C";
    assert_eq!(call(&calc, "concat_strings", parts), b"\x0a\x07A, B, C");
    assert_eq!(
        call(
            &calc,
            "calculate_score",
            b"\x0a\x14\x0a\x0eGordon Freeman\x10\x05\x18\x01"
        ),
        b"\x0a\x12\x0a\x0eGordon Freeman\x10\x0a"
    );
    assert_eq!(
        call(&calc, "gen_scores", b""),
        b"\x0a\x0b\x0a\x07Player1\x10\x01\x0a\x0b\x0a\x07Player2\x10\x05\x10\x06"
    );
    let error = calc.function("sub").err().unwrap();
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(
        error.text().starts_with("no function `sub`") && error.text().contains("Calc.div"),
        "{error}"
    );
});

#[repr(C)]
struct Score {
    player: RawText,
    score: i32,
}

#[repr(C)]
struct Scores {
    scores: RawText,
    total: i32,
}

case!(the_five_functions_in_c_structs, |case: &Case| {
    let calc = calc(case);
    let prepare = |name: &str| calc.function(name).unwrap().prepare(None).unwrap();
    let run =
        |prepared: &xllr::Prepared, params: *const c_void, out: *mut c_void, gp: &mut RawCall| {
            // SAFETY: each use below passes the structs of its function.
            unsafe { prepared.call(prepared.this(), params, out, gp, None, ptr::null_mut()) }
        };
    let free = |gp: &mut RawCall| {
        if let Some(free) = gp.free_owned {
            // SAFETY: the call has ended.
            unsafe { free(gp) };
        }
        assert!(gp.owned.is_null());
    };
    let text = |text: RawText| {
        // SAFETY: a text of a call that is not freed yet.
        unsafe { str::from_utf8(std::slice::from_raw_parts(text.ptr, text.len)).unwrap() }
    };
    let div = prepare("div");
    let mut gp = RawCall::new();
    let mut z = 0_f32;
    let params = [10_i32, 2];
    assert_eq!(
        run(&div, params.as_ptr().cast(), (&raw mut z).cast(), &mut gp),
        0
    );
    assert_eq!((z, gp.owned.is_null()), (5.0, true));
    let params = [10_i32, 0];
    assert_eq!(
        run(&div, params.as_ptr().cast(), (&raw mut z).cast(), &mut gp),
        1
    );
    assert!(text(gp.message).starts_with("ZeroDivisionError: division by zero"));
    free(&mut gp);

    let gen_scores = prepare("gen_scores");
    // With and without scratch, which the first text does not fit into.
    let mut scratch = [0_u128; 3];
    for len in [0, 48, 20] {
        let mut gp = RawCall::new();
        gp.scratch = scratch.as_mut_ptr().cast();
        gp.scratch_len = len;
        let mut out = Scores {
            scores: RawText::EMPTY,
            total: 0,
        };
        let status = run(&gen_scores, ptr::null(), (&raw mut out).cast(), &mut gp);
        assert_eq!((status, out.total, out.scores.len), (0, 6, 2));
        // SAFETY: two scores, as the length says.
        let scores = unsafe { std::slice::from_raw_parts(out.scores.ptr.cast::<Score>(), 2) };
        let scores: Vec<_> = scores
            .iter()
            .map(|one| (text(one.player), one.score))
            .collect();
        assert_eq!(scores, [("Player1", 1), ("Player2", 5)]);
        free(&mut gp);
    }

    // Text that is not UTF-8 is the caller's mistake.
    let concat = prepare("concat_strings");
    let part = RawText {
        ptr: b"a\xff".as_ptr(),
        len: 2,
    };
    let list = RawText {
        ptr: (&raw const part).cast(),
        len: 1,
    };
    let mut out = RawText::EMPTY;
    let status = run(
        &concat,
        (&raw const list).cast(),
        (&raw mut out).cast(),
        &mut gp,
    );
    assert_eq!(status, 4);
    assert!(text(gp.message).starts_with("`parts`: text is not UTF-8"));
    free(&mut gp);

    gp.timeout_ns = -1;
    assert_eq!(
        run(&div, params.as_ptr().cast(), (&raw mut z).cast(), &mut gp),
        11
    );
    free(&mut gp);
    gp.size = 8;
    assert_eq!(
        run(&div, params.as_ptr().cast(), (&raw mut z).cast(), &mut gp),
        12
    );
});

case!(every_type_comes_back_as_it_went, |case: &Case| {
    let kinds = open(&case.guest("kinds"));
    let value = support::everything();
    assert_eq!(call(&kinds, "echo", &value), value);
    assert_eq!(
        String::from_utf8_lossy(&call(&kinds, "look", &value)[2..]),
        "-9223372036854775808 18446744073709551615  Timestamp(seconds=1700000000, nanos=999999999) first"
    );
    // Nothing is set: nothing comes back but the message itself.
    assert_eq!(call(&kinds, "echo", b"\x0a\0"), b"\x0a\0");
    // A name that is imported, and a class.
    let letters = call(&kinds, "letters", b"\x0a\x03aab");
    assert_eq!(
        letters,
        b"\x0a\x05\x0a\x01a\x10\x02\x0a\x05\x0a\x01b\x10\x01"
    );
});
