//! The guest in Go of `calc.proto`: built once for each test program, its messages, and calls of it in C structs.

#![allow(dead_code, reason = "each test program uses another part of it")]

use std::ffi::{CString, c_void};
use std::path::PathBuf;
use std::ptr;
use std::sync::LazyLock;

use prost::Message;
use xllr::abi::{RawCall, RawText};
use xllr::{Module, Options, Prepared};

use crate::support;

pub(crate) static FOLDER: LazyLock<tempfile::TempDir> =
    LazyLock::new(|| tempfile::tempdir().unwrap());
pub(crate) static CALC: LazyLock<PathBuf> = LazyLock::new(|| {
    let idl = support::root().join("tests/fixtures/calc/calc.proto");
    support::go_guest(FOLDER.path(), "calc", "calc.proto", &[(idl, "calc.proto")])
});

/// What a guest exports for each rpc.
pub(crate) type Foreign = unsafe extern "C" fn(
    *const c_void,
    u64,
    *mut *mut c_void,
    *mut u64,
    *mut *mut c_void,
    *mut u64,
    *mut u8,
);

/// The exported function of an rpc, for whoever calls it without anybody of ours between.
pub(crate) fn exported(rpc: &str) -> Foreign {
    drop(calc());
    let path = CString::new(CALC.to_str().unwrap()).unwrap();
    let symbol = CString::new(format!("Foreign{rpc}")).unwrap();
    // SAFETY: the library is loaded already, and exports the function that `docs/xllr.md` describes.
    unsafe {
        let library = libc::dlopen(path.as_ptr(), libc::RTLD_NOW);
        let function = libc::dlsym(library, symbol.as_ptr());
        assert!(!function.is_null(), "{rpc}");
        std::mem::transmute(function)
    }
}

pub(crate) fn calc() -> Module {
    Module::open("native", CALC.to_str().unwrap(), &Options::default()).unwrap()
}

pub(crate) fn prepared(name: &str) -> Prepared {
    calc().function(name).unwrap().prepare(None).unwrap()
}

/// Calls it; the status.
pub(crate) fn native<P, R>(
    function: &Prepared,
    params: &P,
    out: &mut R,
    call: &mut RawCall,
) -> i32 {
    let (params, out) = (ptr::from_ref(params).cast(), ptr::from_mut(out).cast());
    // SAFETY: the tests pass the C structs of `docs/abi.md` for the functions of calc.proto.
    unsafe { function.call(0, params, out, call, None, ptr::null_mut()) }
}

pub(crate) fn text(text: &RawText) -> String {
    if text.len == 0 {
        return String::new();
    }
    // SAFETY: a text of the library's lies as long as the call that it came with.
    let bytes = unsafe { std::slice::from_raw_parts(text.ptr, text.len) };
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub(crate) fn free(call: &mut RawCall) {
    if let Some(free) = call.free_owned.filter(|_| !call.owned.is_null()) {
        // SAFETY: the function that came with the memory, once.
        unsafe { free(call) };
    }
}

pub(crate) fn raw(text: &str) -> RawText {
    RawText {
        ptr: text.as_ptr(),
        len: text.len(),
    }
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Div {
    #[prost(int32, tag = "1")]
    pub(crate) x: i32,
    #[prost(int32, tag = "2")]
    pub(crate) y: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Quotient {
    #[prost(float, tag = "1")]
    pub(crate) z: f32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Parts {
    #[prost(string, repeated, tag = "1")]
    pub(crate) parts: Vec<String>,
}

pub(crate) fn bytes<R: Message + Default>(
    name: &str,
    request: &impl Message,
) -> Result<R, xllr::Error> {
    let answer = calc()
        .function(name)
        .unwrap()
        .call_bytes(&request.encode_to_vec())?;
    Ok(R::decode(answer.as_slice()).unwrap())
}

#[repr(C)]
pub(crate) struct List {
    pub(crate) ptr: *const c_void,
    pub(crate) len: usize,
}
