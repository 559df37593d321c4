//! Functions that the host implements: requests on their way to Python, and answers.
//!
//! Comes in: a call of the library on one of its threads. Goes out: objects for its parameters, given to the helper, which
//! runs the user's function elsewhere; later its answer as a C struct, its exception as the declared error or as text.

use std::ffi::c_void;

use gangplank_cpython::{Fault, Object, Raw, Reader, Why, Writer, ffi, str_of};
use gangplank_model::lowered::{HostFunction, Param, Shape};

use crate::callback::{number, tell, with_lock};
use crate::errors::{self, Raised, raise_fault, raise_lacking, raise_refused, span};
use crate::frame::{Frame, Room};
use crate::library::Library;
use crate::object::{Lent, identity};
use crate::python::without_lock;

/// A host function. Invariant: it lives as long as the process.
pub(crate) struct Spec {
    library: &'static Library,
    function: &'static HostFunction,
    lent: Lent,
}

/// What is registered: `user_data` of the library's calls. It is freed by the library's release.
struct Registered {
    spec: &'static Spec,
    key: u64,
}

impl Spec {
    /// The host function of this name: of an object, or of any.
    pub(crate) fn new(
        library: &'static Library,
        object: Option<&str>,
        wire: &str,
    ) -> Result<&'static Self, Raised> {
        let objects = library.interface.objects.iter();
        let function = objects
            .filter(|of| object.is_none_or(|path| of.common.path == path))
            .flat_map(|of| &of.host_functions)
            .find(|function| function.wire == wire);
        let function = function.ok_or_else(|| library.lacks("host function", wire))?;
        Ok(Box::leak(Box::new(Self {
            library,
            function,
            lent: Lent(library),
        })))
    }

    /// Registers a key of the helper's for an object or for all objects from now on; without a key takes it back.
    ///
    /// # Safety
    /// `object` is one; the thread holds Python's lock.
    pub(crate) unsafe fn register(
        &'static self,
        object: Raw,
        key: Option<u64>,
    ) -> Result<(), Raised> {
        // SAFETY: the caller's promise; an export has its type. The library gives `user_data` back once, whatever it says;
        // what it replaces it may release during the call, which asks for the lock.
        unsafe {
            let exports = self.library.opened()?.exports;
            let handle = match object == ffi::Py_None() {
                true => 0,
                false => identity(object)?.1,
            };
            let what = || format!("host function {}", self.function.wire);
            let Some(register) = exports.register_host_fn else {
                return Err(raise_lacking(&what(), "register_host_fn"));
            };
            let name = span(&self.function.wire);
            let status = match key {
                Some(key) => {
                    let registered = Box::into_raw(Box::new(Registered { spec: self, key }));
                    let data = registered.cast::<c_void>();
                    without_lock(|| {
                        let calls = (Some(called as _), Some(cancelled as _));
                        register(handle, name, calls.0, calls.1, data, Some(released))
                    })
                }
                None => {
                    without_lock(|| register(handle, name, None, None, std::ptr::null_mut(), None))
                }
            };
            match status {
                errors::OK => Ok(()),
                status => Err(raise_refused(status, &what())),
            }
        }
    }

    /// Answers a call: with the result, with the declared error, or in words.
    ///
    /// # Safety
    /// `value` is one; the thread holds Python's lock.
    pub(crate) unsafe fn answer(
        &'static self,
        id: u64,
        status: i32,
        value: Raw,
    ) -> Result<(), Raised> {
        let ty = match status {
            errors::OK => self.function.result,
            errors::ERR => Some(self.function.error),
            _ => {
                // SAFETY: the caller's promise.
                unsafe {
                    let text = str_of(value)?;
                    without_lock(|| self.complete(id, status, text.as_ptr().cast(), text.len()));
                }
                return Ok(());
            }
        };
        let Some(ty) = ty else {
            // SAFETY: the caller's promise.
            unsafe { without_lock(|| self.complete(id, status, std::ptr::null(), 0)) };
            return Ok(());
        };
        let (frame, mut room) = (Frame::new(), Room::new());
        // SAFETY: the caller's promise. Frame and room outlive the answer, which the library copies.
        unsafe {
            let mut writer = Writer {
                plan: self.library.plan()?,
                handles: &self.lent,
                store: &frame,
            };
            let size = self.library.interface.ty(ty).size;
            let at = room.zeroed(size);
            match writer.write(ty, value, at) {
                Ok(()) => without_lock(|| self.complete(id, status, at.cast_const().cast(), size)),
                Err(fault) => {
                    let place = format!("the answer of {}", self.function.wire);
                    return Err(raise_fault(fault, &place));
                }
            }
        }
        Ok(())
    }

    /// Whether an answer is an error as the function declares it: a case of it, or text.
    ///
    /// # Safety
    /// `value` is an object; the thread holds Python's lock.
    pub(crate) unsafe fn declares(&'static self, value: Raw) -> Result<bool, Raised> {
        let error = self.function.error;
        // SAFETY: the caller's promise.
        unsafe {
            if matches!(self.library.interface.ty(error).shape, Shape::String) {
                return Ok(ffi::PyUnicode_Check(value) != 0);
            }
            for case in self.library.plan()?.cases(error) {
                match ffi::PyObject_IsInstance(value, case.class().raw()) {
                    0 => {}
                    1 => return Ok(true),
                    _ => return Err(Raised),
                }
            }
        }
        Ok(false)
    }

    /// Gives an answer; whoever is told wants no lock of Python's to be held meanwhile. That nobody waits for the answer any
    /// longer is the library's to count.
    fn complete(&self, id: u64, status: i32, result: *const c_void, len: usize) {
        let complete = self
            .library
            .is_open()
            .and_then(|open| open.exports.host_complete);
        if let Some(complete) = complete {
            // SAFETY: an export has its type, and what is answered is a struct of that size, or text.
            unsafe { complete(id, status, result, len) };
        }
    }

    /// Gives a request to the helper. What the library is told instead, if anything, is in `refusal` at every moment.
    ///
    /// # Safety
    /// `request` is the struct of the parameters; the thread holds Python's lock.
    unsafe fn start(
        &'static self,
        (key, id): (u64, u64),
        request: *const u8,
        refusal: &mut Option<Refusal>,
    ) -> Result<(), Raised> {
        // SAFETY: the caller's promise.
        unsafe {
            let text = "its arguments cannot be objects of Python";
            *refusal = Some((errors::HOST_ERROR, text));
            let arguments = read(self.library, &self.lent, &self.function.params, request)?;
            *refusal = Some((errors::HOST_ERROR, "it cannot be started"));
            let (key, call) = (number(key)?, number(id)?);
            let null = std::ptr::null_mut();
            let given = &mut [null, key.raw(), call.raw(), arguments.raw()];
            let taken = tell("_host_called", given)?.raw() == ffi::Py_True();
            // The status says it all.
            *refusal = (!taken).then_some((errors::NOT_REGISTERED, ""));
            Ok(())
        }
    }
}

/// Status and text for a request that nobody takes.
type Refusal = (i32, &'static str);

/// Objects for parameters, as a tuple.
///
/// # Safety
/// `at` is the struct of the parameters; the thread holds Python's lock.
pub(crate) unsafe fn read(
    library: &'static Library,
    lent: &Lent,
    params: &[Param],
    at: *const u8,
) -> Result<Object, Raised> {
    // SAFETY: the caller's promise; each place of the tuple is filled once.
    unsafe {
        let reader = Reader {
            plan: library.plan()?,
            handles: lent,
        };
        let tuple = Object::new(ffi::PyTuple_New(params.len() as ffi::Py_ssize_t))?;
        for (index, param) in params.iter().enumerate() {
            let value = reader.read(param.ty, at.add(param.offset));
            let value = value.map_err(|fault| raise_fault(fault, &param.name))?;
            ffi::PyTuple_SetItem(tuple.raw(), index as ffi::Py_ssize_t, value.into_raw());
        }
        Ok(tuple)
    }
}

unsafe extern "C" fn called(id: u64, request: *const c_void, data: *mut c_void) {
    // SAFETY: the library passes what was registered and the request's struct.
    unsafe {
        let Registered { spec, key } = &*data.cast::<Registered>();
        let mut refusal = Some((errors::HOST_ERROR, "Python is going down"));
        with_lock(|| spec.start((*key, id), request.cast(), &mut refusal));
        if let Some((status, text)) = refusal {
            spec.complete(id, status, text.as_ptr().cast(), text.len());
        }
    }
}

unsafe extern "C" fn cancelled(id: u64, data: *mut c_void) {
    // SAFETY: the library passes what was registered.
    unsafe {
        let key = (*data.cast::<Registered>()).key;
        with_lock(|| {
            let (key, call) = (number(key)?, number(id)?);
            let null = std::ptr::null_mut();
            tell("_host_cancelled", &mut [null, key.raw(), call.raw()])
        });
    }
}

unsafe extern "C" fn released(data: *mut c_void) {
    // SAFETY: the library passes what was registered, for the last time.
    let registered = unsafe { Box::from_raw(data.cast::<Registered>()) };
    with_lock(|| {
        // SAFETY: the thread holds the lock.
        unsafe {
            let key = number(registered.key)?;
            tell("_host_released", &mut [std::ptr::null_mut(), key.raw()])
        }
    });
}

/// What the helper calls a status that it cannot know.
pub(crate) fn status(object: &str) -> Result<i32, Fault> {
    Ok(match object {
        "ok" => errors::OK,
        "error" => errors::ERR,
        "panic" => errors::HOST_PANIC,
        "cancelled" => errors::CANCELLED,
        "deadline" => errors::DEADLINE,
        "failed" => errors::HOST_ERROR,
        other => return Err(Fault::wrong(Why::Value, format!("{other} is no outcome"))),
    })
}
