//! `concat_strings` of the guest in Rust, bound by hand: CPython's texts are lent to it in its own structs.

use std::ffi::{CString, c_void};
use std::mem::MaybeUninit;
use std::sync::OnceLock;

use pyo3::exceptions::PyRuntimeError;
use pyo3::ffi;
use pyo3::prelude::*;

/// `gp_string`, and a list of them.
#[repr(C)]
#[derive(Clone, Copy)]
struct Span {
    ptr: *const c_void,
    len: usize,
}

const NONE: Span = Span {
    ptr: std::ptr::null(),
    len: 0,
};

/// `gp_call` (docs/abi.md).
#[repr(C)]
struct Call {
    size: u32,
    status: i32,
    scratch: *mut u8,
    scratch_len: usize,
    owned: *mut c_void,
    free_owned: Option<unsafe extern "C" fn(*mut Call)>,
    id: u64,
    timeout_ns: i64,
    texts: [Span; 3],
    payload: Span,
    causes: Span,
}

type Concat = unsafe extern "C" fn(*const Span, *mut Span, *mut Call) -> i32;

static CONCAT: OnceLock<Concat> = OnceLock::new();

/// Opens the guest; it stays.
pub(crate) fn open(path: &str) -> Result<(), String> {
    let path = CString::new(path).map_err(|error| error.to_string())?;
    // SAFETY: terminated texts; the symbol is a function of this type (the guest's header).
    unsafe {
        let library = libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL);
        if library.is_null() {
            return Err(format!("{path:?} cannot be opened"));
        }
        let symbol = libc::dlsym(library, c"calc_Calc_concat_strings".as_ptr());
        if symbol.is_null() {
            return Err(format!("{path:?} has no concat_strings"));
        }
        let concat = std::mem::transmute::<*mut c_void, Concat>(symbol);
        CONCAT.get_or_init(|| concat);
    }
    Ok(())
}

/// Calls the guest.
pub(crate) fn concat(parts: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    let py = parts.py();
    let concat = CONCAT.get().copied();
    let concat = concat.ok_or_else(|| PyRuntimeError::new_err("the guest is not open"))?;
    let mut scratch = MaybeUninit::<[u128; 64]>::uninit();
    let mut call = Call {
        size: size_of::<Call>() as u32,
        status: 0,
        scratch: scratch.as_mut_ptr().cast(),
        scratch_len: 1024,
        owned: std::ptr::null_mut(),
        free_owned: None,
        id: 0,
        timeout_ns: 0,
        texts: [NONE; 3],
        payload: NONE,
        causes: NONE,
    };
    // SAFETY: the tuple holds the texts while the guest reads them, and the thread has Python's lock but for the call.
    unsafe {
        let held = Bound::from_owned_ptr_or_err(py, ffi::PySequence_Tuple(parts.as_ptr()))?;
        let len = ffi::PyTuple_Size(held.as_ptr());
        let mut few = [NONE; 64];
        if len as usize > few.len() {
            return Err(PyRuntimeError::new_err("more texts than the bench has"));
        }
        for (index, place) in (0..len).zip(&mut few) {
            let mut size = 0;
            let item = ffi::PyTuple_GetItem(held.as_ptr(), index);
            let text = ffi::PyUnicode_AsUTF8AndSize(item, &mut size);
            if text.is_null() {
                return Err(PyErr::fetch(py));
            }
            *place = Span {
                ptr: text.cast(),
                len: size as usize,
            };
        }
        let list = Span {
            ptr: few.as_ptr().cast(),
            len: len as usize,
        };
        let mut out = NONE;
        let state = ffi::PyEval_SaveThread();
        let status = concat(&list, &mut out, &mut call);
        ffi::PyEval_RestoreThread(state);
        let text = match status {
            0 => ffi::PyUnicode_FromStringAndSize(out.ptr.cast(), out.len as ffi::Py_ssize_t),
            _ => std::ptr::null_mut(),
        };
        if let Some(free) = call.free_owned.filter(|_| !call.owned.is_null()) {
            free(&mut call);
        }
        match status {
            0 => Ok(Bound::from_owned_ptr_or_err(py, text)?.unbind()),
            status => Err(PyRuntimeError::new_err(format!("status {status}"))),
        }
    }
}
