//! What crosses to modules in helper processes: C structs of every type, errors, megabytes; and how long a call takes.
#![cfg(target_os = "linux")]

mod support;

use std::ffi::c_void;
use std::path::PathBuf;
use std::ptr;
use std::sync::LazyLock;
use std::time::Instant;

use support::isolated::{Guest, isolated};
use xllr::abi::RawCall;
use xllr::{Kind, Module};

const GP_ERR: i32 = 1;

const GP_PANIC: i32 = 8;
const GP_DEADLINE: i32 = 11;

static KITCHEN: LazyLock<PathBuf> = LazyLock::new(|| support::build("kitchen_sink"));

static FAULTS: LazyLock<PathBuf> = LazyLock::new(|| support::build("faults"));

/// Room for any result or parameter.
#[repr(C, align(16))]
struct Room([u8; 1 << 14]);

impl Room {
    fn new() -> Box<Self> {
        Box::new(Self([0; 1 << 14]))
    }
}

/// Calls a prepared function in C structs; its status.
fn native(module: &Module, name: &str, params: &Room, out: &mut Room, call: &mut RawCall) -> i32 {
    let function = module.function(name).unwrap().prepare(None).unwrap();
    // SAFETY: the tests pass what the function takes, and both have room for more than that.
    unsafe {
        let (params, out): (*const c_void, *mut c_void) =
            (ptr::from_ref(params).cast(), ptr::from_mut(out).cast());
        function.call(function.this(), params, out, call, None, ptr::null_mut())
    }
}

fn reset(call: &mut RawCall) {
    if let Some(free) = call.free_owned.filter(|_| !call.owned.is_null()) {
        // SAFETY: what the call has left, and nobody uses any more.
        unsafe { free(call) };
    }
}

fn kitchen() -> Module {
    Module::open("native", KITCHEN.to_str().unwrap(), &isolated()).unwrap()
}

#[test]
fn values_cross_as_c_structs() {
    let module = kitchen();
    let (none, mut deep, mut again, mut yes) = (Room::new(), Room::new(), Room::new(), Room::new());
    let (mut first, mut second, mut third) = (RawCall::new(), RawCall::new(), RawCall::new());
    assert_eq!(
        native(&module, "deep_sample", &none, &mut deep, &mut first),
        0
    );
    assert_eq!(
        native(&module, "echo_deep", &deep, &mut again, &mut second),
        0
    );
    reset(&mut first);
    assert_eq!(
        native(&module, "is_deep_sample", &again, &mut yes, &mut third),
        0
    );
    assert_eq!(yes.0[0], 1);
    reset(&mut second);

    for what in ["each", "lists", "options"] {
        for limit in 0..4_u8 {
            let (mut params, mut value) = (Room::new(), Room::new());
            params.0[0] = limit;
            let status = native(
                &module,
                &format!("{what}_at"),
                &params,
                &mut value,
                &mut first,
            );
            assert_eq!(status, 0, "{what} {limit}");
            let echo = format!("echo_{what}");
            assert_eq!(native(&module, &echo, &value, &mut again, &mut second), 0);
            reset(&mut first);
            let end = params.0.len();
            params.0[8..].copy_from_slice(&again.0[..end - 8]);
            let is = format!("is_{what}_at");
            yes.0[0] = 0;
            assert_eq!(native(&module, &is, &params, &mut yes, &mut third), 0);
            assert_eq!(yes.0[0], 1, "{what} {limit}");
            reset(&mut second);
        }
    }
}

/// A library that only has C structs, called in protobuf bytes.
#[test]
fn bytes_are_translated_in_the_helper() {
    let path = support::build("calc");
    let module = Module::open("native", path.to_str().unwrap(), &isolated()).unwrap();
    let div = module.function("Calc.div").unwrap();
    let half = [&[0x0d][..], &0.5_f32.to_le_bytes()].concat();
    assert_eq!(div.call_bytes(&[8, 3, 16, 6]).unwrap(), half);
    assert_eq!(div.call_bytes(&[8, 3]).unwrap_err().kind(), Kind::Failed);
    assert!(div.prepare(None).is_ok());
}

#[test]
fn functions_that_cannot_leave_the_process_say_why() {
    let module = kitchen();
    for (name, why) in [
        ("Cellar.label", "its object lives in the helper"),
        ("pass_lists", "it may complete later"),
        ("refuse", "it passes objects or streams"),
    ] {
        let error = module.function(name).unwrap().prepare(None).unwrap_err();
        assert_eq!(error.kind(), Kind::Refused);
        assert!(error.text().contains(why), "{error}");
    }
}

#[test]
fn panics_and_values_that_are_none_are_statuses() {
    // A copy: its helper is this test's own, and what it loses as well.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("libfaults.so");
    std::fs::copy(&*FAULTS, &path).unwrap();
    let module = Module::open("native", path.to_str().unwrap(), &isolated()).unwrap();
    let (params, mut out, mut call) = (Room::new(), Room::new(), RawCall::new());
    assert_eq!(
        native(&module, "panic_text", &params, &mut out, &mut call),
        GP_PANIC
    );
    // SAFETY: the texts of a call that has ended.
    let said = |text: xllr::abi::RawText| unsafe {
        String::from_utf8(std::slice::from_raw_parts(text.ptr, text.len).to_vec()).unwrap()
    };
    assert_eq!(said(call.message), "boom");
    assert!(
        said(call.location).contains("panics.rs"),
        "{}",
        said(call.location)
    );
    reset(&mut call);

    let (mut params, mut call) = (Room::new(), RawCall::new());
    params.0[..8].copy_from_slice(&(b"seven".as_ptr() as u64).to_ne_bytes());
    params.0[8] = 5;
    assert_eq!(
        native(&module, "parse", &params, &mut out, &mut call),
        GP_ERR
    );
    assert_eq!(said(call.message), "not a number: seven");
    // SAFETY: the third case of the error: a tag, and behind it a text.
    let (tag, text) = unsafe {
        let payload = call.payload.cast::<u8>();
        (
            payload.cast::<i32>().read(),
            payload.add(8).cast::<xllr::abi::RawText>().read(),
        )
    };
    assert_eq!((tag, said(text)), (2, "seven".to_owned()));
    reset(&mut call);

    call.timeout_ns = 1;
    let late = native(&module, "panic_text", &params, &mut out, &mut call);
    assert_eq!(late, GP_DEADLINE);
    call.timeout_ns = 0;
    let again = native(&module, "panic_text", &params, &mut out, &mut call);
    assert_eq!(again, GP_PANIC);
    call.timeout_ns = -1;
    let spent = native(&module, "panic_text", &params, &mut out, &mut call);
    assert_eq!(spent, GP_DEADLINE);
    assert_eq!(said(call.message), "deadline: no time was left");
    reset(&mut call);
}

/// More than a frame may have travels beside it.
#[test]
fn megabytes_cross_as_memory() {
    let size = if std::env::var_os("GANGPLANK_SOAK").is_some() {
        1 << 30
    } else {
        64 << 20
    };
    let module = Module::open("native", FAULTS.to_str().unwrap(), &isolated()).unwrap();
    let data: Vec<u8> = (0..size).map(|at| (at >> 7) as u8).collect();
    let (mut params, mut out, mut call) = (Room::new(), Room::new(), RawCall::new());
    params.0[..8].copy_from_slice(&(data.as_ptr() as u64).to_ne_bytes());
    params.0[8..16].copy_from_slice(&(data.len() as u64).to_ne_bytes());
    assert_eq!(
        native(&module, "echo_bytes", &params, &mut out, &mut call),
        0
    );
    // SAFETY: the function leaves bytes, which are there until the call is reset.
    let back = unsafe {
        let [start, len] =
            [0, 8].map(|at| u64::from_ne_bytes(out.0[at..at + 8].try_into().unwrap()));
        std::slice::from_raw_parts(start as *const u8, len as usize)
    };
    assert!(back == data);
    reset(&mut call);
}

/// The 10th percentile and the median of many calls, in microseconds.
fn measured(mut call: impl FnMut()) -> (f64, f64) {
    let mut times: Vec<u128> = (0..20_000)
        .map(|_| {
            let start = Instant::now();
            call();
            start.elapsed().as_nanos()
        })
        .collect();
    times.sort_unstable();
    (times[2_000] as f64 / 1e3, times[10_000] as f64 / 1e3)
}

#[test]
#[ignore = "a measurement"]
fn a_round_trip() {
    let guest = Guest::new();
    let echo = guest.module.function("Echo").unwrap();
    let (low, median) = measured(|| assert_eq!(echo.call_bytes(b"12345678").unwrap().len(), 8));
    println!("bytes: {low:.1} us, median {median:.1} us");
    let module = Module::open("native", FAULTS.to_str().unwrap(), &isolated()).unwrap();
    let echo = module.function("echo_i64").unwrap().prepare(None).unwrap();
    let (value, mut out, mut call) = (42_i64, 0_i64, RawCall::new());
    let (low, median) = measured(|| {
        let (value, out) = ((&raw const value).cast(), (&raw mut out).cast());
        // SAFETY: the function takes an i64 and leaves one.
        let status =
            unsafe { echo.call(echo.this(), value, out, &mut call, None, ptr::null_mut()) };
        assert_eq!(status, 0);
        assert!(call.owned.is_null(), "a number needs no memory");
    });
    println!("C structs: {low:.1} us, median {median:.1} us");
}
