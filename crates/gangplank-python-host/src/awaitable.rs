//! A call of an async function: a coroutine of asyncio.
//!
//! It starts when it is first awaited. When the library is ready at once the result is there without a turn of the loop;
//! else the coroutine waits for a future of the running loop, and wakes when the library's completion arrives on the loop's
//! queue. Whoever cancels the task cancels the call; the coroutine ends when the library has dropped its future.

mod running;

use std::ffi::{c_int, c_void};
use std::sync::OnceLock;

use gangplank_cpython::{Fault, Object, Raw, call, ffi};

use crate::errors::{Raised, type_error};
use crate::function::Function;
use crate::pending::Pending;
use crate::python::{free, guard, keeping_exception, none, slot};
pub(crate) use running::deliver;
use running::{cancel, finish, leave, start, wait_again};

const FEW: usize = 4;

/// A coroutine. Invariant: `few` and `many` are references of ours to `count` arguments, until it has started; `pending` is a
/// call that waits, or NULL.
#[repr(C)]
struct Awaitable {
    base: ffi::PyObject,
    function: *const Function,
    /// Of a method.
    object: Raw,
    count: usize,
    few: [Raw; FEW],
    /// The others, if there are any: a tuple.
    many: Raw,
    state: State,
    pending: *mut Pending,
    future: Raw,
    /// What is raised when the call has ended, because it was thrown in.
    thrown: Raw,
}

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum State {
    Fresh,
    Running,
    Waiting,
    Done,
}

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

/// A call that has not started, with its arguments.
///
/// # Safety
/// As for [`Function::call`].
#[inline]
pub(crate) unsafe fn make(
    function: &'static Function,
    object: Raw,
    arguments: *const Raw,
    count: usize,
    keywords: Raw,
) -> Result<Object, Raised> {
    // SAFETY: the caller's promise.
    unsafe {
        if keywords.is_null() && count == function.arity() {
            return fresh(function, object, arguments, count);
        }
        let ordered = function.order(arguments, count, keywords)?;
        fresh(function, object, ordered.as_ptr(), ordered.len())
    }
}

/// # Safety
/// As for [`make`], with an argument for each parameter.
#[inline]
unsafe fn fresh(
    function: &'static Function,
    object: Raw,
    arguments: *const Raw,
    count: usize,
) -> Result<Object, Raised> {
    let Some(ty) = TYPE.get() else {
        return Err(type_error("the extension is not ready"));
    };
    // SAFETY: the caller's promise; the new object is an `Awaitable` of zeros, which is fresh.
    unsafe {
        let made = Object::new(ffi::PyType_GenericAlloc(ty.raw().cast(), 0))?;
        let this = &mut *made.raw().cast::<Awaitable>();
        this.function = function;
        if !object.is_null() {
            ffi::Py_INCREF(object);
            this.object = object;
        }
        for (index, place) in this.few.iter_mut().enumerate().take(count) {
            let argument = *arguments.add(index);
            ffi::Py_INCREF(argument);
            *place = argument;
        }
        this.count = count;
        if count > FEW {
            let rest = Object::new(ffi::PyTuple_New((count - FEW) as ffi::Py_ssize_t))?;
            for index in FEW..count {
                let argument = Object::share(*arguments.add(index))?.into_raw();
                let place = (index - FEW) as ffi::Py_ssize_t;
                ffi::PyTuple_SetItem(rest.raw(), place, argument);
            }
            this.many = rest.into_raw();
        }
        Ok(made)
    }
}

/// What a step has come to.
enum Step {
    /// The future to wait for.
    Wait(Object),
    /// The result.
    Value(Object),
}

/// # Safety
/// `this` is an awaitable; the thread holds Python's lock. For all functions of this module.
unsafe fn step(this: *mut Awaitable) -> Result<Step, Raised> {
    // SAFETY: the caller's promise.
    unsafe {
        match (*this).state {
            State::Fresh => {
                (*this).state = State::Running;
                let started = start(this);
                let waits = matches!(started, Ok(Step::Wait(_)));
                (*this).state = if waits { State::Waiting } else { State::Done };
                started
            }
            State::Waiting if (*(*this).pending).delivered => {
                (*this).state = State::Done;
                finish(this).map(Step::Value)
            }
            State::Waiting => wait_again(this).map(Step::Wait),
            State::Running => Err(value_error(c"coroutine already executing")),
            State::Done => Err(runtime_error(c"cannot reuse already awaited coroutine")),
        }
    }
}

/// Turns a step into what an iterator returns.
///
/// # Safety
/// See [`step`].
unsafe fn yielded(step: Result<Step, Raised>) -> Result<Object, Raised> {
    // SAFETY: see `step`.
    unsafe {
        match step? {
            Step::Wait(future) => {
                // What a task looks for: this future is waited for, not just returned.
                let name = c"_asyncio_future_blocking".as_ptr();
                if ffi::PyObject_SetAttrString(future.raw(), name, ffi::Py_True()) != 0 {
                    return Err(Raised);
                }
                Ok(future)
            }
            Step::Value(value) => {
                stop(value.raw());
                Err(Raised)
            }
        }
    }
}

/// Ends an iterator with a value.
///
/// # Safety
/// `value` is an object; the thread holds Python's lock.
unsafe fn stop(value: Raw) {
    // SAFETY: the caller's promise.
    unsafe {
        // A tuple or an exception would be taken for the arguments of `StopIteration`, or for itself.
        let plain = ffi::PyTuple_Check(value) == 0
            && ffi::PyObject_IsInstance(value, ffi::PyExc_BaseException) == 0;
        if plain {
            ffi::PyErr_SetObject(ffi::PyExc_StopIteration, value);
            return;
        }
        if let Ok(stop) = call(ffi::PyExc_StopIteration, &mut [std::ptr::null_mut(), value]) {
            ffi::PyErr_SetObject(ffi::PyExc_StopIteration, stop.raw());
        }
    }
}

unsafe extern "C" fn next(this: Raw) -> Raw {
    // SAFETY: CPython passes an object of this type, and holds the lock.
    unsafe { guard(|| yielded(step(this.cast()))) }
}

unsafe extern "C" fn send(this: Raw, _: *mut Raw, _: ffi::Py_ssize_t) -> Raw {
    // SAFETY: as above.
    unsafe { next(this) }
}

unsafe extern "C" fn itself(this: Raw) -> Raw {
    // SAFETY: CPython passes an object.
    unsafe { ffi::Py_INCREF(this) };
    this
}

/// An exception is thrown in, mostly `CancelledError`: the call is cancelled, and when it has ended the exception is raised.
unsafe extern "C" fn throw(this: Raw, arguments: *mut Raw, count: ffi::Py_ssize_t) -> Raw {
    // SAFETY: CPython passes an object of this type and its arguments, and holds the lock.
    unsafe {
        guard(|| {
            let this = this.cast::<Awaitable>();
            let exception = thrown(arguments, count)?;
            let ends = ffi::PyObject_IsInstance(exception.raw(), ffi::PyExc_GeneratorExit) == 1;
            if (*this).state != State::Waiting || ends {
                end(this);
                let class = ffi::Py_TYPE(exception.raw()).cast();
                ffi::PyErr_SetObject(class, exception.raw());
                return Err(Raised);
            }
            let before = std::mem::replace(&mut (*this).thrown, exception.into_raw());
            ffi::Py_XDECREF(before);
            // Whoever throws no longer waits for it.
            let future = std::mem::replace(&mut (*this).future, std::ptr::null_mut());
            ffi::Py_XDECREF(future);
            let pending = (*this).pending;
            cancel((*pending).function, (*pending).call.0.id);
            yielded(step(this))
        })
    }
}

/// The exception of `throw(exception)`, `throw(class)` or `throw(class, value)`.
///
/// # Safety
/// `arguments` are `count` objects; the thread holds Python's lock.
unsafe fn thrown(arguments: *const Raw, count: ffi::Py_ssize_t) -> Result<Object, Raised> {
    // SAFETY: the caller's promise.
    unsafe {
        if count == 0 {
            return Err(type_error("throw() needs an exception"));
        }
        let (first, second) = (*arguments, (count > 1).then(|| *arguments.add(1)));
        let is = |object: Raw| ffi::PyObject_IsInstance(object, ffi::PyExc_BaseException) == 1;
        if is(first) {
            return Ok(Object::share(first)?);
        }
        let made = match second.filter(|second| *second != ffi::Py_None()) {
            Some(second) if is(second) => Object::share(second)?,
            Some(second) => call(first, &mut [std::ptr::null_mut(), second])?,
            None => call(first, &mut [std::ptr::null_mut()])?,
        };
        match is(made.raw()) {
            true => Ok(made),
            false => Err(type_error("exceptions must derive from BaseException")),
        }
    }
}

unsafe extern "C" fn close(this: Raw, _: *mut Raw, _: ffi::Py_ssize_t) -> Raw {
    // SAFETY: CPython passes an object of this type, and holds the lock.
    unsafe {
        guard(|| {
            end(this.cast());
            Ok(none())
        })
    }
}

/// Ends a coroutine, wherever it is.
///
/// # Safety
/// See [`step`].
unsafe fn end(this: *mut Awaitable) {
    // SAFETY: see `step`.
    unsafe {
        match (*this).state {
            State::Running => {}
            _ => {
                (*this).state = State::Done;
                leave(this);
            }
        }
    }
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
        for held in held.into_iter().chain(at.few) {
            if !held.is_null() {
                let found = visit(held, arg);
                if found != 0 {
                    return found;
                }
            }
        }
    }
    0
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

fn value_error(text: &std::ffi::CStr) -> Raised {
    // SAFETY: whoever raises holds the lock; a terminated text.
    unsafe { ffi::PyErr_SetString(ffi::PyExc_ValueError, text.as_ptr()) };
    Raised
}

fn runtime_error(text: &std::ffi::CStr) -> Raised {
    // SAFETY: as above.
    unsafe { ffi::PyErr_SetString(ffi::PyExc_RuntimeError, text.as_ptr()) };
    Raised
}
