//! The extension's own functions, for its helper in Python: `_native_library` and so on.

use std::ffi::CStr;

use gangplank_cpython::{Fault, Object, Raw, bytes_of, ffi, str_of};

use crate::errors::Raised;
use crate::function::Function;
use crate::library::{self, Library};
use crate::pending::Wake;
use crate::python::{arguments, guard, none};
use crate::{awaitable, callable, callback, capsule, errors, event, host, object, operate, wake};

type Fast = unsafe extern "C" fn(Raw, *mut Raw, ffi::Py_ssize_t) -> Raw;

/// Defines a function that takes `N` objects. In its body `unsafe` code may count on Python's lock.
macro_rules! functions {
    ($($name:ident($arguments:ident: $count:literal) $body:block)*) => {
        $(unsafe extern "C" fn $name(_: Raw, at: *mut Raw, count: ffi::Py_ssize_t) -> Raw {
            guard(|| {
                // SAFETY: CPython passes that many objects.
                let $arguments = unsafe { arguments::<$count>(at, count)? };
                $body
            })
        })*

        const FUNCTIONS: &[(&CStr, Fast)] = &[$((name(concat!("_native_", stringify!($name), "\0")), $name),)*];
    };
}

const fn name(text: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(text.as_bytes()) {
        Ok(name) => name,
        Err(_) => panic!("a name is terminated"),
    }
}

functions! {
    library(given: 6) {
        let [name, runtime, module, here, interface, types] = *given;
        // SAFETY: CPython holds the lock, and passes objects that outlive the call.
        unsafe {
            let names = [str_of(name)?, str_of(runtime)?, str_of(module)?, str_of(here)?];
            let types = Object::share(types)?;
            let library = Library::new(names, bytes_of(interface)?, types)?;
            Ok(library::to_capsule(library)?)
        }
    }

    function(given: 6) {
        let [library, path, name, params, doc, package] = *given;
        // SAFETY: as above.
        unsafe {
            let library = library::of_capsule(library)?;
            let params = Object::share(params)?;
            let signature = signature("", &params)?;
            let function = Function::new(library, str_of(path)?, str_of(name)?, &params)?;
            callable::builtin(function, (str_of(name)?, package), doc, &signature)
        }
    }

    method(given: 6) {
        let [library, path, name, params, doc, package] = *given;
        // SAFETY: as above.
        unsafe {
            let library = library::of_capsule(library)?;
            let params = Object::share(params)?;
            let full = str_of(name)?;
            let function = Function::new(library, str_of(path)?, full, &params)?;
            if function.object.is_some() {
                return Ok(callable::method(function, doc, &signature("$self", &params)?)?);
            }
            let short = full.rsplit('.').next().unwrap_or(full);
            callable::builtin(function, (short, package), doc, &signature("", &params)?)
        }
    }

    class(given: 4) {
        let [library, path, name, doc] = *given;
        // SAFETY: as above.
        unsafe {
            let library = library::of_capsule(library)?;
            object::class(library, str_of(path)?, str_of(name)?, str_of(doc)?)
        }
    }

    load(given: 2) {
        let [library, path] = *given;
        // SAFETY: as above.
        unsafe {
            let library = library::of_capsule(library)?;
            if path != ffi::Py_None() {
                library.choose(str_of(path)?)?;
            }
            library.plan()?;
            library.compare()?;
        }
        Ok(none())
    }

    close(given: 2) {
        let [object, wait] = *given;
        // SAFETY: as above.
        unsafe {
            let closed = object::close(object, wait == ffi::Py_True())?;
            Ok(Object::new(ffi::PyBool_FromLong(closed.into()))?)
        }
    }

    kept(given: 1) {
        // SAFETY: as above.
        unsafe { object::kept(given[0]) }
    }

    host(given: 3) {
        let [library, object, wire] = *given;
        // SAFETY: as above.
        unsafe {
            let library = library::of_capsule(library)?;
            let object = optional(object).map(|object| str_of(object)).transpose()?;
            Ok(capsule::make(HOST, host::Spec::new(library, object, str_of(wire)?)?)?)
        }
    }

    register(given: 3) {
        let [spec, object, key] = *given;
        // SAFETY: as above; the capsule is one of `host`.
        unsafe {
            let spec = capsule::take::<host::Spec>(HOST, spec)?;
            let key = optional(key).map(|key| number(key)).transpose()?;
            spec.register(object, key)?;
        }
        Ok(none())
    }

    answer(given: 4) {
        let [spec, call, outcome, value] = *given;
        // SAFETY: as above.
        unsafe {
            let spec = capsule::take::<host::Spec>(HOST, spec)?;
            spec.answer(number(call)?, host::status(str_of(outcome)?)?, value)?;
        }
        Ok(none())
    }

    is_declared(given: 2) {
        let [spec, value] = *given;
        // SAFETY: as above.
        unsafe {
            let declared = capsule::take::<host::Spec>(HOST, spec)?.declares(value)?;
            Ok(Object::new(ffi::PyBool_FromLong(declared.into()))?)
        }
    }

    event(given: 3) {
        let [library, object, wire] = *given;
        // SAFETY: as above; the tuple's places are filled once.
        unsafe {
            let library = library::of_capsule(library)?;
            let spec = event::Spec::new(library, str_of(object)?, str_of(wire)?)?;
            let arity = Object::new(ffi::PyLong_FromSize_t(spec.arity()))?;
            pair(capsule::make(EVENT, spec)?, arity)
        }
    }

    listen(given: 3) {
        let [spec, object, key] = *given;
        // SAFETY: as above; the capsule is one of `event`.
        unsafe {
            let spec = capsule::take::<event::Spec>(EVENT, spec)?;
            callback::number(spec.listen(object, number(key)?)?)
        }
    }

    unlisten(given: 2) {
        let [spec, listener] = *given;
        // SAFETY: as above.
        unsafe { capsule::take::<event::Spec>(EVENT, spec)?.remove(number(listener)?) };
        Ok(none())
    }

    stats(given: 1) {
        // SAFETY: as above.
        unsafe { operate::stats(library::of_capsule(given[0])?) }
    }

    set_log(given: 3) {
        let [library, level, key] = *given;
        // SAFETY: as above.
        unsafe {
            let level = u32::try_from(number(level)?).unwrap_or(u32::MAX);
            operate::set_log(library::of_capsule(library)?, level, number(key)?)?;
        }
        Ok(none())
    }

    shut(_given: 0) {
        // SAFETY: as above.
        unsafe { callback::shut() };
        Ok(none())
    }

    wake(_given: 0) {
        let wake = Wake::new().map_err(|error| errors::raise("LimitError", &format!("no pipe: {error}")))?;
        // SAFETY: as above; the tuple's places are filled once.
        unsafe {
            let fd = Object::new(ffi::PyLong_FromLong(wake.fd().into()))?;
            pair(wake::to_capsule(wake)?, fd)
        }
    }

    deliver(given: 1) {
        // SAFETY: as above.
        unsafe { awaitable::deliver(&*wake::of_capsule(given[0])?) }
    }
}

/// Adds the functions to the module.
///
/// # Safety
/// The thread holds Python's lock.
pub(crate) unsafe fn add(module: &Object) -> Result<(), Fault> {
    for (name, function) in FUNCTIONS {
        let definition = Box::leak(Box::new(ffi::PyMethodDef {
            ml_name: name.as_ptr(),
            ml_meth: ffi::PyMethodDefPointer {
                PyCFunctionFast: *function,
            },
            ml_flags: ffi::METH_FASTCALL,
            ml_doc: std::ptr::null(),
        }));
        // SAFETY: the caller's promise; the definition lives as long as the process.
        unsafe {
            let null = std::ptr::null_mut();
            let made = Object::new(ffi::PyCFunction_NewEx(definition, null, null))?;
            if ffi::PyObject_SetAttrString(module.raw(), name.as_ptr(), made.raw()) != 0 {
                return Err(Fault::Raised);
            }
        }
    }
    Ok(())
}

const HOST: &CStr = c"gangplank host function";
const EVENT: &CStr = c"gangplank event";

/// # Safety
/// The thread holds Python's lock.
unsafe fn pair(first: Object, second: Object) -> Result<Object, Raised> {
    // SAFETY: the caller's promise; each place is filled once.
    unsafe {
        let pair = Object::new(ffi::PyTuple_New(2))?;
        ffi::PyTuple_SetItem(pair.raw(), 0, first.into_raw());
        ffi::PyTuple_SetItem(pair.raw(), 1, second.into_raw());
        Ok(pair)
    }
}

/// `None` for `None`.
fn optional(object: Raw) -> Option<Raw> {
    // SAFETY: only compares an address.
    (object != unsafe { ffi::Py_None() }).then_some(object)
}

/// # Safety
/// `object` is one; the thread holds Python's lock.
unsafe fn number(object: Raw) -> Result<u64, Raised> {
    // SAFETY: the caller's promise.
    unsafe {
        let number = ffi::PyLong_AsUnsignedLongLong(object);
        match number == u64::MAX && !ffi::PyErr_Occurred().is_null() {
            true => Err(Raised),
            false => Ok(number),
        }
    }
}

/// `(x, y)`, as `inspect.signature` reads it.
///
/// # Safety
/// The thread holds Python's lock; `params` is a tuple of texts.
unsafe fn signature(first: &str, params: &Object) -> Result<String, Fault> {
    let mut names = Vec::new();
    if !first.is_empty() {
        names.push(first);
    }
    // SAFETY: the caller's promise.
    unsafe {
        for index in 0..ffi::PyTuple_Size(params.raw()) {
            names.push(str_of(ffi::PyTuple_GetItem(params.raw(), index))?);
        }
    }
    Ok(format!("({})", names.join(", ")))
}
