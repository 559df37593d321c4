//! CPython, as far as values need it: references, and the functions that the stable ABI of 3.10 lacks.

use std::ffi::{CStr, c_int};
use std::ptr::NonNull;
use std::sync::OnceLock;

use pyo3_ffi as ffi;

use crate::buffer::{GetBuffer, ReleaseBuffer};
use crate::ending::staying;
use crate::fault::Fault;

/// An object, whoever holds it.
pub type Raw = *mut ffi::PyObject;

/// A reference to an object. Invariant: it is ours, and it is dropped by a thread that holds Python's lock.
#[derive(Debug)]
pub struct Object(NonNull<ffi::PyObject>);

// SAFETY: an object may be used on any thread that holds the lock, which every use here asks for.
unsafe impl Send for Object {}
// SAFETY: as above.
unsafe impl Sync for Object {}

impl Object {
    /// Takes a reference that a function of Python returned; NULL is its exception.
    ///
    /// # Safety
    /// `raw` is NULL with an exception set, or a new reference; the thread holds the lock, here and when it is dropped.
    #[inline]
    pub unsafe fn new(raw: Raw) -> Result<Self, Fault> {
        NonNull::new(raw).map(Self).ok_or(Fault::Raised)
    }

    /// One more reference.
    ///
    /// # Safety
    /// `raw` is an object; otherwise as for [`Object::new`].
    #[inline]
    pub unsafe fn share(raw: Raw) -> Result<Self, Fault> {
        // SAFETY: the caller's promise.
        unsafe {
            ffi::Py_XINCREF(raw);
            Self::new(raw)
        }
    }

    /// The object, still held here.
    #[inline]
    pub fn raw(&self) -> Raw {
        self.0.as_ptr()
    }

    /// Gives the reference to somebody else.
    #[inline]
    pub fn into_raw(self) -> Raw {
        std::mem::ManuallyDrop::new(self).0.as_ptr()
    }

    /// An attribute.
    ///
    /// # Safety
    /// The thread holds the lock.
    pub unsafe fn attribute(&self, name: &CStr) -> Result<Self, Fault> {
        // SAFETY: the caller's promise.
        unsafe { Self::new(ffi::PyObject_GetAttrString(self.raw(), name.as_ptr())) }
    }

    /// Text as an object.
    ///
    /// # Safety
    /// The thread holds the lock.
    pub unsafe fn text(text: &str) -> Result<Self, Fault> {
        let len = text.len() as ffi::Py_ssize_t;
        // SAFETY: pointer and length of a text, and the caller's promise.
        unsafe { Self::new(ffi::PyUnicode_FromStringAndSize(text.as_ptr().cast(), len)) }
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        // SAFETY: the invariant.
        unsafe { ffi::Py_DECREF(self.raw()) };
    }
}

/// The text of a `str`, as long as the object lives.
///
/// # Safety
/// `raw` is a `str`, which outlives the text; the thread holds the lock.
#[inline]
pub unsafe fn str_of<'a>(raw: Raw) -> Result<&'a str, Fault> {
    let mut len = 0;
    // SAFETY: the caller's promise; the bytes are UTF-8 of this length and belong to the object.
    unsafe {
        let text = ffi::PyUnicode_AsUTF8AndSize(raw, &mut len);
        if text.is_null() {
            return Err(Fault::Raised);
        }
        let bytes = std::slice::from_raw_parts(text.cast::<u8>(), len as usize);
        Ok(std::str::from_utf8_unchecked(bytes))
    }
}

/// The octets of a `bytes`, as long as the object lives.
///
/// # Safety
/// `raw` is an object, which outlives the octets; the thread holds the lock.
pub unsafe fn bytes_of<'a>(raw: Raw) -> Result<&'a [u8], Fault> {
    let (mut start, mut len) = (std::ptr::null_mut(), 0);
    // SAFETY: the caller's promise; the octets belong to the object and never change.
    unsafe {
        if ffi::PyBytes_AsStringAndSize(raw, &mut start, &mut len) != 0 {
            return Err(Fault::Raised);
        }
        let start = start.cast_const().cast();
        Ok(std::slice::from_raw_parts(start, len as usize))
    }
}

/// The name of a class, for messages.
///
/// # Safety
/// `class` is an object; the thread holds the lock.
pub unsafe fn class_name(class: Raw) -> String {
    // SAFETY: the caller's promise; an exception on the way is taken back.
    unsafe {
        let name = Object::share(class).and_then(|class| class.attribute(c"__name__"));
        let name = name.and_then(|name| str_of(name.raw()).map(str::to_owned));
        name.unwrap_or_else(|_| {
            ffi::PyErr_Clear();
            "an object".to_owned()
        })
    }
}

/// The name of an object's type.
///
/// # Safety
/// `raw` is an object; the thread holds the lock.
pub unsafe fn type_name(raw: Raw) -> String {
    // SAFETY: the caller's promise.
    unsafe { class_name(ffi::Py_TYPE(raw).cast()) }
}

/// Takes an exception back that says what was looked for; whether it is one of these. Any other stays set: that memory is
/// out, or somebody has pressed Ctrl-C, is not for us to hide.
///
/// # Safety
/// An exception is set; these are classes of exceptions; the thread holds the lock.
#[cold]
pub(crate) unsafe fn take_back(classes: &[Raw]) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        let expected = classes
            .iter()
            .any(|class| ffi::PyErr_ExceptionMatches(*class) != 0);
        if expected {
            ffi::PyErr_Clear();
        }
        expected
    }
}

/// Functions outside the stable ABI of 3.10; without one there is a slower way. `docs/python-guests.md` has the list.
#[derive(Clone, Copy, Debug)]
pub struct More {
    /// `PyGILState_Check`
    pub check: Option<unsafe extern "C" fn() -> c_int>,
    /// `PyThreadState_GetUnchecked`: the current state, or NULL.
    pub current: Option<unsafe extern "C" fn() -> *mut ffi::PyThreadState>,
    /// Whether each thread has a current state of its own (from 3.12 on); before, it is that of whoever holds the lock.
    pub own_current: bool,
    /// `Py_IsFinalizing`
    pub finalizing: Option<unsafe extern "C" fn() -> c_int>,
    /// `PyObject_Vectorcall`; it unwinds when Python ends the thread.
    pub vectorcall: Option<unsafe extern "C-unwind" fn(Raw, *const Raw, usize, Raw) -> Raw>,
    /// `PyObject_GetBuffer`, `PyBuffer_Release`
    pub(crate) buffers: Option<(GetBuffer, ReleaseBuffer)>,
}

/// The functions of the libpython in this process.
#[inline]
pub fn more() -> &'static More {
    static MORE: OnceLock<More> = OnceLock::new();
    // SAFETY: if they are there they have had these types since 3.9 (`Py_IsFinalizing` and `PyThreadState_GetUnchecked` since 3.13, before with an underscore).
    MORE.get_or_init(|| unsafe {
        More {
            check: symbol(c"PyGILState_Check"),
            current: symbol(c"PyThreadState_GetUnchecked")
                .or_else(|| symbol(c"_PyThreadState_UncheckedGet")),
            own_current: symbol::<usize>(c"Py_NewInterpreterFromConfig").is_some(),
            finalizing: symbol(c"Py_IsFinalizing").or_else(|| symbol(c"_Py_IsFinalizing")),
            vectorcall: symbol(c"PyObject_Vectorcall"),
            buffers: symbol(c"PyObject_GetBuffer").zip(symbol(c"PyBuffer_Release")),
        }
    })
}

/// # Safety
/// `F` is the type of a function pointer, and that of this symbol.
unsafe fn symbol<F: Copy>(name: &CStr) -> Option<F> {
    const { assert!(size_of::<F>() == size_of::<usize>()) };
    // SAFETY: a terminated name, and the caller's promise.
    unsafe {
        let address = libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr());
        (!address.is_null()).then(|| std::mem::transmute_copy(&address))
    }
}

/// Calls with arguments in order. The first place of `arguments` is free for the call's own use.
///
/// # Safety
/// All but the first are objects; the thread holds the lock.
pub unsafe fn call(callable: Raw, arguments: &mut [Raw]) -> Result<Object, Fault> {
    const OFFSET: usize = 1 << (usize::BITS - 1);
    let count = arguments.len() - 1;
    // SAFETY: the caller's promise; the flag says that the place before the arguments is free.
    unsafe {
        if let Some(vectorcall) = more().vectorcall {
            let first = arguments.as_mut_ptr().add(1);
            let none = std::ptr::null_mut();
            return Object::new(staying(|| {
                vectorcall(callable, first, count | OFFSET, none)
            }));
        }
        let tuple = Object::new(ffi::PyTuple_New(count as ffi::Py_ssize_t))?;
        for (index, argument) in arguments[1..].iter().enumerate() {
            ffi::Py_INCREF(*argument);
            ffi::PyTuple_SetItem(tuple.raw(), index as ffi::Py_ssize_t, *argument);
        }
        Object::new(ffi::PyObject_Call(
            callable,
            tuple.raw(),
            std::ptr::null_mut(),
        ))
    }
}
