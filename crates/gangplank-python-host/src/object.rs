//! Objects of the library as objects of Python.
//!
//! Comes in: handles. Goes out: objects of the class that the package has. While one is alive, its handle gives the same
//! one again; with it goes the handle's share. What was registered with the library for an object (listeners, host
//! functions) is kept by it, where Python's collector sees it.

use std::collections::HashMap;
use std::ffi::{CString, c_char, c_int, c_void};
use std::mem::offset_of;
use std::sync::{Mutex, MutexGuard, PoisonError};

use gangplank_cpython::{Fault, Handles, Object, Raw, Why, class_name, ffi, thread, type_name};
use xllr::abi::RawCall;

use crate::errors::{self, Raised, type_error};
use crate::function::Ended;
use crate::library::Library;
use crate::python::{free, keeping_exception, show, slot, without_lock};

/// An object. Invariant: `library` and the class live as long as the process; `handle` has one share of ours unless `ended`.
#[repr(C)]
struct Wrapper {
    base: ffi::PyObject,
    handle: u64,
    library: *const Library,
    index: usize,
    ended: bool,
    /// What is registered for it: a dictionary, or NULL.
    kept: Raw,
    weak: Raw,
}

/// A class and its objects that are alive, by handle. They are not held: an object leaves before it is gone.
pub(crate) struct Class {
    class: Object,
    alive: Mutex<HashMap<u64, usize>>,
}

impl Class {
    fn alive(&self) -> MutexGuard<'_, HashMap<u64, usize>> {
        self.alive.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The handle's object goes, if it is this one.
    fn forget(&self, handle: u64, object: Raw) {
        let mut alive = self.alive();
        if alive.get(&handle) == Some(&(object as usize)) {
            alive.remove(&handle);
        }
    }
}

/// Makes the class of an object.
///
/// # Safety
/// The thread holds Python's lock.
pub(crate) unsafe fn class(
    library: &'static Library,
    path: &str,
    name: &str,
    doc: &str,
) -> Result<Object, Raised> {
    let objects = &library.interface.objects;
    let index = objects.iter().position(|object| object.common.path == path);
    let index = index.ok_or_else(|| library.lacks("object", path))?;
    let no_nul = |_| type_error("a name holds NUL");
    let name = CString::new(name).map_err(no_nul)?;
    let doc = CString::new(doc.replace('\0', "\\0")).map_err(no_nul)?;
    const READONLY: c_int = 1;
    const T_PYSSIZET: c_int = 19;
    let members = Box::leak(Box::new([
        ffi::PyMemberDef {
            name: c"__weaklistoffset__".as_ptr(),
            type_code: T_PYSSIZET,
            offset: offset_of!(Wrapper, weak) as ffi::Py_ssize_t,
            flags: READONLY,
            doc: std::ptr::null(),
        },
        ffi::PyMemberDef::default(),
    ]));
    let mut slots = [
        slot(ffi::Py_tp_members, members.as_ptr().cast()),
        slot(ffi::Py_tp_doc, doc.as_ptr().cast()),
        slot(ffi::Py_tp_new, refuse_new as *const c_void),
        slot(ffi::Py_tp_traverse, traverse as *const c_void),
        slot(ffi::Py_tp_clear, clear as *const c_void),
        slot(ffi::Py_tp_dealloc, dealloc as *const c_void),
        slot(0, std::ptr::null()),
    ];
    // Before 3.11 the type refers to its name.
    let name: *const c_char = name.into_raw();
    let mut spec = ffi::PyType_Spec {
        name,
        basicsize: size_of::<Wrapper>() as c_int,
        itemsize: 0,
        flags: (ffi::Py_TPFLAGS_DEFAULT | ffi::Py_TPFLAGS_HAVE_GC) as u32,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: the caller's promise; the slots are those of a `Wrapper`.
    unsafe {
        let made = Object::new(ffi::PyType_FromSpec(&mut spec))?;
        let class = Class {
            class: Object::share(made.raw())?,
            alive: Mutex::default(),
        };
        if library.classes[index].set(class).is_err() {
            let text = format!("the class of {path} is there already");
            return Err(type_error(&text));
        }
        Ok(made)
    }
}

/// Handles of a library: what comes in is ours to release.
pub(crate) struct Owned {
    library: *const Library,
}

/// Handles of events and of requests: they are lent, and who keeps one takes a share.
pub(crate) struct Lent(pub(crate) &'static Library);

// SAFETY: the pointer is to a library, which lives as long as the process and may be used by any thread.
unsafe impl Send for Owned {}
// SAFETY: as above.
unsafe impl Sync for Owned {}

impl Owned {
    pub(crate) fn new(library: &'static Library) -> Self {
        Self { library }
    }

    fn library(&self) -> &'static Library {
        // SAFETY: it was made from such a reference.
        unsafe { &*self.library }
    }
}

impl Handles for Owned {
    unsafe fn wrap(&self, index: usize, handle: u64) -> Result<Object, Fault> {
        let library = self.library();
        // SAFETY: the caller's promise.
        unsafe {
            let known = known(library, index, handle);
            if let Ok(None) = known {
                return make(library, index, handle, false);
            }
            release(library, handle);
            known.and_then(|known| known.ok_or(Fault::Raised))
        }
    }

    unsafe fn release(&self, _: usize, handle: u64) {
        // SAFETY: the caller's promise.
        unsafe { release(self.library(), handle) }
    }

    unsafe fn handle(&self, index: usize, object: Raw) -> Result<u64, Fault> {
        // SAFETY: the caller's promise.
        unsafe { handle_of(self.library(), index, object) }
    }
}

impl Handles for Lent {
    unsafe fn wrap(&self, index: usize, handle: u64) -> Result<Object, Fault> {
        let library = self.0;
        // SAFETY: the caller's promise; an export has its type.
        unsafe {
            if let Some(known) = known(library, index, handle)? {
                return Ok(known);
            }
            let share = library.is_open().and_then(|opened| opened.exports.share);
            let shared = share.map_or(errors::OK, |share| share(handle));
            // One that is closed already is an object all the same, and says so when it is called.
            make(library, index, handle, shared != errors::OK)
        }
    }

    /// It is lent.
    unsafe fn release(&self, _: usize, _: u64) {}

    unsafe fn handle(&self, index: usize, object: Raw) -> Result<u64, Fault> {
        // SAFETY: the caller's promise.
        unsafe { handle_of(self.0, index, object) }
    }
}

fn of(library: &'static Library, index: usize) -> Result<&'static Class, Fault> {
    library.classes[index].get().ok_or_else(|| {
        let path = &library.interface.objects[index].common.path;
        let text = format!("the package has no class for {path}; generate it again");
        Fault::wrong(Why::Value, text)
    })
}

/// The object that a handle has already.
///
/// # Safety
/// The thread holds Python's lock.
unsafe fn known(
    library: &'static Library,
    index: usize,
    handle: u64,
) -> Result<Option<Object>, Fault> {
    let found = of(library, index)?.alive().get(&handle).copied();
    // SAFETY: what is in the table is alive: objects leave it before they are gone, under the lock.
    found
        .map(|address| unsafe { Object::share(address as *mut ffi::PyObject) })
        .transpose()
}

/// # Safety
/// The thread holds Python's lock; the handle's share is the caller's to give, unless it is `ended`.
unsafe fn make(
    library: &'static Library,
    index: usize,
    handle: u64,
    ended: bool,
) -> Result<Object, Fault> {
    let class = of(library, index)?;
    // SAFETY: the caller's promise; the new object is a `Wrapper` of zeros.
    unsafe {
        let made = match Object::new(ffi::PyType_GenericAlloc(class.class.raw().cast(), 0)) {
            Ok(made) => made,
            Err(fault) => {
                if !ended {
                    release(library, handle);
                }
                return Err(fault);
            }
        };
        let wrapper = made.raw().cast::<Wrapper>();
        (*wrapper).handle = handle;
        (*wrapper).library = library;
        (*wrapper).index = index;
        (*wrapper).ended = ended;
        class.alive().insert(handle, made.raw() as usize);
        Ok(made)
    }
}

/// The handle of an object.
///
/// # Safety
/// `object` is one; the thread holds Python's lock.
#[inline]
pub(crate) unsafe fn handle_of(
    library: &'static Library,
    index: usize,
    object: Raw,
) -> Result<u64, Fault> {
    // SAFETY: the caller's promise; an object of the class is a `Wrapper`.
    unsafe {
        match library.classes[index].get() {
            Some(class) if ffi::Py_TYPE(object) == class.class.raw().cast() => {
                Ok((*object.cast::<Wrapper>()).handle)
            }
            _ => Err(other(library, index, object)),
        }
    }
}

#[cold]
unsafe fn other(library: &'static Library, index: usize, object: Raw) -> Fault {
    let wanted = &library.interface.objects[index].common.name;
    // SAFETY: the promise of `handle_of`.
    let found = unsafe { type_name(object) };
    Fault::wrong(Why::Type, format!("expected {wanted}, not {found}"))
}

/// Gives a share back. The library's object may end with it, which may take any lock.
///
/// # Safety
/// The thread holds Python's lock; the share was ours.
unsafe fn release(library: &'static Library, handle: u64) {
    let release = library.is_open().and_then(|opened| opened.exports.release);
    let Some(release) = release else { return };
    // SAFETY: the caller's promise; an export has its type. While Python ends, nobody else wants the lock. What the library
    // gives back with the object calls Python on this thread, which an object leaves also while an exception unwinds.
    unsafe {
        match thread::finalizing() {
            true => release(handle),
            false => keeping_exception(|| without_lock(|| release(handle))),
        }
    }
}

/// Which object this is: library, and handle.
///
/// # Safety
/// `object` is one; the thread holds Python's lock.
pub(crate) unsafe fn identity(object: Raw) -> Result<(&'static Library, u64), Raised> {
    // SAFETY: the caller's promise; only a class of ours deallocates so.
    unsafe {
        let slot = ffi::PyType_GetSlot(ffi::Py_TYPE(object), ffi::Py_tp_dealloc);
        if slot.cast_const() != dealloc as *const c_void {
            let text = format!("expected an object of a library, not {}", type_name(object));
            return Err(type_error(&text));
        }
        let wrapper = object.cast::<Wrapper>();
        Ok((&*(*wrapper).library, (*wrapper).handle))
    }
}

/// Closes an object: its pending calls are cancelled, running ones waited for, if `wait`. Whether it is closed.
///
/// # Safety
/// `object` is one; the thread holds Python's lock.
pub(crate) unsafe fn close(object: Raw, wait: bool) -> Result<bool, Raised> {
    // SAFETY: the caller's promise, and `identity` has looked at the object's class.
    unsafe {
        let (library, handle) = identity(object)?;
        let wrapper = object.cast::<Wrapper>();
        let close = library.is_open().and_then(|opened| opened.exports.close);
        let Some(close) = close.filter(|_| !(*wrapper).ended) else {
            return Ok(true);
        };
        let mut call = Ended(RawCall::new());
        call.0.timeout_ns = if wait { 0 } else { -1 };
        let status = without_lock(|| close(handle, &mut call.0));
        if status == errors::STUCK && !wait {
            return Ok(false);
        }
        (*wrapper).ended = true;
        match status {
            errors::OK | errors::STALE_HANDLE => Ok(true),
            status => Err(errors::raise_ended(status, &call.0)),
        }
    }
}

/// What is registered for an object.
///
/// # Safety
/// `object` is one; the thread holds Python's lock.
pub(crate) unsafe fn kept(object: Raw) -> Result<Object, Raised> {
    // SAFETY: the caller's promise, and `identity` has looked at the object's class.
    unsafe {
        identity(object)?;
        let wrapper = object.cast::<Wrapper>();
        if (*wrapper).kept.is_null() {
            // Making it may collect garbage, whose own code may give the lock away: another thread may have made one.
            let made = Object::new(ffi::PyDict_New())?;
            if (*wrapper).kept.is_null() {
                (*wrapper).kept = made.into_raw();
            }
        }
        Ok(Object::share((*wrapper).kept)?)
    }
}

unsafe extern "C" fn refuse_new(class: *mut ffi::PyTypeObject, _: Raw, _: Raw) -> Raw {
    // SAFETY: CPython passes a class, and holds the lock.
    unsafe {
        let name = class_name(class.cast());
        let text = format!("{name} cannot be made by itself: call one of its constructors");
        let _ = type_error(&text);
    }
    std::ptr::null_mut()
}

unsafe extern "C" fn traverse(this: Raw, visit: ffi::visitproc, arg: *mut c_void) -> c_int {
    // SAFETY: CPython passes an object of ours, and what visits it.
    unsafe {
        let held = [ffi::Py_TYPE(this).cast(), (*this.cast::<Wrapper>()).kept];
        show(held, visit, arg)
    }
}

unsafe extern "C" fn clear(this: Raw) -> c_int {
    // SAFETY: CPython passes an object of ours. It is without the dictionary before anybody can look.
    unsafe {
        let kept = std::mem::replace(&mut (*this.cast::<Wrapper>()).kept, std::ptr::null_mut());
        ffi::Py_XDECREF(kept);
    }
    0
}

unsafe extern "C" fn dealloc(this: Raw) {
    // SAFETY: nobody refers to the object any longer. It leaves the table before the lock can be given away.
    unsafe {
        ffi::PyObject_GC_UnTrack(this.cast());
        let wrapper = this.cast::<Wrapper>();
        if !(*wrapper).library.is_null() {
            let library = &*(*wrapper).library;
            if let Some(class) = library.classes[(*wrapper).index].get() {
                class.forget((*wrapper).handle, this);
            }
        }
        if !(*wrapper).weak.is_null() {
            ffi::PyObject_ClearWeakRefs(this);
        }
        clear(this);
        if !(*wrapper).library.is_null() && !(*wrapper).ended {
            release(&*(*wrapper).library, (*wrapper).handle);
        }
        free(this);
    }
}
