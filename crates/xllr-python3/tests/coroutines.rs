//! Guests that are `async def`: their loop, deadlines, and what ends a loop. Each case runs in a process of its own.

mod support;

use std::ffi::c_void;
use std::ptr;
use std::time::{Duration, Instant};

use support::{Case, PATIENCE, call, failure, open};
use xllr::Module;
use xllr::abi::RawCall;

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
    let until = Instant::now() + PATIENCE;
    // On a busy machine the time may be over before the coroutine has begun.
    loop {
        let start = Instant::now();
        let (status, said) = within(&kinds, "later_never", ptr::null(), 50_000_000);
        assert_eq!(status, GP_DEADLINE, "{said}");
        assert!(
            said.starts_with("`Kinds.later_never` did not return within 0.05 s"),
            "{said}"
        );
        assert!(start.elapsed().as_millis() >= 50);
        // Its turn on the loop comes after that of the other.
        assert_eq!(
            call(&kinds, "later", b"\x0a\x02hi")[2..],
            *b"hi on gangplank-asyncio"
        );
        if call(&kinds, "begun", b"") == b"\x08\x01" {
            break;
        }
        assert!(Instant::now() < until, "nothing has begun");
    }
    // The coroutine hears of it, on its loop.
    while call(&kinds, "cancelled", b"") != b"\x08\x01" {
        assert!(Instant::now() < until, "nothing was cancelled");
    }
});

case!(a_loop_that_is_blocked_keeps_to_deadlines, |case: &Case| {
    let kinds = open(&case.guest("kinds"));
    let until = Instant::now() + PATIENCE;
    let seconds = PATIENCE.as_secs() as i64;
    std::thread::scope(|scope| {
        let blocks = scope.spawn(|| {
            let (status, said) = within(&kinds, "later_blocks", (&raw const seconds).cast(), 0);
            assert_eq!(status, 0, "{said}");
        });
        while call(&kinds, "begun", b"") != b"\x08\x01" {
            assert!(Instant::now() < until, "nothing has begun");
            std::thread::sleep(Duration::from_millis(5));
        }
        let (status, _) = within(&kinds, "later_never", ptr::null(), 50_000_000);
        assert_eq!(status, GP_DEADLINE);
        // Without one it waits for its turn.
        let later = scope.spawn(|| call(&kinds, "later", b"\x0a\x02hi"));
        std::thread::sleep(Duration::from_millis(50));
        assert!(!later.is_finished() && !blocks.is_finished());
        call(&kinds, "release", b"");
        assert_eq!(later.join().unwrap()[2..4], *b"hi");
    });
});

case!(what_ends_a_loop_ends_a_call, |case: &Case| {
    let kinds = open(&case.guest("kinds"));
    for (what, first) in [
        ("exit", "SystemExit\nTraceback"),
        ("interrupt", "KeyboardInterrupt\nTraceback"),
        ("cancel", "asyncio.exceptions.CancelledError\nTraceback"),
    ] {
        let text = [b"\x0a", &[what.len() as u8][..], what.as_bytes()].concat();
        let said = failure(&kinds, "later_exits", &text);
        assert!(said.starts_with(first), "{what}: {said}");
        assert!(said.contains("kinds.py"), "{what}: {said}");
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
