//! The scalar form of a guest in Go: values in registers, errors in slots.

mod support;

use std::ffi::c_void;
use std::path::PathBuf;
use std::ptr::NonNull;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use xllr::abi::RawCall;
use xllr::{Module, Options};

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());
static SCALARS: LazyLock<PathBuf> =
    LazyLock::new(|| support::go_guest(FOLDER.path(), "scalars", "scalars.proto", &[]));

/// Errors that one test keeps drive out those of another.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `gp_return_…`
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
struct Returned<T> {
    value: T,
    status: i32,
    slot: u32,
}

/// `gp_return_unit`
#[repr(C)]
struct Ended {
    status: i32,
    slot: u32,
}

fn module() -> Module {
    Module::open("native", SCALARS.to_str().unwrap(), &Options::default()).unwrap()
}

/// What the library exports as `scalars_<name>`.
///
/// # Safety
/// `F` is its type.
unsafe fn export<F: Copy>(name: &str) -> F {
    let found: NonNull<c_void> = module().export(name).unwrap();
    // SAFETY: the caller's promise; both are addresses.
    unsafe { std::mem::transmute_copy(&found) }
}

type Div = unsafe extern "C" fn(i32, i32) -> Returned<f32>;
type Number = unsafe extern "C" fn(i64) -> Returned<i64>;
type Take = unsafe extern "C" fn(u32, *mut RawCall);

fn div(x: i32, y: i32) -> Returned<f32> {
    // SAFETY: the function of scalars.proto.
    unsafe { export::<Div>("Scalars_div")(x, y) }
}

fn number(function: &str, value: i64) -> Returned<i64> {
    // SAFETY: a function of scalars.proto from one number to another.
    unsafe { export::<Number>(function)(value) }
}

/// Status, text, place and causes of the error in a slot.
fn take(slot: u32) -> (i32, String, String, usize) {
    let mut call = RawCall::new();
    // SAFETY: what every library exports, and a header of our own.
    unsafe { export::<Take>("take_error")(slot, &mut call) };
    let text = |text: &xllr::abi::RawText| match text.len {
        0 => String::new(),
        // SAFETY: texts are there until the call is freed.
        len => unsafe {
            String::from_utf8(std::slice::from_raw_parts(text.ptr, len).to_vec()).unwrap()
        },
    };
    let taken = (
        call.status,
        text(&call.message),
        text(&call.location),
        call.causes_len,
    );
    if let Some(free) = call.free_owned.filter(|_| !call.owned.is_null()) {
        // SAFETY: the function that came with the memory, once.
        unsafe { free(&mut call) };
    }
    taken
}

#[test]
fn numbers_of_every_kind_there_and_back() {
    if !support::has_go() {
        return;
    }
    let _alone = alone();
    assert_eq!(
        div(10, 4),
        Returned {
            value: 2.5,
            status: 0,
            slot: 0
        }
    );
    // SAFETY: the functions of scalars.proto: a bool, an enum, nothing.
    unsafe {
        let flip: unsafe extern "C" fn(u8) -> Returned<u8> = export("Scalars_flip");
        assert_eq!((flip(0).value, flip(1).value), (1, 0));
        let bad = flip(2);
        assert_eq!(
            (bad.status, take(bad.slot).1.as_str()),
            (3, "a bool that is 2")
        );
        let raise: unsafe extern "C" fn(i32) -> Returned<i32> = export("Scalars_raise");
        assert_eq!((raise(0).value, raise(76).value), (1, 77));
        let touch: unsafe extern "C" fn() -> Ended = export("Scalars_touch");
        let touched: unsafe extern "C" fn() -> Returned<i64> = export("Scalars_touched");
        let before = touched().value;
        let ended = touch();
        assert_eq!((ended.status, ended.slot), (0, 0));
        assert_eq!(touched().value, before + 1);
    }
    assert_eq!(number("Scalars_narrow", -128).value, -128);
}

#[test]
fn a_context_that_nobody_can_end_is_the_background() {
    if !support::has_go() {
        return;
    }
    let _alone = alone();
    // SAFETY: a function of scalars.proto.
    let waits: unsafe extern "C" fn(i64) -> Returned<u8> = unsafe { export("Scalars_waits") };
    // SAFETY: as above.
    assert_eq!(unsafe { waits(0) }.value, 0);
}

#[test]
fn an_error_is_taken_once() {
    if !support::has_go() {
        return;
    }
    let _alone = alone();
    let failed = div(1, 0);
    assert_eq!(failed.status, 1);
    assert_eq!(
        take(failed.slot),
        (
            1,
            "cannot divide: divisor is zero".to_owned(),
            String::new(),
            1
        )
    );
    for slot in [failed.slot, 0, u32::MAX] {
        assert_eq!(take(slot).0, 13, "GP_NOT_FOUND");
    }
    let crashed = number("Scalars_crash", 7);
    assert_eq!(crashed.status, 8);
    let (status, text, place, _) = take(crashed.slot);
    assert_eq!((status, text.as_str()), (8, "it crashed at 7"));
    assert!(place.contains("scalars.go:"), "{place}");
    let wide = number("Scalars_narrow", 128);
    assert_eq!(wide.status, 3);
    let (_, text, ..) = take(wide.slot);
    assert_eq!(text, "value: 128 is out of range for int8");
}

#[test]
fn who_never_takes_errors_loses_the_oldest() {
    if !support::has_go() {
        return;
    }
    let _alone = alone();
    let first = div(1, 0);
    let mut last = first;
    for _ in 0..3000 {
        last = div(1, 0);
    }
    assert_eq!(take(first.slot).0, 13, "GP_NOT_FOUND");
    assert_eq!(take(last.slot).0, 1);
}

#[test]
fn a_forked_child_gets_an_error_without_entering_go() {
    if !support::has_go() {
        return;
    }
    let _alone = alone();
    // SAFETY: a function of scalars.proto, and what every library exports.
    let (div, take) = unsafe { (export::<Div>("Scalars_div"), export::<Take>("take_error")) };
    // SAFETY: as above.
    assert_eq!(unsafe { div(4, 2) }.value, 2.0);
    // SAFETY: the child calls two functions, which must not wait; the header is this test's own.
    let wrong = unsafe {
        support::in_child(|| {
            let mut call = RawCall::new();
            let ended = div(4, 2);
            take(ended.slot, &mut call);
            i32::from(ended.status != 15 || call.status != 15 || call.message.len == 0)
        })
    };
    assert_eq!(wrong, 0);
}
