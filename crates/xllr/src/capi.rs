//! The functions of `xllr.h`.
//!
//! Comes in: pointers and lengths of any host. Goes out: memory of `malloc`, and errors as text. Each goes through one
//! guard ([`guard`]): a forked child and a panic are texts as well.

mod guard;
mod input;

use std::ffi::{c_char, c_void};

use crate::abi::{RawExpect, RawFunction, RawOptions};
use crate::api::{Module, Runtime};
use crate::buffer;
use crate::call::Buffer;
use crate::error::Error;
use crate::options::Options;
use crate::prepared;
use guard::{guarded, reporting};
use input::{expected, options, text};

/// Name and length, as they come.
macro_rules! text {
    ($what:literal, $ptr:ident, $len:ident) => {
        // SAFETY: the caller of a function of `xllr.h` passes this many bytes.
        unsafe { text($what, $ptr, $len) }
    };
}

/// `xllr_abi_version`
#[unsafe(no_mangle)]
pub(crate) extern "C" fn xllr_abi_version() -> u32 {
    1
}

/// `xllr_load_runtime`
///
/// # Safety
/// As `xllr.h` says: texts are pointer and length, results NULL or writable.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn xllr_load_runtime(
    runtime: *const c_char,
    runtime_len: u32,
    out_err: *mut *mut c_char,
    out_err_len: *mut u32,
) {
    let load = || Runtime::load(text!("runtime", runtime, runtime_len)?).map(drop);
    // SAFETY: the caller promises the places for the error.
    unsafe { reporting(out_err, out_err_len, load) };
}

/// `xllr_free_runtime`
///
/// # Safety
/// As `xllr.h` says.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn xllr_free_runtime(
    runtime: *const c_char,
    runtime_len: u32,
    out_err: *mut *mut c_char,
    out_err_len: *mut u32,
) {
    let free = || Runtime::free(text!("runtime", runtime, runtime_len)?);
    // SAFETY: the caller promises the places for the error.
    unsafe { reporting(out_err, out_err_len, free) };
}

/// `xllr_load_module`
///
/// # Safety
/// As `xllr.h` says.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn xllr_load_module(
    runtime: *const c_char,
    runtime_len: u32,
    module: *const c_char,
    module_len: u32,
    out_err: *mut *mut c_char,
    out_err_len: *mut u32,
) {
    let load = || {
        let runtime = text!("runtime", runtime, runtime_len)?;
        let module = text!("module", module, module_len)?;
        Module::open(runtime, module, &Options::default()).map(drop)
    };
    // SAFETY: the caller promises the places for the error.
    unsafe { reporting(out_err, out_err_len, load) };
}

/// `xllr_load_module_with`
///
/// # Safety
/// As `xllr.h` says.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn xllr_load_module_with(
    runtime: *const c_char,
    runtime_len: u32,
    module: *const c_char,
    module_len: u32,
    with: *const RawOptions,
    out_err: *mut *mut c_char,
    out_err_len: *mut u32,
) {
    let load = || {
        let runtime = text!("runtime", runtime, runtime_len)?;
        let module = text!("module", module, module_len)?;
        // SAFETY: the caller passes NULL or options.
        let options = unsafe { options(with) }?;
        Module::open(runtime, module, &options).map(drop)
    };
    // SAFETY: the caller promises the places for the error.
    unsafe { reporting(out_err, out_err_len, load) };
}

/// `xllr_free_module`
///
/// # Safety
/// As `xllr.h` says.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn xllr_free_module(
    runtime: *const c_char,
    runtime_len: u32,
    module: *const c_char,
    module_len: u32,
    out_err: *mut *mut c_char,
    out_err_len: *mut u32,
) {
    let free = || {
        let runtime = text!("runtime", runtime, runtime_len)?;
        Module::free(runtime, text!("module", module, module_len)?)
    };
    // SAFETY: the caller promises the places for the error.
    unsafe { reporting(out_err, out_err_len, free) };
}

/// `xllr_call`
///
/// # Safety
/// As `xllr.h` says: `in_params` are so many bytes, results NULL or writable.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments, reason = "the signature is fixed")]
pub(crate) unsafe extern "C" fn xllr_call(
    runtime: *const c_char,
    runtime_len: u32,
    module: *const c_char,
    module_len: u32,
    function: *const c_char,
    function_len: u32,
    in_params: *const c_void,
    in_params_len: u64,
    out_params: *mut *mut c_void,
    out_params_len: *mut u64,
    out_ret: *mut *mut c_void,
    out_ret_len: *mut u64,
    is_error: *mut u8,
) {
    let call = || {
        let runtime = text!("runtime", runtime, runtime_len)?;
        let module = text!("module", module, module_len)?;
        let function = text!("function", function, function_len)?;
        // SAFETY: the caller passes this many bytes.
        let params = unsafe { input::params(in_params, in_params_len) }?;
        let function = Module::find(runtime, module)?.function(function)?;
        function.call_raw(params, !out_params.is_null())
    };
    let (result, params, failed) = match guarded(call) {
        Ok(returned) => (returned.result, Some(returned.params), 0),
        Err(error) => (Buffer::copy_of(error.text().as_bytes()), None, 1),
    };
    // SAFETY: the caller promises that each of these is NULL or writable.
    unsafe {
        leave(Some(result), out_ret, out_ret_len);
        leave(params, out_params, out_params_len);
        buffer::set(is_error, failed);
    }
}

/// Hands a buffer over; NULL and 0 for none. One that is not wanted is freed.
///
/// # Safety
/// The places are NULL or writable.
unsafe fn leave(result: Option<Buffer>, out: *mut *mut c_void, out_len: *mut u64) {
    if out.is_null() {
        return;
    }
    let (ptr, len) = result.map_or((std::ptr::null_mut(), 0), Buffer::into_raw);
    // SAFETY: the caller promises the same.
    unsafe {
        buffer::set(out, ptr);
        buffer::set(out_len, len);
    }
}

/// `xllr_free`
///
/// # Safety
/// `memory` is NULL or came out of a function of `xllr.h`, and nobody uses it any more.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn xllr_free(memory: *mut c_void) {
    // SAFETY: the caller promises the same.
    unsafe { buffer::free(memory) };
}

/// `xllr_prepare`
///
/// # Safety
/// As `xllr.h` says; `out` is NULL or an `xllr_function` whose `size` is set.
#[unsafe(no_mangle)]
#[allow(
    clippy::too_many_arguments,
    reason = "three texts, and what to do with them"
)]
pub(crate) unsafe extern "C" fn xllr_prepare(
    runtime: *const c_char,
    runtime_len: u32,
    module: *const c_char,
    module_len: u32,
    function: *const c_char,
    function_len: u32,
    with: *const RawOptions,
    expect: *const RawExpect,
    out: *mut RawFunction,
    out_err: *mut *mut c_char,
    out_err_len: *mut u32,
) -> i32 {
    let prepare = || {
        let runtime = text!("runtime", runtime, runtime_len)?;
        let module = text!("module", module, module_len)?;
        let function = text!("function", function, function_len)?;
        // SAFETY: the caller passes NULL or options, NULL or expectations, and a place for the function.
        unsafe {
            input::check_function(out)?;
            let module = module_with(runtime, module, with)?;
            let function = module.function(function)?;
            if let Some(expected) = expected(expect)? {
                function.check(&expected)?;
            }
            input::write_function(out, function.to_raw());
        }
        Ok(())
    };
    // SAFETY: the caller promises the places for the error, and for the function.
    unsafe {
        let size = input::clear_function(out);
        let done = reporting(out_err, out_err_len, prepare);
        input::set_size(out, size);
        done.map_or(-1, |()| 0)
    }
}

/// The module as these options find it; without options as it was loaded.
///
/// # Safety
/// `with` is NULL or options.
unsafe fn module_with(
    runtime: &str,
    module: &str,
    with: *const RawOptions,
) -> Result<Module, Error> {
    if with.is_null() {
        return Module::find(runtime, module);
    }
    // SAFETY: the caller promises the same.
    Module::open(runtime, module, &unsafe { options(with) }?)
}

/// `xllr_release`
///
/// # Safety
/// `function` is NULL or came from `xllr_prepare`, and no call of it is under way.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn xllr_release(function: *mut RawFunction) {
    // In a forked child the module's code is not run: there is nobody left who could wait for it.
    let release = || {
        // SAFETY: the caller promises the same; the place is cleared, so that a second release finds nothing.
        unsafe {
            if !function.is_null() {
                let module = std::mem::replace(&mut (*function).module, std::ptr::null());
                prepared::release(module);
            }
        }
        Ok(())
    };
    let _: Result<(), Error> = guarded(release);
}

/// `xllr_functions`
///
/// # Safety
/// As `xllr.h` says.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn xllr_functions(
    runtime: *const c_char,
    runtime_len: u32,
    module: *const c_char,
    module_len: u32,
    out_len: *mut u32,
    out_err: *mut *mut c_char,
    out_err_len: *mut u32,
) -> *mut c_char {
    let list = || {
        let runtime = text!("runtime", runtime, runtime_len)?;
        let module = text!("module", module, module_len)?;
        let mut names = Module::find(runtime, module)?.functions().join("\n");
        names.push('\n');
        Ok(names)
    };
    // SAFETY: the caller promises the places for the error and the length.
    unsafe {
        let names = reporting(out_err, out_err_len, list).unwrap_or_default();
        let memory = buffer::copy(names.as_bytes());
        buffer::set(
            out_len,
            if memory.is_null() {
                0
            } else {
                names.len() as u32
            },
        );
        memory.cast()
    }
}
