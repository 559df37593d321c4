//! The type of coroutines for CPython: its methods, what the garbage collector asks, and its end.
//!
//! Comes in: nothing, once; later objects that CPython looks at or lets go. Goes out: the type; a warning for a coroutine that
//! nobody has awaited.

use std::ffi::{c_int, c_void};
use std::sync::OnceLock;

use gangplank_cpython::{Fault, Object, Raw, ffi};

use super::throwing::{close, end, throw};
use super::{Awaitable, FEW, State, itself, next, send};
use crate::errors::{Raised, type_error};
use crate::python::{free, keeping_exception, show, slot};

/// The type, once it is made.
static TYPE: OnceLock<Object> = OnceLock::new();

/// Makes the type.
///
/// # Safety
/// The thread holds Python's lock.
pub(crate) unsafe fn init() -> Result<(), Fault> {
    let methods = Box::leak(Box::new([
        fast(c"send", send),
        fast(c"throw", throw),
        fast(c"close", close),
        ffi::PyMethodDef::default(),
    ]));
    let getters = Box::leak(Box::new([
        getter(c"__name__"),
        getter(c"__qualname__"),
        ffi::PyGetSetDef::default(),
    ]));
    let mut slots = [
        slot(ffi::Py_tp_methods, methods.as_ptr().cast()),
        slot(ffi::Py_tp_getset, getters.as_ptr().cast()),
        slot(ffi::Py_am_await, itself as *const c_void),
        slot(ffi::Py_tp_iter, itself as *const c_void),
        slot(ffi::Py_tp_iternext, next as *const c_void),
        slot(ffi::Py_tp_traverse, traverse as *const c_void),
        slot(ffi::Py_tp_clear, clear as *const c_void),
        slot(ffi::Py_tp_dealloc, dealloc as *const c_void),
        slot(0, std::ptr::null()),
    ];
    let flags =
        ffi::Py_TPFLAGS_DEFAULT | ffi::Py_TPFLAGS_HAVE_GC | ffi::Py_TPFLAGS_DISALLOW_INSTANTIATION;
    let mut spec = ffi::PyType_Spec {
        name: c"_gangplank.Call".as_ptr(),
        basicsize: size_of::<Awaitable>() as c_int,
        itemsize: 0,
        flags: flags as u32,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: the caller's promise; the slots are those of an `Awaitable`, and names are static.
    let ty = unsafe { Object::new(ffi::PyType_FromSpec(&mut spec))? };
    let _ = TYPE.set(ty);
    Ok(())
}

type Fast = unsafe extern "C" fn(Raw, *mut Raw, ffi::Py_ssize_t) -> Raw;

fn fast(name: &'static std::ffi::CStr, method: Fast) -> ffi::PyMethodDef {
    ffi::PyMethodDef {
        ml_name: name.as_ptr(),
        ml_meth: ffi::PyMethodDefPointer {
            PyCFunctionFast: method,
        },
        ml_flags: ffi::METH_FASTCALL,
        ml_doc: std::ptr::null(),
    }
}

fn getter(name: &'static std::ffi::CStr) -> ffi::PyGetSetDef {
    ffi::PyGetSetDef {
        name: name.as_ptr(),
        get: Some(name_of),
        set: None,
        doc: std::ptr::null(),
        closure: std::ptr::null_mut(),
    }
}

/// The type.
pub(super) fn get() -> Result<&'static Object, Raised> {
    TYPE.get()
        .ok_or_else(|| type_error("the extension is not ready"))
}

unsafe extern "C" fn name_of(this: Raw, _: *mut c_void) -> Raw {
    // SAFETY: CPython passes an object of this type.
    unsafe {
        let function = &*(*this.cast::<Awaitable>()).function;
        Object::text(&function.name).map_or(std::ptr::null_mut(), Object::into_raw)
    }
}

unsafe extern "C" fn traverse(this: Raw, visit: ffi::visitproc, arg: *mut c_void) -> c_int {
    // SAFETY: CPython passes an object of this type, and what visits it.
    unsafe {
        let at = &*this.cast::<Awaitable>();
        let held = [
            ffi::Py_TYPE(this).cast(),
            at.object,
            at.many,
            at.future,
            at.thrown,
        ];
        show(held.into_iter().chain(at.few), visit, arg)
    }
}

unsafe extern "C" fn clear(this: Raw) -> c_int {
    // SAFETY: CPython passes an object of this type. What it holds leaves it before anybody can look.
    unsafe {
        let at = this.cast::<Awaitable>();
        end(at);
        let few = std::mem::replace(&mut (*at).few, [std::ptr::null_mut(); FEW]);
        let others = [
            &raw mut (*at).object,
            &raw mut (*at).many,
            &raw mut (*at).future,
            &raw mut (*at).thrown,
        ];
        let others = others.map(|place| std::ptr::replace(place, std::ptr::null_mut()));
        for held in few.into_iter().chain(others) {
            ffi::Py_XDECREF(held);
        }
    }
    0
}

unsafe extern "C" fn dealloc(this: Raw) {
    // SAFETY: nobody refers to the object any longer. An exception that is set stays set.
    unsafe {
        ffi::PyObject_GC_UnTrack(this.cast());
        let at = this.cast::<Awaitable>();
        if (*at).state != State::Done {
            keeping_exception(|| {
                if (*at).state == State::Fresh && !(*at).function.is_null() {
                    never_awaited(&(*(*at).function).name);
                }
                clear(this);
            });
        } else {
            clear(this);
        }
        free(this);
    }
}

/// What Python says of its own coroutines.
///
/// # Safety
/// The thread holds Python's lock; no exception is set.
#[cold]
unsafe fn never_awaited(name: &str) {
    let text = format!("coroutine '{name}' was never awaited\0");
    // SAFETY: the caller's promise, and a terminated text.
    unsafe {
        if ffi::PyErr_WarnEx(ffi::PyExc_RuntimeWarning, text.as_ptr().cast(), 1) != 0 {
            ffi::PyErr_WriteUnraisable(std::ptr::null_mut());
        }
    }
}
