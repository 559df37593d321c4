//! XLLR's runtime for modules in Python.
//!
//! Comes in: paths of guests, `.py` files that `gangplank compile --to-guest` wrote, and calls in C structs. Goes out: calls
//! of the user's Python. It is a plugin of XLLR (`xllr_runtime.h`), opened after a libpython whose symbols it uses: it is
//! linked with none, so one binary serves every CPython from 3.10 on.

mod abi;
mod arguments;
mod fault;
mod function;
mod interface;
mod memory;
mod module;
mod start;
mod view;

use std::ffi::{c_char, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use abi::{Err as OutErr, ErrLen, Found, Plugin, RUNTIME_ABI};
use module::Module;

/// What XLLR looks for.
#[unsafe(no_mangle)]
#[allow(
    non_upper_case_globals,
    reason = "the name is that of `xllr_runtime.h`"
)]
pub static xllr_runtime: Plugin = Plugin {
    size: size_of::<Plugin>() as u32,
    abi: RUNTIME_ABI,
    load,
    unload,
    locate: ptr::null(),
    open,
    close,
    functions,
    find,
};

/// Runs a body that must not panic across; its error goes to the caller, as memory of `malloc`.
///
/// # Safety
/// `err` and `err_len` are places, or NULL.
unsafe fn guard<T>(
    err: OutErr,
    err_len: ErrLen,
    failed: T,
    body: impl FnOnce() -> Result<T, String>,
) -> T {
    let outcome = catch_unwind(AssertUnwindSafe(body));
    let text = match outcome {
        Ok(Ok(value)) => return value,
        Ok(Err(text)) => text,
        Err(_) => "the runtime of Python panicked".to_owned(),
    };
    if !err.is_null() && !err_len.is_null() {
        // SAFETY: the caller's promise.
        unsafe { (*err, *err_len) = copy(&text) };
    }
    failed
}

/// Text in memory of `malloc`.
fn copy(text: &str) -> (*mut c_char, u32) {
    // SAFETY: memory of this size, which is filled when it is there.
    unsafe {
        let memory = libc::malloc(text.len().max(1)).cast::<u8>();
        if memory.is_null() {
            return (ptr::null_mut(), 0);
        }
        ptr::copy_nonoverlapping(text.as_ptr(), memory, text.len());
        (memory.cast(), text.len() as u32)
    }
}

/// # Safety
/// `ptr` is `len` bytes that outlive the text.
unsafe fn text<'a>(ptr: *const c_char, len: u32) -> Result<&'a str, String> {
    if ptr.is_null() {
        return Err("a name is NULL".to_owned());
    }
    // SAFETY: the caller's promise.
    let bytes = unsafe { std::slice::from_raw_parts(ptr.cast::<u8>(), len as usize) };
    std::str::from_utf8(bytes).map_err(|_| "a name is not UTF-8".to_owned())
}

unsafe extern "C" fn load(err: OutErr, err_len: ErrLen) -> *mut c_void {
    let started = || start::start().map(|()| ptr::dangling_mut::<u8>().cast());
    // SAFETY: XLLR passes places for a text.
    unsafe { guard(err, err_len, ptr::null_mut(), started) }
}

/// Python stays: a process cannot start it twice.
unsafe extern "C" fn unload(_: *mut c_void) {}

unsafe extern "C" fn open(
    _: *mut c_void,
    location: *const c_char,
    len: u32,
    _: *const c_void,
    err: OutErr,
    err_len: ErrLen,
) -> *mut c_void {
    // SAFETY: XLLR passes a path, and places for a text.
    unsafe {
        guard(err, err_len, ptr::null_mut(), || {
            Ok(Box::into_raw(Module::open(text(location, len)?)?).cast())
        })
    }
}

unsafe extern "C" fn close(_: *mut c_void, module: *mut c_void) {
    // SAFETY: XLLR closes a module of ours once, when no call is under way.
    unsafe {
        guard(ptr::null_mut(), ptr::null_mut(), (), || {
            Box::from_raw(module.cast::<Module>()).close();
            Ok(())
        });
    }
}

unsafe extern "C" fn functions(module: *mut c_void, out_len: *mut u32) -> *mut c_char {
    // SAFETY: XLLR passes an open module and a place for the length.
    unsafe {
        let (names, len) = copy(&(*module.cast::<Module>()).functions());
        *out_len = len;
        names
    }
}

unsafe extern "C" fn find(
    module: *mut c_void,
    name: *const c_char,
    len: u32,
    out: *mut Found,
    err: OutErr,
    err_len: ErrLen,
) -> i32 {
    // SAFETY: XLLR passes an open module, a name, and places for the function and for a text.
    unsafe {
        guard(err, err_len, -1, || {
            let function = (*module.cast::<Module>()).find(text(name, len)?)?;
            if ((*out).size as usize) < size_of::<Found>() {
                return Err("this XLLR is too old for the runtime".to_owned());
            }
            let address = ptr::from_ref(function);
            (*out).flags = abi::IN_PYTHON;
            (*out).this = address as usize as u64;
            (*out).context = address.cast_mut().cast();
            (*out).call = Some(function::uniform);
            (*out).free = Some(memory::free);
            (*out).describe = Some(function::describe);
            Ok(0)
        })
    }
}
