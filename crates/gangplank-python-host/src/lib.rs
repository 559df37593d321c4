//! `_gangplank`: the extension by which a program in Python calls any module of Gangplank.
//!
//! Comes in: the interface of a library as bytes, and the classes that a generated package has for its types. Goes out:
//! functions, classes and coroutines that call the library, found and opened by XLLR. One binary serves every library and
//! every CPython from 3.10 on: calls are not generated but interpreted, by plans made once. It is linked with no libpython.

mod awaitable;
mod callable;
mod callback;
mod capsule;
mod errors;
mod event;
mod exports;
mod frame;
mod function;
mod helper;
mod host;
mod library;
mod module;
mod native;
mod object;
mod operate;
mod pending;
mod python;
mod wake;

use gangplank_cpython::ffi;

/// What CPython looks for.
///
/// # Safety
/// CPython calls it, with its lock.
#[unsafe(no_mangle)]
#[allow(non_snake_case, reason = "the name is CPython's")]
pub unsafe extern "C" fn PyInit__gangplank() -> *mut ffi::PyObject {
    // SAFETY: the caller's promise.
    unsafe { module::define() }
}
