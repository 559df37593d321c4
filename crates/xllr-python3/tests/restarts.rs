//! The time of guests in Python in a helper process: what a restart takes of it, what an end may take. Each case runs in a
//! process of its own.
#![cfg(target_os = "linux")]

mod support;

use std::path::PathBuf;
use std::ptr;
use std::time::{Duration, Instant};

use support::{Case, PATIENCE, call};
use xllr::abi::RawCall;
use xllr::{Kind, Module, Options};

const GP_DEADLINE: i32 = 11;

fn isolated(guest: &str) -> Module {
    let options = Options {
        isolate: true,
        ..Options::default()
    };
    Module::open("python3", guest, &options).unwrap_or_else(|error| panic!("{error}"))
}

/// Has starts of the guest `kinds` do this from now on.
fn starts_with(case: &Case, more: &str) {
    let path = case.folder.join("kinds.py");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{text}\nimport time\n\n{more}\n")).unwrap();
}

/// Starts of the guest take a second longer.
fn slow(case: &Case) {
    starts_with(case, "time.sleep(1)");
}

/// Starts of the guest wait for a file, as long as its host has patience; the file.
fn held(case: &Case) -> PathBuf {
    let go = case.folder.join("go");
    let waits = format!(
        "for _ in range(5000):\n    if os.path.exists({:?}):\n        break\n    time.sleep(0.01)",
        go.to_str().unwrap()
    );
    starts_with(case, &waits);
    go
}

fn ends(kinds: &Module) {
    let one = b"\x08\x07";
    let lost = kinds.function("leave").unwrap().call_bytes(one);
    assert_eq!(lost.unwrap_err().kind(), Kind::PeerLost);
}

/// Status of a call without parameters and results, and how long it took.
fn within(module: &Module, function: &str, timeout: Duration) -> (i32, String, Duration) {
    let function = module.function(function).unwrap().prepare(None).unwrap();
    let mut gp = RawCall::new();
    gp.timeout_ns = timeout.as_nanos() as i64;
    let (start, none) = (Instant::now(), ptr::null_mut());
    // SAFETY: nothing goes in and nothing comes out; the text is the call's until it is freed.
    unsafe {
        let status = function.call(function.this(), none, none, &mut gp, None, none);
        let took = start.elapsed();
        let text = std::slice::from_raw_parts(gp.message.ptr, gp.message.len);
        let text = String::from_utf8_lossy(text).into_owned();
        if let Some(free) = gp.free_owned {
            free(&mut gp);
        }
        (status, text, took)
    }
}

// The function is told what is left, says in time that it is over, and its process lives on.
case!(a_restart_is_part_of_the_time_of_a_call, |case: &Case| {
    let kinds = isolated(&case.guest("kinds"));
    let never = kinds.function("later_never").unwrap();
    never.prepare(None).unwrap();
    slow(case);
    // On a busy machine the start may take all of the time, or the answer come too late.
    let told = [4, 8, 16, 32].into_iter().any(|seconds| {
        ends(&kinds);
        let timeout = Duration::from_secs(seconds);
        let (status, said, took) = within(&kinds, "later_never", timeout);
        assert_eq!(status, GP_DEADLINE, "{said}");
        assert!(took + Duration::from_millis(100) >= timeout, "{took:?}");
        assert!(took < timeout + PATIENCE, "{took:?}");
        let says = said.strip_prefix("`Kinds.later_never` did not return within ");
        let Some((left, _)) = says.and_then(|says| says.split_once(" s")) else {
            return false;
        };
        // What the start has taken is not left.
        assert!(
            left.parse::<f64>().unwrap() <= (seconds - 1) as f64,
            "{said}"
        );
        call(&kinds, "begun", b"") == b"\x08\x01"
    });
    assert!(told, "the function has not said it once");
    // In that very process, whose loop cancels the function after the answer is on its way.
    let until = Instant::now() + PATIENCE;
    while call(&kinds, "cancelled", b"") != b"\x08\x01" {
        assert!(Instant::now() < until, "not cancelled");
        std::thread::sleep(Duration::from_millis(5));
    }
});

case!(
    who_has_little_time_does_not_wait_for_a_restart,
    |case: &Case| {
        let kinds = isolated(&case.guest("kinds"));
        kinds
            .function("later_never")
            .unwrap()
            .prepare(None)
            .unwrap();
        let go = held(case);
        ends(&kinds);
        std::thread::scope(|scope| {
            let patient = scope.spawn(|| call(&kinds, "shout", b"\x0a\x02hi"));
            for _ in 0..3 {
                let timeout = Duration::from_millis(50);
                let (status, said, _) = within(&kinds, "later_never", timeout);
                assert_eq!(status, GP_DEADLINE, "{said}");
                assert!(
                    said.contains("50ms were over before `Kinds.later_never`"),
                    "{said}"
                );
            }
            assert!(!patient.is_finished());
            std::fs::write(&go, "").unwrap();
            // The start goes on all the same, and all share it.
            assert_eq!(patient.join().unwrap(), b"\x0a\x02HI");
        });
    }
);

// Nobody but the first who asks begins the start.
case!(
    a_start_goes_on_when_who_began_it_has_no_time,
    |case: &Case| {
        let kinds = isolated(&case.guest("kinds"));
        kinds.function("spin").unwrap().prepare(None).unwrap();
        slow(case);
        ends(&kinds);
        let (status, said, _) = within(&kinds, "spin", Duration::from_millis(20));
        assert_eq!(status, GP_DEADLINE, "{said}");
        assert_eq!(call(&kinds, "shout", b"\x0a\x02hi"), b"\x0a\x02HI");
    }
);

case!(leaves_something_in_the_buffer_of_c, |case: &Case| {
    let guest = case.guest("edges");
    let edges = isolated(&guest);
    call(&edges, "leaves", b"");
    drop(edges);
    Module::free("python3", &guest).unwrap();
});

// Python's exit functions and the helper itself do not run out of time at the same moment.
#[test]
fn what_c_has_printed_goes_out_after_an_exit_function_that_hangs() {
    if !support::has_python() {
        return;
    }
    let start = Instant::now();
    let (out, _) = support::output("leaves_something_in_the_buffer_of_c", &[]);
    assert!(out.contains("of C\n"), "{out}");
    assert!(start.elapsed() < 4 * PATIENCE);
}
