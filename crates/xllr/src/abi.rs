//! The C structs and function types that cross: those of `gangplank.h` as far as XLLR reads them, and those of `xllr.h`.
//!
//! No behaviour. XLLR does not use the crate `gangplank` for the first kind: hosts would link a guest's runtime with it.
//! A test compares the layouts.

use std::ffi::{c_char, c_void};

/// The native ABI that this version knows.
pub(crate) const NATIVE_ABI: u32 = gangplank_descriptor::ABI_VERSION;

/// `gp_call` of `gangplank.h`.
#[repr(C)]
#[allow(missing_docs, reason = "docs/abi.md, `gp_call`")]
#[derive(Debug)]
pub struct RawCall {
    pub size: u32,
    pub status: i32,
    pub scratch: *mut u8,
    pub scratch_len: usize,
    pub owned: *mut c_void,
    pub free_owned: Option<unsafe extern "C" fn(*mut RawCall)>,
    pub id: u64,
    pub timeout_ns: i64,
    pub traceparent: RawText,
    pub message: RawText,
    pub location: RawText,
    pub payload: *const c_void,
    pub payload_len: usize,
    pub causes: *const RawText,
    pub causes_len: usize,
}

impl RawCall {
    /// `GP_CALL_INIT`: without scratch, so the library allocates.
    #[must_use]
    pub const fn new() -> Self {
        Self::with_scratch(std::ptr::null_mut(), 0)
    }

    /// With room for results, aligned to 16 bytes.
    #[must_use]
    #[inline]
    pub const fn with_scratch(scratch: *mut u8, scratch_len: usize) -> Self {
        Self {
            size: size_of::<Self>() as u32,
            status: 0,
            scratch,
            scratch_len,
            owned: std::ptr::null_mut(),
            free_owned: None,
            id: 0,
            timeout_ns: 0,
            traceparent: RawText::EMPTY,
            message: RawText::EMPTY,
            location: RawText::EMPTY,
            payload: std::ptr::null(),
            payload_len: 0,
            causes: std::ptr::null(),
            causes_len: 0,
        }
    }

    /// The stack of a panic, of a library that was built to keep it (`gangplank build --debug-info`): the payload of a call
    /// that ended with `GP_PANIC`.
    ///
    /// # Safety
    /// The call has ended with this status and was not freed.
    #[must_use]
    pub unsafe fn backtrace(&self, status: i32) -> Option<&RawText> {
        const PANIC: i32 = 8;
        let is_there = status == PANIC && self.payload_len == size_of::<RawText>();
        // SAFETY: docs/abi.md: then the payload, if there is one, is a text, which lives as long as the call.
        unsafe { self.payload.cast::<RawText>().as_ref() }.filter(|_| is_there)
    }
}

impl Default for RawCall {
    fn default() -> Self {
        Self::new()
    }
}

/// `gp_string`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "pointer and length")]
pub struct RawText {
    pub ptr: *const u8,
    pub len: usize,
}

impl RawText {
    /// No text.
    pub const EMPTY: Self = Self {
        ptr: std::ptr::null(),
        len: 0,
    };
}

/// `gp_done`.
pub type RawDone = Option<unsafe extern "C" fn(*mut c_void, *mut RawCall, i32)>;
/// A function in the uniform form: self, parameters, result, call, done, user data.
pub type RawUniform = unsafe extern "C" fn(
    u64,
    *const c_void,
    *mut c_void,
    *mut RawCall,
    RawDone,
    *mut c_void,
) -> i32;
/// A function in the scalar form, which has a type of its own for each signature.
pub type RawScalar = unsafe extern "C" fn();
pub(crate) type RawSink = Option<unsafe extern "C" fn(*mut c_void, *const u8, usize)>;
pub(crate) type RawDescribe = unsafe extern "C" fn(RawSink, *mut c_void);
pub(crate) type RawFree = unsafe extern "C" fn(*mut RawCall);
pub(crate) type RawTakeError = unsafe extern "C" fn(u32, *mut RawCall);
pub(crate) type RawCancel = unsafe extern "C" fn(u64) -> i32;
pub(crate) type RawExplain = unsafe extern "C" fn(*const u8, usize, *mut RawCall);
pub(crate) type RawVersion = unsafe extern "C" fn() -> u32;

/// `gp_entry`.
#[repr(C)]
pub(crate) struct RawEntry {
    pub(crate) size: u32,
    pub(crate) abi: u32,
    pub(crate) flags: u32,
    pub(crate) reserved: u32,
    pub(crate) call: Option<RawUniform>,
    pub(crate) cbor: *const c_void,
    pub(crate) describe: Option<RawDescribe>,
    pub(crate) item: *const u8,
    pub(crate) item_len: usize,
}

/// `Foreign<Rpc>`: a function in protobuf bytes.
pub type RawForeign = unsafe extern "C" fn(
    in_params: *const c_void,
    in_params_len: u64,
    out_params: *mut *mut c_void,
    out_params_len: *mut u64,
    out_ret: *mut *mut c_void,
    out_ret_len: *mut u64,
    is_error: *mut u8,
);

pub(crate) const OPTION_IN_PROCESS: u32 = 1;
pub(crate) const OPTION_ISOLATE: u32 = 2;

/// `xllr_options`.
#[repr(C)]
pub(crate) struct RawOptions {
    pub(crate) size: u32,
    pub(crate) flags: u32,
    pub(crate) package_dir: *const c_char,
    pub(crate) source_dir: *const c_char,
    pub(crate) package_dir_len: u32,
    pub(crate) source_dir_len: u32,
    pub(crate) helper_memory_limit: u64,
    pub(crate) helper_timeout_ns: u64,
}

/// `xllr_item`.
#[repr(C)]
pub(crate) struct RawItem {
    pub(crate) path: *const c_char,
    pub(crate) shape: *const c_char,
    pub(crate) path_len: u32,
    pub(crate) shape_len: u32,
    pub(crate) hash: u64,
    pub(crate) abi_hash: u64,
}

/// `xllr_expect`.
#[repr(C)]
pub(crate) struct RawExpect {
    pub(crate) size: u32,
    pub(crate) abi: u32,
    pub(crate) items: *const RawItem,
    pub(crate) items_len: usize,
}

/// `GP_ENTRY_SCALAR`.
pub(crate) const ENTRY_SCALAR: u32 = 8;

/// Format bit: C structs.
pub(crate) const FORMAT_NATIVE: u32 = 1;
/// Format bit: protobuf.
pub(crate) const FORMAT_PROTO: u32 = 2;

/// `XLLR_IN_PYTHON`, beside the `GP_ENTRY_…` flags: the function runs in the Python of this process and takes its lock. A caller
/// that holds it need not give it away.
pub const IN_PYTHON: u32 = 0x1_0000;

/// `xllr_function`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct RawFunction {
    pub(crate) size: u32,
    pub(crate) formats: u32,
    pub(crate) flags: u32,
    pub(crate) reserved: u32,
    pub(crate) this: u64,
    pub(crate) call: Option<RawUniform>,
    pub(crate) direct: *mut c_void,
    pub(crate) foreign: Option<RawForeign>,
    pub(crate) free: Option<RawFree>,
    pub(crate) take_error: Option<RawTakeError>,
    pub(crate) cancel: Option<RawCancel>,
    pub(crate) forked: *const u32,
    pub(crate) module: *const c_void,
}

#[cfg(test)]
mod tests {
    use super::*;
    use gangplank::abi;
    use std::mem::offset_of;

    #[test]
    fn layouts_are_those_of_the_guests_runtime() {
        assert_eq!(size_of::<RawCall>(), size_of::<abi::RawCall>());
        assert_eq!(size_of::<RawEntry>(), size_of::<abi::RawEntry>());
        assert_eq!(
            offset_of!(RawCall, message),
            offset_of!(abi::RawCall, message)
        );
        assert_eq!(
            offset_of!(RawCall, causes_len),
            offset_of!(abi::RawCall, causes_len)
        );
        assert_eq!(offset_of!(RawEntry, call), offset_of!(abi::RawEntry, call));
        assert_eq!(offset_of!(RawEntry, item), offset_of!(abi::RawEntry, item));
        assert_eq!(NATIVE_ABI, abi::VERSION);
    }
}
