//! Guests in Python, called through XLLR. Each case runs in a process of its own: a process has one Python.

mod support;

use std::ffi::c_void;
use std::ptr;
use std::time::Instant;

use support::{Case, call, failure, open, varint};
use xllr::abi::{RawCall, RawText};
use xllr::{Kind, Module, Options};

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

case!(what_fails_is_said, |case: &Case| {
    let kinds = open(&case.guest("kinds"));
    let text = |what: &str| [b"\x0a", &[what.len() as u8][..], what.as_bytes()].concat();
    for (what, first) in [
        ("plain", "ValueError: plain"),
        ("exit", "SystemExit: 3"),
        ("interrupt", "KeyboardInterrupt"),
        (
            "recursion",
            "RecursionError: maximum recursion depth exceeded",
        ),
        ("shy", "kinds.Shy: <"),
        (
            "surrogate",
            "`Kinds.fail` returned a wrong value: '\\udc80' has half a surrogate pair",
        ),
        ("chain", "ValueError: second"),
        ("stop", "StopIteration: 1\nTraceback"),
        ("generator", "GeneratorExit\nTraceback"),
        ("memory", "MemoryError\nTraceback"),
        ("own", "kinds.Own: (1, 2)\nTraceback"),
    ] {
        let said = failure(&kinds, "fail", &text(what));
        assert!(said.starts_with(first), "{what}: {said}");
    }
    let said = failure(&kinds, "fail", &text("chain"));
    assert!(said.contains("KeyError: 'first'"), "{said}");
    for (what, says) in [
        (
            "one",
            "`Kinds.wrong` returned a wrong value: expected a tuple of 2, not int",
        ),
        (
            "three",
            "`Kinds.wrong` returned a wrong value: expected 2 values, not 3",
        ),
        (
            "types",
            "`Kinds.wrong` returned a wrong value: value 1: expected int, not str",
        ),
        (
            "second",
            "`Kinds.wrong` returned a wrong value: value 2: expected str, not bytes",
        ),
        (
            "range",
            "`Kinds.wrong` returned a wrong value: value 1: 2147483648 does not fit into i32",
        ),
        (
            "none",
            "`Kinds.wrong` returned a wrong value: expected a tuple of 2, not NoneType",
        ),
        (
            "float",
            "`Kinds.wrong` returned a wrong value: value 1: expected int, not float",
        ),
    ] {
        assert_eq!(failure(&kinds, "wrong", &text(what)), says);
    }
    assert_eq!(call(&kinds, "wrong", &text("right")), b"\x08\x01\x12\x01x");
    let said = failure(&kinds, "loops", b"");
    assert!(
        said.ends_with("values are nested deeper than 64 levels"),
        "{said}"
    );
    assert_eq!(
        call(&kinds, "shout", &text("still there")),
        text("STILL THERE")
    );
});

case!(coroutines_run_on_a_loop_of_their_own, |case: &Case| {
    let kinds = open(&case.guest("kinds"));
    let reply = call(&kinds, "later", b"\x0a\x02hi");
    assert_eq!(reply[2..], *b"hi on gangplank-asyncio");
    let said = failure(&kinds, "later_fails", b"\x0a\x02no");
    assert!(said.starts_with("LookupError: no\nTraceback"), "{said}");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    call(&kinds, "later", b"\x0a\x02hi");
                }
            });
        }
    });
});

/// A call of a function that takes and gives nothing, in C structs; its status and text.
fn within(module: &Module, name: &str, params: *const c_void, timeout_ns: i64) -> (i32, String) {
    let function = module.function(name).unwrap().prepare(None).unwrap();
    let mut gp = RawCall::new();
    gp.timeout_ns = timeout_ns;
    // SAFETY: the tests pass the parameters of functions without results.
    unsafe {
        let status = function.call(
            function.this(),
            params,
            ptr::null_mut(),
            &mut gp,
            None,
            ptr::null_mut(),
        );
        let text = match gp.message.len {
            0 => &[],
            len => std::slice::from_raw_parts(gp.message.ptr, len),
        };
        let text = str::from_utf8(text).unwrap().to_owned();
        if let Some(free) = gp.free_owned {
            free(&mut gp);
        }
        (status, text)
    }
}

const GP_DEADLINE: i32 = 11;

case!(a_deadline_cancels_a_coroutine, |case: &Case| {
    let kinds = open(&case.guest("kinds"));
    let start = Instant::now();
    let (status, said) = within(&kinds, "later_never", ptr::null(), 50_000_000);
    assert_eq!(status, GP_DEADLINE, "{said}");
    assert!(
        said.starts_with("`Kinds.later_never` did not return within 0.05 s"),
        "{said}"
    );
    assert!(start.elapsed().as_millis() >= 50);
    // The coroutine hears of it, on its loop.
    while call(&kinds, "cancelled", b"") != b"\x08\x01" {
        assert!(start.elapsed().as_secs() < 10, "nothing was cancelled");
    }
    assert_eq!(
        call(&kinds, "later", b"\x0a\x02hi")[2..],
        *b"hi on gangplank-asyncio"
    );
});

case!(a_loop_that_is_blocked_keeps_to_deadlines, |case: &Case| {
    let kinds = open(&case.guest("kinds"));
    let start = Instant::now();
    let blocks = 400_i64;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (status, said) = within(&kinds, "later_blocks", (&raw const blocks).cast(), 0);
            assert_eq!(status, 0, "{said}");
        });
        std::thread::sleep(std::time::Duration::from_millis(100));
        let (status, _) = within(&kinds, "later_never", ptr::null(), 50_000_000);
        assert_eq!(status, GP_DEADLINE);
        assert!(start.elapsed().as_millis() < 400);
        // Without one it waits for its turn.
        assert_eq!(call(&kinds, "later", b"\x0a\x02hi")[2..4], *b"hi");
        assert!(start.elapsed().as_millis() >= 400);
    });
});

case!(what_ends_a_loop_ends_a_call, |case: &Case| {
    let kinds = open(&case.guest("kinds"));
    for (what, first) in [
        ("exit", "SystemExit\nTraceback"),
        ("interrupt", "KeyboardInterrupt\nTraceback"),
        ("cancel", "concurrent.futures._base.CancelledError"),
    ] {
        let text = [b"\x0a", &[what.len() as u8][..], what.as_bytes()].concat();
        let said = failure(&kinds, "later_exits", &text);
        assert!(said.starts_with(first), "{what}: {said}");
        assert_eq!(
            call(&kinds, "later", b"\x0a\x02hi")[2..],
            *b"hi on gangplank-asyncio"
        );
    }
    assert_eq!(
        call(&kinds, "later_exits", b"\x0a\x04stop"),
        b"\x0a\x04stop"
    );
    assert_eq!(call(&kinds, "later", b"\x0a\x02hi")[2..4], *b"hi");
});

case!(threads_call_at_once, |case: &Case| {
    let calc = calc(case);
    let many = |threads: u64, calls: u32| {
        std::thread::scope(|scope| {
            for thread in 0..threads {
                let calc = &calc;
                scope.spawn(move || {
                    for _ in 0..calls {
                        let request = [b"\x08".to_vec(), varint(thread * 2), b"\x10\x02".to_vec()];
                        let request = match thread {
                            0 => b"\x10\x02".to_vec(),
                            _ => request.concat(),
                        };
                        let reply = call(calc, "div", &request);
                        let expected = (thread as f32).to_le_bytes();
                        match thread {
                            0 => assert!(reply.is_empty()),
                            _ => assert_eq!(reply[1..], expected),
                        }
                    }
                });
            }
        });
    };
    many(8, 100);
    let resident = support::resident();
    many(8, 900);
    let grown = support::resident().saturating_sub(resident);
    assert!(grown <= 2 << 20, "{grown} bytes more");
    many(64, 50);
});

case!(threads_that_end_leave_nothing, |case: &Case| {
    let kinds = open(&case.guest("kinds"));
    let states = || call(&kinds, "states", b"");
    let some = |count: u32| {
        for _ in 0..count {
            std::thread::scope(|scope| {
                scope.spawn(|| call(&kinds, "shout", b"\x0a\x01a"));
            });
        }
    };
    some(100);
    let (before, resident) = (states(), support::resident());
    some(5_000);
    assert_eq!(states(), before);
    let grown = support::resident().saturating_sub(resident);
    assert!(grown < 4 << 20, "{grown} bytes more");
});

case!(guests_that_cannot_be_loaded, |case: &Case| {
    let refused = |text: &str, name: &str| {
        let path = case.folder.join(name);
        std::fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap().to_owned();
        let error = Module::open("python3", &path, &Options::default())
            .err()
            .unwrap();
        error.text().to_owned()
    };
    let said = refused("def f(:\n", "syntax.py");
    assert!(
        said.contains("syntax.py` cannot be loaded: File \"") && said.contains("SyntaxError"),
        "{said}"
    );
    let said = refused("x = 1\n", "plain.py");
    assert!(said.contains("is no guest: it has no INTERFACE"), "{said}");
    let said = refused("import nothing_of_that_name\n", "imports.py");
    assert!(
        said.contains("ModuleNotFoundError: No module named 'nothing_of_that_name'"),
        "{said}"
    );
    let said = refused("raise SystemExit(1)\n", "exits.py");
    assert!(said.contains("SystemExit: 1"), "{said}");
    let said = refused(
        "INTERFACE, TYPES, FUNCTIONS = b'GPif', {}, {}\n",
        "short.py",
    );
    assert!(said.contains("its interface cannot be read"), "{said}");
    let error = Module::open("python3", "no_such_guest", &Options::default())
        .err()
        .unwrap();
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(error.text().contains("no_such_guest.py"), "{error}");
    // The implementation lacks a function, or is not there.
    let guest = case.guest("calc");
    let calc = case.folder.join("calc.py");
    std::fs::write(&calc, "def div(x, y):\n    return x / y\n").unwrap();
    let error = Module::open("python3", &guest, &Options::default())
        .err()
        .unwrap();
    assert!(
        error.text().contains("AttributeError: Calc.")
            && error.text().contains("in calc.py, which has no"),
        "{error}"
    );
    std::fs::remove_file(&calc).unwrap();
    let renamed = case.folder.join("againMetaFFIGuest.py");
    std::fs::copy(&guest, &renamed).unwrap();
    std::fs::write(
        &renamed,
        std::fs::read_to_string(&guest)
            .unwrap()
            .replace("\"calc.py\"", "\"gone.py\""),
    )
    .unwrap();
    let error = Module::open("python3", renamed.to_str().unwrap(), &Options::default())
        .err()
        .unwrap();
    assert!(error.text().contains("FileNotFoundError"), "{error}");
});

case!(what_was_printed_goes_out_at_the_end, |case: &Case| {
    let kinds = open(&case.guest("kinds"));
    call(&kinds, "say", b"\x0a\x07printed");
});

#[test]
fn prints_reach_a_pipe() {
    if !support::has_python() {
        return;
    }
    let (out, err) = support::output("what_was_printed_goes_out_at_the_end", &[]);
    assert!(out.contains("printed"), "{out}");
    assert!(err.contains("printed"), "{err}");
}

case!(a_guest_that_keeps_the_lock, |case: &Case| {
    let kinds = open(&case.guest("kinds"));
    std::thread::spawn(move || call(&kinds, "hold", b"\x0a\x01x"));
    std::thread::sleep(std::time::Duration::from_millis(300));
});

#[test]
fn the_end_of_a_process_waits_for_nobody() {
    if !support::has_python() {
        return;
    }
    let start = Instant::now();
    let (out, _) = support::output("a_guest_that_keeps_the_lock", &[]);
    assert!(out.contains("holding"), "{out}");
    let took = start.elapsed().as_secs();
    assert!((2..20).contains(&took), "{took} s");
}

// It prints what a call costs as well: run it alone, optimized.
case!(a_million_calls_leave_nothing, |case: &Case| {
    let calc = calc(case);
    let div = calc.function("div").unwrap().prepare(None).unwrap();
    let scores = calc.function("gen_scores").unwrap();
    let run = |native: u32, bytes: u32| {
        let (params, mut z, mut gp) = ([10_i32, 2], 0_f32, RawCall::new());
        let start = Instant::now();
        for _ in 0..native {
            // SAFETY: the structs of `div`.
            let status = unsafe {
                let out = (&raw mut z).cast();
                let params = params.as_ptr().cast();
                div.call(div.this(), params, out, &mut gp, None, ptr::null_mut())
            };
            assert_eq!(status, 0);
        }
        println!("div: {:?}", start.elapsed() / native);
        let start = Instant::now();
        for _ in 0..bytes {
            scores.call_bytes(b"").unwrap();
        }
        println!("gen_scores in bytes: {:?}", start.elapsed() / bytes);
    };
    run(80_000, 20_000);
    let resident = support::resident();
    run(800_000, 100_000);
    let grown = support::resident().saturating_sub(resident);
    assert!(grown <= 2 << 20, "{grown} bytes more");
});

case!(children_of_fork_get_an_error, |case: &Case| {
    let calc = calc(case);
    let div = calc.function("div").unwrap().prepare(None).unwrap();
    // SAFETY: the child only makes the call, which touches nothing that another thread may hold, and ends at once.
    unsafe {
        let child = libc::fork();
        if child == 0 {
            let (params, mut z, mut gp) = ([10_i32, 2], 0_f32, RawCall::new());
            let status = div.call(
                div.this(),
                params.as_ptr().cast(),
                (&raw mut z).cast(),
                &mut gp,
                None,
                ptr::null_mut(),
            );
            libc::_exit(status);
        }
        let mut status = 0;
        libc::waitpid(child, &mut status, 0);
        assert_eq!(libc::WEXITSTATUS(status), 15);
    }
});
