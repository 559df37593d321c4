//! Memory that an object lends: `bytes`, `bytearray`, `memoryview`, arrays of NumPy.
//!
//! Outside the stable ABI of 3.10, so the functions are looked up; the struct is the one of every CPython from 3.3 on.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::fmt;

use gangplank_model::lowered::Scalar;
use pyo3_ffi as ffi;

use crate::fault::Fault;
use crate::object::{Raw, more, take_back};

pub(crate) type GetBuffer = unsafe extern "C" fn(Raw, *mut View, c_int) -> c_int;
pub(crate) type ReleaseBuffer = unsafe extern "C" fn(*mut View);

/// `PyBUF_SIMPLE`, `PyBUF_ND | PyBUF_FORMAT`, `PyBUF_FULL_RO`: whatever steps there are from one item to the next.
const SIMPLE: c_int = 0;
const ND_FORMAT: c_int = 0x8 | 0x4;
const FULL_RO: c_int = 0x100 | 0x10 | ND_FORMAT;

/// `Py_buffer`
#[repr(C)]
pub(crate) struct View {
    buf: *mut c_void,
    obj: Raw,
    len: ffi::Py_ssize_t,
    itemsize: ffi::Py_ssize_t,
    readonly: c_int,
    ndim: c_int,
    format: *mut c_char,
    shape: *mut ffi::Py_ssize_t,
    strides: *mut ffi::Py_ssize_t,
    suboffsets: *mut ffi::Py_ssize_t,
    internal: *mut c_void,
}

/// Memory that is lent until this is dropped, by a thread that holds Python's lock.
pub struct Buffer(Box<View>);

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Buffer").field(&self.0.len).finish()
    }
}

impl Buffer {
    /// The octets of an object in one piece; `None` when it lends none.
    ///
    /// # Safety
    /// `object` is one; the thread holds Python's lock.
    pub(crate) unsafe fn octets(object: Raw) -> Result<Option<Self>, Fault> {
        // SAFETY: the caller's promise.
        unsafe { Self::get(object, SIMPLE) }
    }

    /// Whether an object that has no octets in one piece has some in several.
    ///
    /// # Safety
    /// `object` is one; the thread holds Python's lock.
    pub(crate) unsafe fn is_strided(object: Raw) -> Result<bool, Fault> {
        // SAFETY: the caller's promise.
        unsafe { Self::get(object, FULL_RO).map(|found| found.is_some()) }
    }

    /// The numbers of an object in one piece; `None` when it lends none, or others.
    ///
    /// # Safety
    /// `object` is one; the thread holds Python's lock.
    pub(crate) unsafe fn numbers(object: Raw, scalar: Scalar) -> Result<Option<Self>, Fault> {
        // SAFETY: the caller's promise.
        unsafe { Self::row(object, |format, size| is(format, size, scalar)) }
    }

    /// The truth values of an object in one piece, each a byte that is 0 or not; `None` when it lends none, or others.
    ///
    /// # Safety
    /// `object` is one; the thread holds Python's lock.
    pub(crate) unsafe fn flags(object: Raw) -> Result<Option<Self>, Fault> {
        // SAFETY: the caller's promise.
        unsafe { Self::row(object, |format, size| size == 1 && format == c"?") }
    }

    /// Items in one dimension whose format and size are right.
    ///
    /// # Safety
    /// `object` is one; the thread holds Python's lock.
    unsafe fn row(
        object: Raw,
        is_right: impl FnOnce(&CStr, ffi::Py_ssize_t) -> bool,
    ) -> Result<Option<Self>, Fault> {
        // SAFETY: the caller's promise; a format is terminated text.
        unsafe {
            let Some(buffer) = Self::get(object, ND_FORMAT)? else {
                return Ok(None);
            };
            let format = match buffer.0.format.is_null() {
                true => c"B",
                false => CStr::from_ptr(buffer.0.format),
            };
            let fits = buffer.0.ndim == 1 && is_right(format, buffer.0.itemsize);
            Ok(fits.then_some(buffer))
        }
    }

    /// What an object lends; `None` when it lends nothing, or not so: NumPy says the latter by a `ValueError`.
    ///
    /// # Safety
    /// `object` is one; the thread holds Python's lock.
    unsafe fn get(object: Raw, flags: c_int) -> Result<Option<Self>, Fault> {
        let Some((get, _)) = more().buffers else {
            return Ok(None);
        };
        // SAFETY: a view is filled by the call, or not used. The type of the function is the one of its name.
        unsafe {
            let mut view: Box<View> = Box::new(std::mem::zeroed());
            if get(object, &mut *view, flags) != 0 {
                let none = [
                    ffi::PyExc_TypeError,
                    ffi::PyExc_BufferError,
                    ffi::PyExc_ValueError,
                ];
                return match take_back(&none) {
                    true => Ok(None),
                    false => Err(Fault::Raised),
                };
            }
            Ok(Some(Self(view)))
        }
    }

    /// Its memory.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        if self.0.len == 0 {
            return &[];
        }
        // SAFETY: a buffer has that many bytes in one piece until it is released.
        unsafe { std::slice::from_raw_parts(self.0.buf.cast_const().cast(), self.0.len as usize) }
    }

    /// How many numbers there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len as usize / self.0.itemsize.max(1) as usize
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if let Some((_, release)) = more().buffers {
            // SAFETY: the view was filled by its counterpart; whoever drops it holds the lock.
            unsafe { release(&mut *self.0) };
        }
    }
}

/// Whether a format of the module `struct` is a number as C has it on this machine.
fn is(format: &CStr, size: ffi::Py_ssize_t, scalar: Scalar) -> bool {
    let other_order = if cfg!(target_endian = "little") {
        b'>'
    } else {
        b'<'
    };
    let letter = match format.to_bytes() {
        [letter] => *letter,
        [order, letter] if *order != other_order && *order != b'!' => *letter,
        _ => return false,
    };
    let (letters, width): (&[u8], _) = match scalar {
        Scalar::I8 => (b"b", 1),
        Scalar::I16 => (b"h", 2),
        Scalar::I32 => (b"il", 4),
        Scalar::I64 => (b"lqn", 8),
        Scalar::U8 => (b"B", 1),
        Scalar::U16 => (b"H", 2),
        Scalar::U32 => (b"IL", 4),
        Scalar::U64 => (b"LQN", 8),
        Scalar::F32 => (b"f", 4),
        Scalar::F64 => (b"d", 8),
    };
    letters.contains(&letter) && size == width
}
