//! Panics through the exported C functions: errors with text and place, whatever the crossing, and the library goes on.

use std::ffi::c_void;

use gangplank::abi::{RawCall, RawEntry, RawStr, Status};

gangplank::library!();

/// Panics unless `value` is positive.
#[gangplank::function]
pub fn positive(value: i64) -> i64 {
    assert!(value > 0, "{value} is not positive");
    value
}

/// The same with a result in memory.
#[gangplank::function]
pub fn named(value: i64) -> String {
    format!("number {}", positive(value))
}

/// The same once a future is polled.
#[gangplank::function]
pub async fn awaited(value: i64) -> i64 {
    positive(value)
}

unsafe extern "C" {
    #[link_name = "panics_positive_entry"]
    static POSITIVE: RawEntry;
    #[link_name = "panics_named_entry"]
    static NAMED: RawEntry;
    #[link_name = "panics_awaited_entry"]
    static AWAITED: RawEntry;
    fn panics_free(call: *mut RawCall);
}

unsafe extern "C" fn never(_: *mut c_void, _: *mut RawCall, _: i32) {
    unreachable!("these calls end at once");
}

fn text(raw: RawStr) -> String {
    // SAFETY: texts of a call are looked at before it is freed.
    String::from_utf8_lossy(unsafe { raw.as_slice() }).into_owned()
}

/// Status, message and location of a call with one integer.
fn call(entry: &RawEntry, value: i64) -> (i32, String, String) {
    // SAFETY: a `gp_call` is plain data; zero is GP_CALL_INIT but for the size.
    let mut call: RawCall = unsafe { std::mem::zeroed() };
    call.size = size_of::<RawCall>() as u32;
    let mut out = [0_u64; 2];
    // SAFETY: these functions take one `int64_t` and give at most a `gp_string`.
    let status = unsafe {
        (entry.call)(
            0,
            (&raw const value).cast(),
            (&raw mut out).cast(),
            &mut call,
            Some(never),
            std::ptr::null_mut(),
        )
    };
    let ended = (status, text(call.message), text(call.location));
    // SAFETY: the call is over.
    unsafe { panics_free(&mut call) };
    ended
}

#[test]
fn a_panic_is_an_error_and_the_library_goes_on() {
    for entry in [&raw const POSITIVE, &raw const NAMED, &raw const AWAITED] {
        // SAFETY: a static of this library.
        let entry = unsafe { &*entry };
        for _ in 0..3 {
            let (status, message, location) = call(entry, -7);
            assert_eq!(status, Status::Panic as i32);
            assert_eq!(message, "-7 is not positive");
            assert!(location.contains("panics.rs:"), "{location}");
            assert_eq!(call(entry, 7), (0, String::new(), String::new()));
        }
    }
}
