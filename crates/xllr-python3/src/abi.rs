//! The structs of `xllr_runtime.h` and, as far as a guest's runtime fills them, of `gangplank.h`.
//!
//! No behaviour. The crate `xllr` has the other side; linking it would put a second XLLR into the process.

use std::ffi::{c_char, c_void};

use gangplank_cpython::Span;

/// `XLLR_RUNTIME_ABI`
pub(crate) const RUNTIME_ABI: u32 = 1;

pub(crate) use gangplank_cpython::status::{
    ABI_MISMATCH, BAD_ARGUMENT, BAD_UTF8, CLOSED, DEADLINE, ERR, FORKED, LIMIT, OK, PANIC,
};

/// `XLLR_IN_PYTHON`
pub(crate) const IN_PYTHON: u32 = 0x1_0000;

/// `gp_call`
#[repr(C)]
pub(crate) struct Call {
    pub(crate) size: u32,
    pub(crate) status: i32,
    pub(crate) scratch: *mut u8,
    pub(crate) scratch_len: usize,
    pub(crate) owned: *mut c_void,
    pub(crate) free_owned: Option<unsafe extern "C" fn(*mut Call)>,
    pub(crate) id: u64,
    pub(crate) timeout_ns: i64,
    pub(crate) traceparent: Span,
    pub(crate) message: Span,
    pub(crate) location: Span,
    pub(crate) payload: *const c_void,
    pub(crate) payload_len: usize,
    pub(crate) causes: *const Span,
    pub(crate) causes_len: usize,
}

pub(crate) type Done = Option<unsafe extern "C" fn(*mut c_void, *mut Call, i32)>;
pub(crate) type Uniform =
    unsafe extern "C" fn(u64, *const c_void, *mut c_void, *mut Call, Done, *mut c_void) -> i32;
pub(crate) type Sink = Option<unsafe extern "C" fn(*mut c_void, *const u8, usize)>;
pub(crate) type Err = *mut *mut c_char;
pub(crate) type ErrLen = *mut u32;

/// `xllr_plugin_function`
#[repr(C)]
pub(crate) struct Found {
    pub(crate) size: u32,
    pub(crate) flags: u32,
    pub(crate) this: u64,
    pub(crate) context: *mut c_void,
    pub(crate) call: Option<Uniform>,
    pub(crate) free: Option<unsafe extern "C" fn(*mut Call)>,
    pub(crate) take_error: *const c_void,
    pub(crate) cancel: *const c_void,
    pub(crate) describe: Option<unsafe extern "C" fn(*mut c_void, Sink, *mut c_void)>,
    /// XLLR translates by the items that `describe` reports.
    pub(crate) foreign: *const c_void,
}

/// `xllr_plugin`
#[repr(C)]
pub struct Plugin {
    pub(crate) size: u32,
    pub(crate) abi: u32,
    pub(crate) load: unsafe extern "C" fn(Err, ErrLen) -> *mut c_void,
    pub(crate) unload: unsafe extern "C" fn(*mut c_void),
    pub(crate) locate: *const c_void,
    pub(crate) open: unsafe extern "C" fn(
        *mut c_void,
        *const c_char,
        u32,
        *const c_void,
        Err,
        ErrLen,
    ) -> *mut c_void,
    pub(crate) close: unsafe extern "C" fn(*mut c_void, *mut c_void),
    pub(crate) functions: unsafe extern "C" fn(*mut c_void, *mut u32) -> *mut c_char,
    pub(crate) find:
        unsafe extern "C" fn(*mut c_void, *const c_char, u32, *mut Found, Err, ErrLen) -> i32,
}

// SAFETY: functions and numbers, which nobody writes to.
unsafe impl Sync for Plugin {}
