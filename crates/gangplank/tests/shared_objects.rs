//! Objects that cross as values: one handle each, shared by everybody who was given it.

use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use gangplank::abi::{RawCall, RawEntry, Status};

gangplank::library!();

/// A counter.
pub struct Counter(AtomicI64);

#[gangplank::object]
impl Counter {
    /// Starts at `value`.
    #[gangplank(constructor)]
    pub fn create(value: i64) -> Arc<Counter> {
        Arc::new(Counter(AtomicI64::new(value)))
    }

    /// The next number.
    pub fn next(&self) -> i64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// The counter itself.
#[gangplank::function]
pub fn same(counter: Arc<Counter>) -> Arc<Counter> {
    counter
}

/// Another counter that goes on from there, or none.
#[gangplank::function]
pub fn successor(counter: Option<Arc<Counter>>) -> Option<Arc<Counter>> {
    counter.map(|counter| Counter::create(counter.next()))
}

unsafe extern "C" {
    #[link_name = "shared_objects_counter_create_entry"]
    static CREATE: RawEntry;
    #[link_name = "shared_objects_counter_next_entry"]
    static NEXT: RawEntry;
    #[link_name = "shared_objects_same_entry"]
    static SAME: RawEntry;
    safe fn shared_objects_release(handle: u64);
}

/// Calls through an entry; the result is a handle or a number.
fn call(entry: &RawEntry, this: u64, param: u64) -> Result<u64, i32> {
    // SAFETY: a `gp_call` is plain data; zero is GP_CALL_INIT but for the size.
    let mut call: RawCall = unsafe { std::mem::zeroed() };
    call.size = size_of::<RawCall>() as u32;
    let mut out = 0_u64;
    let (param, out_ptr): (*const c_void, *mut c_void) =
        ((&raw const param).cast(), (&raw mut out).cast());
    // SAFETY: every entry of this file takes at most one 8-byte parameter and gives one 8-byte result.
    let status =
        unsafe { (entry.call)(this, param, out_ptr, &mut call, None, std::ptr::null_mut()) };
    if let Some(free) = call.free_owned {
        // SAFETY: the library set it for this call.
        unsafe { free(&mut call) };
    }
    if status == Status::Ok as i32 {
        Ok(out)
    } else {
        Err(status)
    }
}

#[test]
fn an_object_keeps_its_handle_and_lives_until_its_last_share() {
    // SAFETY: the entries are constant.
    let (create, next, same) = unsafe { (&CREATE, &NEXT, &SAME) };
    let handle = call(create, 0, 5).expect("made");
    assert_eq!(call(same, 0, handle), Ok(handle));
    assert_eq!(call(next, handle, 0), Ok(5));
    shared_objects_release(handle);
    assert_eq!(call(next, handle, 0), Ok(6));
    shared_objects_release(handle);
    assert_eq!(call(next, handle, 0), Err(Status::Closed as i32));
    assert_eq!(call(same, 0, handle), Err(Status::Closed as i32));
    assert_eq!(call(same, 0, 1), Err(Status::StaleHandle as i32));
}
