//! The structs of `xllr_runtime.h`, and what is lent and taken over that edge.

use std::ffi::{c_char, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr;

use crate::abi::{
    OPTION_IN_PROCESS, OPTION_ISOLATE, RawCancel, RawFree, RawOptions, RawSink, RawTakeError,
    RawUniform,
};
use crate::buffer;
use crate::error::{Error, Kind};
use crate::options::Options;

/// The version of `xllr_runtime.h`.
pub(super) const ABI: u32 = 1;

type Err = *mut *mut c_char;
type ErrLen = *mut u32;

/// `xllr_plugin`.
#[repr(C)]
pub(super) struct RawPlugin {
    pub(super) size: u32,
    pub(super) abi: u32,
    pub(super) load: unsafe extern "C" fn(Err, ErrLen) -> *mut c_void,
    pub(super) unload: unsafe extern "C" fn(*mut c_void),
    pub(super) locate: Option<
        unsafe extern "C" fn(
            *mut c_void,
            *const c_char,
            u32,
            *const RawOptions,
            *mut u32,
            Err,
            ErrLen,
        ) -> *mut c_char,
    >,
    pub(super) open: unsafe extern "C" fn(
        *mut c_void,
        *const c_char,
        u32,
        *const RawOptions,
        Err,
        ErrLen,
    ) -> *mut c_void,
    pub(super) close: unsafe extern "C" fn(*mut c_void, *mut c_void),
    pub(super) functions: unsafe extern "C" fn(*mut c_void, *mut u32) -> *mut c_char,
    pub(super) find:
        unsafe extern "C" fn(*mut c_void, *const c_char, u32, *mut RawFound, Err, ErrLen) -> i32,
}

/// `Foreign<Rpc>` with a context.
pub(super) type RawWith = unsafe extern "C" fn(
    *mut c_void,
    *const c_void,
    u64,
    *mut *mut c_void,
    *mut u64,
    *mut *mut c_void,
    *mut u64,
    *mut u8,
);

/// `xllr_plugin_function`.
#[repr(C)]
pub(super) struct RawFound {
    pub(super) size: u32,
    pub(super) flags: u32,
    pub(super) this: u64,
    pub(super) context: *mut c_void,
    pub(super) call: Option<RawUniform>,
    pub(super) free: Option<RawFree>,
    pub(super) take_error: Option<RawTakeError>,
    pub(super) cancel: Option<RawCancel>,
    pub(super) describe: Option<unsafe extern "C" fn(*mut c_void, RawSink, *mut c_void)>,
    pub(super) foreign: Option<RawWith>,
}

impl RawFound {
    pub(super) const EMPTY: Self = Self {
        size: size_of::<Self>() as u32,
        flags: 0,
        this: 0,
        context: ptr::null_mut(),
        call: None,
        free: None,
        take_error: None,
        cancel: None,
        describe: None,
        foreign: None,
    };
}

/// Where a plugin leaves the text of an error. Invariant: NULL, or from malloc.
pub(super) struct Reply {
    pub(super) text: *mut c_char,
    pub(super) len: u32,
}

impl Default for Reply {
    fn default() -> Self {
        Self {
            text: ptr::null_mut(),
            len: 0,
        }
    }
}

impl Reply {
    pub(super) fn places(&mut self) -> (Err, ErrLen) {
        (&mut self.text, &mut self.len)
    }
}

/// Options as C reads them. Invariant: the folders that `raw` points to are those of the options it was made from.
pub(super) struct Lent<'a> {
    raw: RawOptions,
    _options: &'a Options,
}

impl<'a> Lent<'a> {
    pub(super) fn new(options: &'a Options) -> Result<Self, Error> {
        let flag = |set, flag| if set { flag } else { 0 };
        let (package_dir, package_dir_len) = folder(options.package_dir.as_deref())?;
        let (source_dir, source_dir_len) = folder(options.source_dir.as_deref())?;
        let flags =
            flag(options.in_process, OPTION_IN_PROCESS) | flag(options.isolate, OPTION_ISOLATE);
        let raw = RawOptions {
            helper_memory_limit: 0,
            helper_timeout_ns: 0,
            size: size_of::<RawOptions>() as u32,
            flags,
            package_dir,
            source_dir,
            package_dir_len,
            source_dir_len,
        };
        Ok(Self {
            raw,
            _options: options,
        })
    }

    pub(super) fn raw(&self) -> *const RawOptions {
        &self.raw
    }
}

fn folder(path: Option<&Path>) -> Result<(*const c_char, u32), Error> {
    let Some(path) = path else {
        return Ok((ptr::null(), 0));
    };
    let bytes = path.as_os_str().as_bytes();
    Ok((bytes.as_ptr().cast(), checked(bytes.len())?))
}

/// The length of a text for C.
pub(super) fn length(text: &str) -> Result<u32, Error> {
    checked(text.len())
}

fn checked(len: usize) -> Result<u32, Error> {
    u32::try_from(len).map_err(|_| Error::new(Kind::BadArgument, "a name longer than 4 GiB"))
}

/// A text that a plugin has made; `None` for NULL.
///
/// # Safety
/// `text` is NULL, or `len` bytes from malloc that are ours now.
pub(super) unsafe fn take(text: *mut c_char, len: u32) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: the caller promises the same; it is copied before it is freed.
    unsafe {
        let bytes = buffer::bytes(text.cast_const().cast(), len as usize);
        let copy = String::from_utf8_lossy(bytes).into_owned();
        buffer::free(text.cast());
        Some(copy)
    }
}
