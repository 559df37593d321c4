//! The end of a process with guests in Python, and its children. Each case runs in a process of its own.

mod support;

use std::ptr;
use std::time::{Duration, Instant};

use support::{Case, PATIENCE, call, open, tag, varint};
use xllr::abi::RawCall;

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
    let held = case.folder.join("held");
    let path = held.to_str().unwrap();
    let request = [tag(1, 2), varint(path.len() as u64), path.into()].concat();
    std::thread::spawn(move || call(&kinds, "hold", &request));
    let start = Instant::now();
    while !held.exists() {
        assert!(start.elapsed() < PATIENCE, "nothing is held");
        std::thread::sleep(Duration::from_millis(5));
    }
    println!("held");
});

#[test]
fn the_end_of_a_process_waits_for_nobody() {
    if !support::has_python() {
        return;
    }
    support::plugin(); // is built before the time counts
    let start = Instant::now();
    let (out, _) = support::output("a_guest_that_keeps_the_lock", &[]);
    assert!(out.contains("held"), "{out}");
    let took = start.elapsed().as_secs();
    assert!((2..200).contains(&took), "{took} s");
}

case!(children_of_fork_get_an_error, |case: &Case| {
    let calc = open(&case.guest("calc"));
    let div = calc.function("div").unwrap().prepare(None).unwrap();
    // SAFETY: the child only makes the call, which touches nothing that another thread may hold, and ends at once.
    unsafe {
        let child = libc::fork();
        if child == 0 {
            libc::alarm(60);
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
        assert!(libc::WIFEXITED(status), "status {status:x}");
        assert_eq!(libc::WEXITSTATUS(status), 15);
    }
});
