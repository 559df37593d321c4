//! The guest in Python: its functions through generated stubs, and beside them an empty call and a `div` by hand.
//!
//! Comes in: the path of its file. Goes out: what the rows call. A call by hand is what any program in C does that keeps its
//! thread's state: take Python's lock, call, give the result or the exception back, leave the lock. It trusts its caller in
//! everything.

use std::cell::Cell;
use std::error::Error;
use std::ffi::{CStr, c_char, c_long, c_void};
use std::ptr;

use gangplank_host::{Module, Options};

use crate::words_host::Words;

type Object = *mut c_void;

thread_local! {
    /// Each thread has a state of its own.
    static STATE: Cell<*mut c_void> = const { Cell::new(ptr::null_mut()) };
}

/// The guest, open.
pub(crate) struct Python {
    pub(crate) words: Words,
    empty: Object,
    div: Object,
    long: unsafe extern "C" fn(c_long) -> Object,
    double: unsafe extern "C" fn(Object) -> f64,
    restore: unsafe extern "C" fn(*mut c_void),
    save: unsafe extern "C" fn() -> *mut c_void,
    vectorcall: unsafe extern "C" fn(Object, *const Object, usize, Object) -> Object,
    unref: unsafe extern "C" fn(Object),
    raised: unsafe extern "C" fn() -> Object,
    clear: unsafe extern "C" fn(),
}

impl Python {
    pub(crate) fn open(path: &str) -> Result<Self, Box<dyn Error>> {
        let words = Words::new(Module::open("python3", path, &Options::default())?);
        words.check()?;
        // The first call makes the state of this thread.
        words.div(10, 2)?;
        // SAFETY: XLLR has brought these symbols into the process, with these types since Python 3.9; this thread has a state,
        // and holds the lock between `restore` and `save`.
        unsafe {
            let state: unsafe extern "C" fn() -> *mut c_void =
                symbol(c"PyGILState_GetThisThreadState")?;
            let restore: unsafe extern "C" fn(*mut c_void) = symbol(c"PyEval_RestoreThread")?;
            let save = symbol(c"PyEval_SaveThread")?;
            let import: unsafe extern "C" fn(*const c_char) -> Object =
                symbol(c"PyImport_ImportModule")?;
            let attribute: unsafe extern "C" fn(Object, *const c_char) -> Object =
                symbol(c"PyObject_GetAttrString")?;
            STATE.set(state());
            let this = Self {
                words,
                empty: ptr::null_mut(),
                div: ptr::null_mut(),
                long: symbol(c"PyLong_FromLong")?,
                double: symbol(c"PyFloat_AsDouble")?,
                restore,
                save,
                vectorcall: symbol(c"PyObject_Vectorcall")?,
                unref: symbol(c"Py_DecRef")?,
                raised: symbol(c"PyErr_Occurred")?,
                clear: symbol(c"PyErr_Clear")?,
            };
            restore(STATE.get());
            let module = import(c"words".as_ptr());
            let [empty, div] = [c"empty", c"div"].map(|name| match module.is_null() {
                true => module,
                false => attribute(module, name.as_ptr()),
            });
            (this.save)();
            if empty.is_null() || div.is_null() {
                return Err("the guest in Python has not what is called by hand".into());
            }
            Ok(Self { empty, div, ..this })
        }
    }

    /// Calls a function of Python that does nothing.
    pub(crate) fn empty(&self) {
        // SAFETY: as in `open`; the function takes no arguments, and its result is a new reference.
        unsafe {
            (self.restore)(STATE.get());
            let result = (self.vectorcall)(self.empty, ptr::null(), 0, ptr::null_mut());
            (self.unref)(result);
            (self.save)();
        }
    }

    /// Calls `div`; `None` when it has raised something, or returned what is no number.
    pub(crate) fn div(&self, x: i32, y: i32) -> Option<f32> {
        // SAFETY: as in `open`; the objects are new references, and the flag says that the place before them is free.
        unsafe {
            (self.restore)(STATE.get());
            let arguments = [
                ptr::null_mut(),
                (self.long)(x.into()),
                (self.long)(y.into()),
            ];
            let count = 2 | 1 << (usize::BITS - 1);
            let result =
                (self.vectorcall)(self.div, arguments[1..].as_ptr(), count, ptr::null_mut());
            (self.unref)(arguments[1]);
            (self.unref)(arguments[2]);
            let mut quotient = -1.0;
            if !result.is_null() {
                quotient = (self.double)(result);
                (self.unref)(result);
            }
            // What is no number gives -1 as well.
            let failed = quotient == -1.0 && !(self.raised)().is_null();
            if failed {
                (self.clear)();
            }
            (self.save)();
            (!failed).then_some(quotient as f32)
        }
    }
}

/// # Safety
/// `F` is the type of the function of this name.
unsafe fn symbol<F: Copy>(name: &CStr) -> Result<F, String> {
    const { assert!(size_of::<F>() == size_of::<usize>()) };
    // SAFETY: a terminated name, and the caller's promise.
    unsafe {
        let address = libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr());
        if address.is_null() {
            return Err(format!("there is no {name:?}"));
        }
        Ok(std::mem::transmute_copy(&address))
    }
}
