//! Arguments of C as Rust values, checked as far as C lets one check.

use std::ffi::{c_char, c_void};
use std::mem::offset_of;
use std::path::PathBuf;
use std::ptr;
use std::time::Duration;

use crate::abi::{OPTION_IN_PROCESS, OPTION_ISOLATE, RawExpect, RawFunction, RawItem, RawOptions};
use crate::buffer;
use crate::error::{Error, Kind};
use crate::expect::{Expected, ExpectedItem};
use crate::options::Options;

fn bad(text: String) -> Error {
    Error::new(Kind::BadArgument, text)
}

/// A text that must be there.
///
/// # Safety
/// `ptr` is NULL or points to `len` bytes that stay unchanged for `'a`.
pub(super) unsafe fn text<'a>(what: &str, ptr: *const c_char, len: u32) -> Result<&'a str, Error> {
    // SAFETY: the caller promises the same.
    let bytes = unsafe { buffer::bytes(ptr.cast(), len as usize) };
    if bytes.is_empty() {
        return Err(bad(format!("the name of the {what} is empty")));
    }
    str::from_utf8(bytes).map_err(|_| bad(format!("the name of the {what} is not UTF-8")))
}

/// The bytes of a request.
///
/// # Safety
/// `ptr` is NULL or points to `len` bytes that stay unchanged for `'a`.
pub(super) unsafe fn params<'a>(ptr: *const c_void, len: u64) -> Result<&'a [u8], Error> {
    if ptr.is_null() && len > 0 {
        return Err(bad(format!(
            "in_params is NULL, but in_params_len is {len}"
        )));
    }
    let len = usize::try_from(len)
        .ok()
        .filter(|len| *len <= isize::MAX as usize);
    let len = len.ok_or_else(|| bad("in_params_len is no length".to_owned()))?;
    // SAFETY: the caller promises the same.
    Ok(unsafe { buffer::bytes(ptr.cast(), len) })
}

/// # Safety
/// `raw` is NULL or options, whose folders are pointer and length.
pub(super) unsafe fn options(raw: *const RawOptions) -> Result<Options, Error> {
    if raw.is_null() {
        return Ok(Options::default());
    }
    // SAFETY: `size` is there in every version of the struct.
    let size = unsafe { (*raw).size } as usize;
    // Hosts of an earlier time end before the options of helpers.
    if size < offset_of!(RawOptions, helper_memory_limit) {
        return Err(bad(format!("xllr_options has size {size}")));
    }
    // SAFETY: numbers and pointers may be zero; as much is read as is there.
    let raw = unsafe {
        let mut whole: RawOptions = std::mem::zeroed();
        let size = size.min(size_of::<RawOptions>());
        ptr::copy_nonoverlapping(raw.cast::<u8>(), (&raw mut whole).cast(), size);
        whole
    };
    if raw.flags & !(OPTION_IN_PROCESS | OPTION_ISOLATE) != 0 {
        return Err(bad(format!(
            "unknown flags in xllr_options: {:#x}",
            raw.flags
        )));
    }
    // SAFETY: the caller promises the texts.
    unsafe {
        Ok(Options {
            package_dir: folder("package_dir", raw.package_dir, raw.package_dir_len)?,
            source_dir: folder("source_dir", raw.source_dir, raw.source_dir_len)?,
            in_process: raw.flags & OPTION_IN_PROCESS != 0,
            isolate: raw.flags & OPTION_ISOLATE != 0,
            helper_memory_limit: Some(raw.helper_memory_limit).filter(|limit| *limit > 0),
            helper_timeout: (raw.helper_timeout_ns > 0)
                .then(|| Duration::from_nanos(raw.helper_timeout_ns)),
            python: None,
        })
    }
}

/// # Safety
/// As for [`text`].
unsafe fn folder(what: &str, ptr: *const c_char, len: u32) -> Result<Option<PathBuf>, Error> {
    if ptr.is_null() || len == 0 {
        return Ok(None);
    }
    // SAFETY: the caller promises the same.
    let folder = PathBuf::from(unsafe { text(what, ptr, len) }?);
    if folder.is_absolute() {
        return Ok(Some(folder));
    }
    Err(bad(format!(
        "{what} is not an absolute path: {}",
        folder.display()
    )))
}

/// # Safety
/// `raw` is NULL or expectations, with so many items.
pub(super) unsafe fn expected(raw: *const RawExpect) -> Result<Option<Expected>, Error> {
    if raw.is_null() {
        return Ok(None);
    }
    // SAFETY: `size` is there in every version of the struct.
    let size = unsafe { (*raw).size } as usize;
    if size < size_of::<RawExpect>() {
        return Err(bad(format!("xllr_expect has size {size}")));
    }
    // SAFETY: all of it is there, as its size says, and the caller promises the items.
    let (abi, items) = unsafe {
        let raw = &*raw;
        let items = match raw.items_len {
            0 => &[][..],
            _ if raw.items.is_null() => return Err(bad("xllr_expect.items is NULL".to_owned())),
            len => std::slice::from_raw_parts(raw.items, len),
        };
        (raw.abi, items)
    };
    // SAFETY: the caller promises the texts.
    let items = items.iter().map(|item| unsafe { expected_item(item) });
    Ok(Some(Expected {
        abi,
        items: items.collect::<Result<_, _>>()?,
    }))
}

/// # Safety
/// The item's texts are pointer and length.
unsafe fn expected_item(item: &RawItem) -> Result<ExpectedItem, Error> {
    // SAFETY: the caller promises the same.
    let (path, shape) = unsafe {
        let shape = buffer::bytes(item.shape.cast(), item.shape_len as usize);
        (text("item", item.path, item.path_len)?, shape)
    };
    Ok(ExpectedItem {
        path: path.to_owned(),
        hash: item.hash,
        abi_hash: item.abi_hash,
        shape: String::from_utf8_lossy(shape).into_owned(),
    })
}

/// The smallest `xllr_function` there is: that of the first version.
const FIRST_SIZE: usize = offset_of!(RawFunction, module) + size_of::<*const c_void>();

/// # Safety
/// `out` is NULL or starts with its size.
pub(super) unsafe fn check_function(out: *const RawFunction) -> Result<(), Error> {
    if out.is_null() {
        return Err(bad("the place for the function is NULL".to_owned()));
    }
    // SAFETY: the caller promises the same.
    let size = unsafe { (*out).size };
    if (size as usize) < FIRST_SIZE {
        return Err(bad(format!("xllr_function has size {size}")));
    }
    Ok(())
}

/// Nothing that can be called, in a place that is as large as its size says. Returns that size.
///
/// # Safety
/// `out` is NULL or an `xllr_function` of the size that it says.
pub(super) unsafe fn clear_function(out: *mut RawFunction) -> u32 {
    if out.is_null() {
        return 0;
    }
    // SAFETY: the caller promises so many bytes. The size itself stays.
    unsafe {
        let size = (*out).size;
        let rest = (size as usize).saturating_sub(size_of::<u32>());
        let rest = rest.min(size_of::<RawFunction>() - size_of::<u32>());
        ptr::write_bytes(out.cast::<u8>().add(size_of::<u32>()), 0, rest);
        size
    }
}

/// # Safety
/// `out` passed [`check_function`].
pub(super) unsafe fn write_function(out: *mut RawFunction, function: RawFunction) {
    // SAFETY: at least as large as the first version of the struct, which this is.
    unsafe { out.write(function) };
}

/// The caller's size again.
///
/// # Safety
/// `out` is NULL or starts with its size.
pub(super) unsafe fn set_size(out: *mut RawFunction, size: u32) {
    if !out.is_null() {
        // SAFETY: the caller promises the same.
        unsafe { (*out).size = size };
    }
}
