//! Many calls of guests in Python: by many threads, by threads that end, by one. Each case runs in a process of its own.

mod support;

use std::ptr;
use std::time::Instant;

use support::{Case, call, open, varint};
use xllr::abi::RawCall;

case!(threads_call_at_once, |case: &Case| {
    let calc = open(&case.guest("calc"));
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
    support::stays_within(2 << 20, || many(8, 900));
    many(64, 50);
});

case!(threads_that_end_leave_nothing, |case: &Case| {
    let kinds = open(&case.guest("kinds"));
    let states = || call(&kinds, "states", b"");
    let some = |count: u32| {
        for _ in 0..count {
            // Joined: the scope alone does not wait for what a thread leaves behind.
            std::thread::scope(|scope| {
                let thread = scope.spawn(|| call(&kinds, "shout", b"\x0a\x01a"));
                thread.join().unwrap();
            });
        }
    };
    some(100);
    let before = states();
    support::stays_within(4 << 20, || some(5_000));
    assert_eq!(states(), before);
});

// It prints what a call costs as well: run it alone, optimized.
case!(a_million_calls_leave_nothing, |case: &Case| {
    let calc = open(&case.guest("calc"));
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
    support::stays_within(2 << 20, || run(800_000, 100_000));
});
