//! What a guest in Go does to the process that it is in: memory, and children of `fork`.

#[path = "support/calc.rs"]
mod calc;
mod support;

use std::ffi::c_void;
use std::ptr;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use calc::{List, Parts, calc, exported, free, native, prepared, raw};
use prost::Message;
use xllr::abi::{RawCall, RawText};

/// The test that looks at the process's memory runs alone.
static ALONE: RwLock<()> = RwLock::new(());

fn shared() -> RwLockReadGuard<'static, ()> {
    ALONE.read().unwrap_or_else(PoisonError::into_inner)
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
    let foreign = exported("div");
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
    // SAFETY: the child calls one function, which must not wait.
    let wrong = unsafe {
        support::in_child(|| {
            let (text, is_error) = call();
            i32::from(is_error != 1 || !text.starts_with(b"forked: "))
        })
    };
    assert_eq!(wrong, 0);
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
    // SAFETY: the child calls one function, which must not wait.
    let status = unsafe { support::in_child(|| native(&div, &[4_i32, 2], &mut z, &mut call)) };
    assert_eq!(status, 15, "GP_FORKED");
}
