//! Guests in Go in helper processes: two of them of one host in Rust, and as many calls as one likes.
#![cfg(target_os = "linux")]

mod support;

use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::LazyLock;
use std::time::Duration;

use xllr::abi::RawCall;
use xllr::{Kind, Module, Options, Prepared};

const GP_ERR: i32 = 1;
const GP_DEADLINE: i32 = 11;

fn options(isolate: bool) -> Options {
    static NAMED: LazyLock<()> = LazyLock::new(|| {
        // SAFETY: whatever else reads the environment in these tests does it after this, or through std's lock.
        unsafe { std::env::set_var("GANGPLANK_HELPER", env!("CARGO_BIN_EXE_xllr-helper")) };
    });
    LazyLock::force(&NAMED);
    Options {
        isolate,
        ..Options::default()
    }
}

fn calc(folder: &Path) -> PathBuf {
    let idl = support::root().join("tests/fixtures/calc/calc.proto");
    support::go_guest(folder, "calc", "calc.proto", &[(idl, "calc.proto")])
}

fn open(path: &Path, isolate: bool) -> Module {
    Module::open("native", path.to_str().unwrap(), &options(isolate)).unwrap()
}

fn div(module: &Module) -> Prepared {
    module.function("div").unwrap().prepare(None).unwrap()
}

/// Status and quotient.
fn divided(div: &Prepared, x: i32, y: i32, call: &mut RawCall) -> (i32, f32) {
    let (params, mut z) = ([x, y], 0_f32);
    let (params, out) = (params.as_ptr().cast(), (&raw mut z).cast());
    // SAFETY: the structs of `div`.
    let status = unsafe { div.call(div.this(), params, out, call, None, ptr::null_mut()) };
    if let Some(free) = call.free_owned.filter(|_| !call.owned.is_null()) {
        // SAFETY: the call has ended, and nobody looks at its texts.
        unsafe { free(call) };
    }
    (status, z)
}

/// Bytes in memory of a process.
fn resident(pid: u32) -> usize {
    let pages = std::fs::read_to_string(format!("/proc/{pid}/statm")).unwrap();
    let pages: usize = pages.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

/// The helpers of this process: whatever its threads have started and not waited for.
fn helpers() -> Vec<u32> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let lists = tasks.map(|task| task.unwrap().path().join("children"));
    let lists = lists.filter_map(|list| std::fs::read_to_string(list).ok());
    let pids: Vec<u32> = lists
        .flat_map(|list| {
            let pids = list.split_whitespace().map(|pid| pid.parse().unwrap());
            pids.collect::<Vec<_>>()
        })
        .collect();
    pids
}

/// One test: a process has one first Go runtime, and its helpers are counted.
#[test]
fn two_guests_and_many_calls() {
    if !support::has_go() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let first = calc(folder.path());
    let second = first.with_file_name("second.so");
    std::fs::copy(&first, &second).unwrap();

    // The first is here, the second by itself in a helper; both have their C structs.
    let (here, there) = (open(&first, false), open(&second, false));
    let mut call = RawCall::new();
    let (here, there) = (div(&here), div(&there));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut call = RawCall::new();
                for x in 1..200 {
                    assert_eq!(divided(&here, x, 2, &mut call), (0, x as f32 / 2.0));
                    assert_eq!(divided(&there, x, 4, &mut call), (0, x as f32 / 4.0));
                }
            });
        }
    });
    for div in [&here, &there] {
        assert_eq!(divided(div, 1, 0, &mut call).0, GP_ERR);
        assert_eq!(divided(div, 1, 2, &mut call), (0, 0.5));
    }

    // A deadline that is over is one, and its helper is there for the next call.
    call.timeout_ns = -1;
    assert_eq!(divided(&there, 1, 2, &mut call).0, GP_DEADLINE);
    call.timeout_ns = Duration::from_secs(60).as_nanos() as i64;
    assert_eq!(divided(&there, 1, 2, &mut call), (0, 0.5));
    call.timeout_ns = 0;

    // What is killed is started again.
    let [helper] = helpers()[..] else {
        panic!("one helper: {:?}", helpers());
    };
    // SAFETY: a helper of this test.
    unsafe { libc::kill(helper as i32, libc::SIGKILL) };
    let lost = open(&second, false).function("div").unwrap();
    while lost.call_bytes(b"\x08\x01\x10\x02").is_err() {}
    assert_eq!(lost.call_bytes(b"").unwrap_err().kind(), Kind::Failed);

    let all = match std::env::var_os("GANGPLANK_SOAK") {
        Some(_) => 1_000_000,
        None => 30_000,
    };
    let many = |calls: usize, call: &mut RawCall| {
        for x in 0..calls {
            let x = (x % 1000) as i32;
            assert_eq!(divided(&there, x, 8, call), (0, x as f32 / 8.0));
        }
    };
    many(all / 10, &mut call);
    let [helper] = helpers()[..] else {
        panic!("one helper: {:?}", helpers());
    };
    let before = [std::process::id(), helper].map(resident);
    many(all - all / 10, &mut call);
    let after = [std::process::id(), helper].map(resident);
    println!("{all} calls: host and helper {before:?} bytes, then {after:?}");
    for (before, after) in before.into_iter().zip(after) {
        assert!(after <= before + (2 << 20), "{before} bytes, then {after}");
    }

    // Who asks for a helper gets it, and one of its own.
    let third = first.with_file_name("third.so");
    std::fs::copy(&first, &third).unwrap();
    let asked = div(&open(&third, true));
    assert_eq!(divided(&asked, 1, 2, &mut call), (0, 0.5));
    assert_eq!(helpers().len(), 2);
}
