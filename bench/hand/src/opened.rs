//! What is called through pointers, by a host that opens this library when it runs.
//!
//! Comes in: C calls of `bench/go/hand`. Goes out: results, or a status; a panic is one too.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::values::{RawJob, hand_echo_job};

/// `struct hand_divided`.
#[repr(C)]
struct RawDivided {
    quotient: f32,
    status: i32,
}

struct ByZero;

fn div(x: i32, y: i32) -> Result<f32, ByZero> {
    if y == 0 {
        return Err(ByZero);
    }
    Ok((f64::from(x) / f64::from(y)) as f32)
}

/// Status 1 is an error, 2 a panic.
#[unsafe(no_mangle)]
extern "C" fn hand_div(x: i32, y: i32) -> RawDivided {
    let (quotient, status) = match catch_unwind(|| div(x, y)) {
        Ok(Ok(quotient)) => (quotient, 0),
        Ok(Err(ByZero)) => (0.0, 1),
        Err(_) => (0.0, 2),
    };
    RawDivided { quotient, status }
}

/// [`hand_echo_job`] in which a panic is -2.
///
/// # Safety
/// As there.
#[unsafe(no_mangle)]
unsafe extern "C" fn hand_guarded_echo_job(
    job: *const RawJob,
    out: *mut RawJob,
    scratch: *mut u8,
    room: usize,
) -> i64 {
    // SAFETY: the caller's promise is the same. Unwind safety: what is written is not read after a panic.
    let echo = AssertUnwindSafe(|| unsafe { hand_echo_job(job, out, scratch, room) });
    catch_unwind(echo).unwrap_or(-2)
}
