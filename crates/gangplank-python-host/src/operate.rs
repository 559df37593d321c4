//! Operating a library: its counters and its log.

use std::ffi::c_void;

use gangplank_cpython::{Object, Span, ffi};

use crate::callback::{number, tell, with_lock};
use crate::errors::{self, Raised, raise, raise_refused};
use crate::exports::Stats;
use crate::library::Library;
use crate::python::without_lock;

const COUNTERS: [&str; 8] = [
    "pending_calls",
    "handles",
    "pending_host_calls",
    "late_completions",
    "dropped_completions",
    "dropped_events",
    "listeners",
    "dropped_logs",
];

/// The counters, as a dictionary; zeros before the library's first use.
///
/// # Safety
/// The thread holds Python's lock.
pub(crate) unsafe fn stats(library: &'static Library) -> Result<Object, Raised> {
    let mut counters: Stats = [0; 8];
    // SAFETY: the caller's promise; an export has its type, and fills as many counters.
    unsafe {
        if let Some(stats) = library.is_open().and_then(|open| open.exports.stats) {
            stats(&mut counters);
        }
        let named = Object::new(ffi::PyDict_New())?;
        for (name, count) in COUNTERS.iter().zip(counters) {
            let (name, count) = (Object::text(name)?, number(count)?);
            if ffi::PyDict_SetItem(named.raw(), name.raw(), count.raw()) != 0 {
                return Err(Raised);
            }
        }
        Ok(named)
    }
}

/// Passes the log up to a level to a key of the helper's; level 0 takes it back.
///
/// # Safety
/// The thread holds Python's lock.
pub(crate) unsafe fn set_log(
    library: &'static Library,
    level: u32,
    key: u64,
) -> Result<(), Raised> {
    // SAFETY: the caller's promise; an export has its type. The key itself is the data.
    let status = unsafe {
        let Some(set_log) = library.opened()?.exports.set_log else {
            let text = format!("{} has no log", library.name);
            return Err(raise("LimitError", &text));
        };
        let data = key as usize as *mut c_void;
        without_lock(|| match level {
            0 => set_log(0, None, std::ptr::null_mut(), None),
            level => set_log(level, Some(logged), data, Some(released)),
        })
    };
    match status {
        errors::OK => Ok(()),
        errors::LIMIT => {
            let text = format!("{} keeps its log to a subscriber of its own", library.name);
            Err(raise("LimitError", &text))
        }
        status => Err(raise_refused(
            status,
            &format!("the log of {}", library.name),
        )),
    }
}

/// Text of the library's.
///
/// # Safety
/// The span is text that outlives this.
unsafe fn text(span: Span) -> String {
    if span.ptr.is_null() {
        return String::new();
    }
    // SAFETY: the caller's promise.
    let bytes = unsafe { std::slice::from_raw_parts(span.ptr, span.len) };
    String::from_utf8_lossy(bytes).into_owned()
}

unsafe extern "C" fn logged(level: u32, target: Span, message: Span, data: *mut c_void) {
    // SAFETY: the library passes the key and two texts.
    unsafe {
        with_lock(|| {
            let (key, level) = (number(data as usize as u64)?, number(level.into())?);
            let (target, message) = (Object::text(&text(target))?, Object::text(&text(message))?);
            let null = std::ptr::null_mut();
            let given = [null, key.raw(), level.raw(), target.raw(), message.raw()];
            tell("_logged", &mut { given })
        });
    }
}

unsafe extern "C" fn released(data: *mut c_void) {
    with_lock(|| {
        // SAFETY: the thread holds the lock; the data is the key.
        unsafe {
            let key = number(data as usize as u64)?;
            tell("_log_released", &mut [std::ptr::null_mut(), key.raw()])
        }
    });
}
