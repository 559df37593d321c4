//! What every function of `xllr.h` goes through.

use std::ffi::c_char;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use crate::buffer;
use crate::error::{Error, Kind};
use crate::fork;

/// Runs `f`, unless the process is a forked child; a panic is an error.
pub(super) fn guarded<T>(f: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    fork::started()?;
    // What a panic leaves behind is only seen again through locks that look past poison, over data that is whole between
    // any two statements (`registry.rs`, `loader.rs`).
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|payload| {
        let text = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "no text".to_owned());
        let text = format!("XLLR panicked: {text}");
        Err(Error::new(Kind::Panic, text))
    })
}

/// The same, leaving the error as text: NULL and 0 when there is none.
///
/// # Safety
/// Both places are NULL or writable.
pub(super) unsafe fn reporting<T>(
    out_err: *mut *mut c_char,
    out_err_len: *mut u32,
    f: impl FnOnce() -> Result<T, Error>,
) -> Option<T> {
    // SAFETY: the caller promises the same.
    unsafe {
        buffer::set(out_err, ptr::null_mut());
        buffer::set(out_err_len, 0);
    }
    match guarded(f) {
        Ok(value) => Some(value),
        Err(error) => {
            if !out_err.is_null() {
                let text = buffer::copy(error.text().as_bytes());
                let len = if text.is_null() {
                    0
                } else {
                    error.text().len()
                };
                // SAFETY: as above.
                unsafe {
                    buffer::set(out_err, text.cast());
                    buffer::set(out_err_len, u32::try_from(len).unwrap_or(u32::MAX));
                }
            }
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_text() {
        let error = guarded::<()>(|| panic!("no {}", "way")).unwrap_err();
        assert_eq!(
            (error.kind(), error.text()),
            (Kind::Panic, "XLLR panicked: no way")
        );
        let error = guarded::<()>(|| std::panic::panic_any(7)).unwrap_err();
        assert_eq!(error.text(), "XLLR panicked: no text");
    }
}
