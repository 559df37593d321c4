//! What a prepared call costs beside the bare crossing. Run with `--release -- --ignored`.

mod support;

use std::ffi::{CString, c_void};
use std::hint::black_box;
use std::ptr;
use std::time::Instant;

use xllr::abi::{RawCall, RawUniform};
use xllr::{Module, Options};

const ROUNDS: usize = 2000;
const BATCH: usize = 2000;

/// Nanoseconds of one batch.
fn batch(mut call: impl FnMut()) -> u128 {
    let start = Instant::now();
    for _ in 0..BATCH {
        call();
    }
    start.elapsed().as_nanos()
}

/// The 10th percentile: what it costs when nobody disturbs.
fn low(mut times: Vec<u128>) -> f64 {
    times.sort_unstable();
    times[times.len() / 10] as f64 / BATCH as f64
}

#[test]
#[ignore = "a measurement"]
fn a_prepared_call_is_a_bare_crossing() {
    let library = support::build("faults");
    let module = Module::open("native", library.to_str().unwrap(), &Options::default()).unwrap();
    let prepared = module.function("echo_i64").unwrap().prepare(None).unwrap();
    let bare = bare(library.to_str().unwrap());
    let (value, mut out, mut call) = (42_i64, 0_i64, RawCall::new());
    let params: *const c_void = (&raw const value).cast();
    let result: *mut c_void = (&raw mut out).cast();
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        // SAFETY: the function takes an i64 and leaves one; it is sync.
        without.push(batch(|| unsafe {
            black_box(bare)(0, params, result, &mut call, None, ptr::null_mut());
        }));
        // SAFETY: as above.
        with.push(batch(|| unsafe {
            black_box(&prepared).call(0, params, result, &mut call, None, ptr::null_mut());
        }));
    }
    assert_eq!(out, 42);
    let (without, with) = (low(without), low(with));
    println!(
        "bare {without:.2} ns, prepared {with:.2} ns: {:.3}",
        with / without
    );
    assert!(with <= 1.2 * without, "{with} against {without}");
}

/// The function's entry, found without XLLR in the library that XLLR has opened.
fn bare(library: &str) -> RawUniform {
    #[repr(C)]
    struct Entry {
        numbers: [u32; 4],
        call: RawUniform,
    }
    let library = CString::new(library).unwrap();
    // SAFETY: the entry is a `gp_entry`, whose function follows four numbers; the library is never unloaded.
    unsafe {
        let handle = libc::dlopen(library.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL);
        let entry = libc::dlsym(handle, c"faults_echo_i64_entry".as_ptr());
        (*entry.cast::<Entry>()).call
    }
}
