//! The time of guests in Python in a helper process: what a restart takes of it, what an end may take. Each case runs in a
//! process of its own.
#![cfg(target_os = "linux")]

mod support;

use std::ptr;
use std::time::{Duration, Instant};

use support::{Case, call};
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

/// A guest whose next start takes this long.
fn slow(case: &Case, name: &str, start: Duration) {
    let path = case.folder.join(format!("{name}.py"));
    let text = std::fs::read_to_string(&path).unwrap();
    let sleeps = format!("\nimport time\n\ntime.sleep({})\n", start.as_secs_f64());
    std::fs::write(&path, text + &sleeps).unwrap();
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
    slow(case, "kinds", Duration::from_secs(1));
    ends(&kinds);
    let timeout = Duration::from_secs(4);
    let (status, said, took) = within(&kinds, "later_never", timeout);
    assert_eq!(status, GP_DEADLINE, "{said}");
    assert!(
        said.starts_with("`Kinds.later_never` did not return within "),
        "{said}"
    );
    assert!(!said.contains("was ended"), "{said}");
    assert!(
        took >= Duration::from_millis(3_900) && took < Duration::from_secs(6),
        "{took:?}"
    );
    // In that very process, whose loop cancels the function after the answer is on its way.
    let until = Instant::now() + Duration::from_secs(10);
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
        slow(case, "kinds", Duration::from_secs(3));
        ends(&kinds);
        std::thread::scope(|scope| {
            let patient = scope.spawn(|| call(&kinds, "shout", b"\x0a\x02hi"));
            for _ in 0..3 {
                let timeout = Duration::from_millis(50);
                let (status, said, took) = within(&kinds, "later_never", timeout);
                assert_eq!(status, GP_DEADLINE, "{said}");
                assert!(
                    said.contains("50ms were over before `Kinds.later_never`"),
                    "{said}"
                );
                assert!(took < Duration::from_millis(1_500), "{took:?}");
            }
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
        slow(case, "kinds", Duration::from_secs(1));
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
    assert!(start.elapsed() < Duration::from_secs(30));
}
