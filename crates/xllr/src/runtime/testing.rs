//! The runtime `test`: fixed functions, so that a host's calls can be tested without any language.
//!
//! Its one module is `echo`: `echo` returns its parameters byte for byte, `fail` fails with its parameters as the text,
//! `count` returns how often it was called in this process, as field 1 of a message.

use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Module, Runtime};
use crate::abi::RawForeign;
use crate::buffer;
use crate::error::{Error, Kind, listed};
use crate::options::Options;
use crate::target::{Bytes, Target};

const MODULE: &str = "echo";
const FUNCTIONS: &[(&str, RawForeign)] = &[("count", count), ("echo", echo), ("fail", fail)];

#[derive(Default)]
pub(super) struct Test {}

impl Runtime for Test {
    fn locate(&self, name: &str, _: &Options) -> Result<String, Error> {
        if name == MODULE {
            return Ok(name.to_owned());
        }
        let text = format!("module `{name}` not found: runtime `test` has only `{MODULE}`");
        Err(Error::new(Kind::NotFound, text))
    }

    fn open(&self, _: &str, _: &Options) -> Result<Arc<dyn Module>, Error> {
        Ok(Arc::new(Echo))
    }
}

struct Echo;

impl Module for Echo {
    fn location(&self) -> &str {
        MODULE
    }

    fn functions(&self) -> Vec<String> {
        FUNCTIONS
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect()
    }

    fn find(&self, function: &str) -> Result<Arc<Target>, Error> {
        let found = FUNCTIONS.iter().find(|(name, _)| *name == function);
        let (name, call) = found.ok_or_else(|| {
            let there = listed(&self.functions());
            let text = format!("module `{MODULE}` has no function `{function}`; there are {there}");
            Error::new(Kind::NotFound, text)
        })?;
        Ok(Arc::new(Target {
            name: (*name).to_owned(),
            native: None,
            bytes: Bytes::Foreign(*call),
        }))
    }
}

/// Ends a call with these bytes.
///
/// # Safety
/// The pointers are those of a `Foreign` call: each NULL or writable.
unsafe fn end(
    bytes: &[u8],
    error: bool,
    out_ret: *mut *mut c_void,
    out_ret_len: *mut u64,
    is_error: *mut u8,
) {
    // SAFETY: the caller promises the same.
    unsafe {
        buffer::give(bytes, out_ret, out_ret_len);
        buffer::set(is_error, u8::from(error));
    }
}

unsafe extern "C" fn echo(
    in_params: *const c_void,
    in_params_len: u64,
    _: *mut *mut c_void,
    _: *mut u64,
    out_ret: *mut *mut c_void,
    out_ret_len: *mut u64,
    is_error: *mut u8,
) {
    // SAFETY: a caller of `Foreign` functions passes this many bytes, and result pointers.
    unsafe {
        let params = buffer::bytes(in_params.cast(), in_params_len as usize);
        end(params, false, out_ret, out_ret_len, is_error);
    }
}

unsafe extern "C" fn fail(
    in_params: *const c_void,
    in_params_len: u64,
    _: *mut *mut c_void,
    _: *mut u64,
    out_ret: *mut *mut c_void,
    out_ret_len: *mut u64,
    is_error: *mut u8,
) {
    // SAFETY: as in `echo`.
    unsafe {
        let params = buffer::bytes(in_params.cast(), in_params_len as usize);
        let text = String::from_utf8_lossy(params);
        end(text.as_bytes(), true, out_ret, out_ret_len, is_error);
    }
}

unsafe extern "C" fn count(
    _: *const c_void,
    _: u64,
    _: *mut *mut c_void,
    _: *mut u64,
    out_ret: *mut *mut c_void,
    out_ret_len: *mut u64,
    is_error: *mut u8,
) {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let message = counted(CALLS.fetch_add(1, Ordering::Relaxed) + 1);
    // SAFETY: as in `echo`.
    unsafe { end(&message, false, out_ret, out_ret_len, is_error) };
}

/// A protobuf message whose field 1 is this number.
fn counted(mut number: u64) -> Vec<u8> {
    let mut message = vec![0x08];
    while number >= 0x80 {
        message.push(number as u8 | 0x80);
        number >>= 7;
    }
    message.push(number as u8);
    message
}
