//! Calls in bytes.
//!
//! Comes in: a target and the bytes of a request. Goes out: memory of `malloc` with the bytes of the response, or an error.
//! Results are passed on as they came from the module: nothing is copied.

use std::ffi::c_void;
use std::ptr;

use crate::abi::RawForeign;
use crate::buffer;
use crate::error::{Error, Kind};
use crate::target::{Bytes, Target};

/// The most bytes that a request or a response may have.
pub(crate) const LIMIT: u64 = 16 << 20;

/// Memory of `malloc`, owned. Invariant: `ptr` is NULL or a block of at least `len` bytes that nobody else uses.
pub(crate) struct Buffer {
    ptr: *mut c_void,
    len: u64,
}

impl Buffer {
    const EMPTY: Self = Self {
        ptr: ptr::null_mut(),
        len: 0,
    };

    pub(crate) fn copy_of(bytes: &[u8]) -> Self {
        let ptr = buffer::copy(bytes);
        let len = if ptr.is_null() { 0 } else { bytes.len() as u64 };
        Self { ptr, len }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: the invariant.
        unsafe { buffer::bytes(self.ptr.cast(), self.len as usize) }
    }

    /// Pointer and length for somebody who frees it; NULL when there are no bytes.
    pub(crate) fn into_raw(self) -> (*mut c_void, u64) {
        if self.len == 0 || self.ptr.is_null() {
            return (ptr::null_mut(), 0);
        }
        let this = std::mem::ManuallyDrop::new(self);
        (this.ptr, this.len)
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: the invariant; it is not used after.
        unsafe { buffer::free(self.ptr) };
    }
}

/// What a function has left.
pub(crate) struct Returned {
    pub(crate) result: Buffer,
    /// Of functions that change their parameters.
    pub(crate) params: Buffer,
}

/// Calls a function; `want_params` when the caller looks at changed parameters.
pub(crate) fn call(target: &Target, params: &[u8], want_params: bool) -> Result<Returned, Error> {
    limit(&target.name, "request", params.len() as u64)?;
    let returned = match &target.bytes {
        Bytes::Foreign(function) => foreign(*function, params, want_params)?,
        Bytes::Other(function) => function.call(params, want_params)?,
        Bytes::None(why) => {
            let text = format!("`{}` cannot be called in protobuf: {why}", target.name);
            return Err(Error::new(Kind::Refused, text));
        }
    };
    limit(&target.name, "response", returned.result.len)?;
    Ok(returned)
}

fn limit(name: &str, what: &str, len: u64) -> Result<(), Error> {
    if len <= LIMIT {
        return Ok(());
    }
    let text = format!("`{name}`: a {what} of {len} bytes is over the limit of {LIMIT}");
    Err(Error::new(Kind::Limit, text))
}

fn foreign(function: RawForeign, params: &[u8], want_params: bool) -> Result<Returned, Error> {
    with_places(params, want_params, |places| {
        // SAFETY: a `Foreign` function takes these bytes and writes memory of malloc, with its length, to these places. Its
        // module is kept by the caller.
        unsafe {
            function(
                places.in_params,
                places.in_params_len,
                places.out_params,
                places.out_params_len,
                places.out_ret,
                places.out_ret_len,
                places.is_error,
            );
        }
    })
}

/// What a `Foreign` function is called with.
pub(crate) struct Places {
    pub(crate) in_params: *const c_void,
    pub(crate) in_params_len: u64,
    pub(crate) out_params: *mut *mut c_void,
    pub(crate) out_params_len: *mut u64,
    pub(crate) out_ret: *mut *mut c_void,
    pub(crate) out_ret_len: *mut u64,
    pub(crate) is_error: *mut u8,
}

/// Runs a call that writes its results, memory of malloc, to these places.
pub(crate) fn with_places(
    params: &[u8],
    want_params: bool,
    call: impl FnOnce(Places),
) -> Result<Returned, Error> {
    let mut returned = Returned {
        result: Buffer::EMPTY,
        params: Buffer::EMPTY,
    };
    let changed = &mut returned.params;
    let (out_params, out_params_len) = match want_params {
        true => (&raw mut changed.ptr, &raw mut changed.len),
        false => (ptr::null_mut(), ptr::null_mut()),
    };
    let mut is_error = 0;
    call(Places {
        in_params: match params {
            [] => ptr::null(),
            some => some.as_ptr().cast(),
        },
        in_params_len: params.len() as u64,
        out_params,
        out_params_len,
        out_ret: &raw mut returned.result.ptr,
        out_ret_len: &raw mut returned.result.len,
        is_error: &raw mut is_error,
    });
    if is_error == 0 {
        return Ok(returned);
    }
    let text = String::from_utf8_lossy(returned.result.bytes()).into_owned();
    Err(Error::new(Kind::Failed, text))
}
