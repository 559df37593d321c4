//! Functions and methods as objects of Python.
//!
//! A function is a builtin whose `self` is a [`Callable`]. A method is the callable itself, found on its class: CPython
//! calls it with the object as the first argument and makes no bound method (`Py_TPFLAGS_METHOD_DESCRIPTOR`).

use std::ffi::{CString, c_char, c_int, c_ulong, c_void};
use std::mem::offset_of;
use std::sync::OnceLock;

use gangplank_cpython::{Fault, Object, Raw, call, ffi, str_of};

use crate::awaitable;
use crate::errors::{Raised, type_error};
use crate::function::Function;
use crate::python::{guard, slot};

/// A function that is `self` of a builtin, or a method. Invariant: `function` lives as long as the process.
#[repr(C)]
struct Callable {
    base: ffi::PyObject,
    vectorcall: Option<Vectorcall>,
    function: *const Function,
    name: Raw,
    doc: Raw,
    signature: Raw,
}

type Vectorcall = unsafe extern "C" fn(Raw, *const Raw, usize, Raw) -> Raw;

/// `PY_VECTORCALL_ARGUMENTS_OFFSET`
const OFFSET: usize = 1 << (usize::BITS - 1);

static TYPE: OnceLock<Object> = OnceLock::new();
static BOUND: OnceLock<Object> = OnceLock::new();

/// Makes the type of callables.
///
/// # Safety
/// The thread holds Python's lock.
pub(crate) unsafe fn init() -> Result<(), Fault> {
    const READONLY: c_int = 1;
    const T_OBJECT: c_int = 6;
    const T_PYSSIZET: c_int = 19;
    let member = |name: *const c_char, type_code, offset: usize| ffi::PyMemberDef {
        name,
        type_code,
        offset: offset as ffi::Py_ssize_t,
        flags: READONLY,
        doc: std::ptr::null(),
    };
    let members = Box::leak(Box::new([
        member(
            c"__vectorcalloffset__".as_ptr(),
            T_PYSSIZET,
            offset_of!(Callable, vectorcall),
        ),
        member(c"__name__".as_ptr(), T_OBJECT, offset_of!(Callable, name)),
        member(
            c"__qualname__".as_ptr(),
            T_OBJECT,
            offset_of!(Callable, name),
        ),
        member(c"__doc__".as_ptr(), T_OBJECT, offset_of!(Callable, doc)),
        member(
            c"__text_signature__".as_ptr(),
            T_OBJECT,
            offset_of!(Callable, signature),
        ),
        ffi::PyMemberDef::default(),
    ]));
    let mut slots = [
        slot(ffi::Py_tp_members, members.as_ptr().cast()),
        slot(ffi::Py_tp_call, slow_call as *const c_void),
        slot(ffi::Py_tp_descr_get, bind as *const c_void),
        slot(ffi::Py_tp_repr, repr as *const c_void),
        slot(ffi::Py_tp_dealloc, dealloc as *const c_void),
        slot(0, std::ptr::null()),
    ];
    let flags: c_ulong = ffi::Py_TPFLAGS_DEFAULT
        | ffi::Py_TPFLAGS_METHOD_DESCRIPTOR
        | ffi::Py_TPFLAGS_DISALLOW_INSTANTIATION
        | 1 << 11; // Py_TPFLAGS_HAVE_VECTORCALL, in the limited API from 3.12 on and the same bit before
    let mut spec = ffi::PyType_Spec {
        name: c"_gangplank.Method".as_ptr(),
        basicsize: size_of::<Callable>() as c_int,
        itemsize: 0,
        flags: flags as u32,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: the caller's promise; the slots are those of a `Callable`, and names are static.
    unsafe {
        let ty = Object::new(ffi::PyType_FromSpec(&mut spec))?;
        let _ = TYPE.set(ty);
        let types = Object::new(ffi::PyImport_ImportModule(c"types".as_ptr()))?;
        let _ = BOUND.set(types.attribute(c"MethodType")?);
    }
    Ok(())
}

/// # Safety
/// The thread holds Python's lock.
unsafe fn make(function: &'static Function, doc: Raw, signature: &str) -> Result<Object, Fault> {
    let Some(ty) = TYPE.get() else {
        return Err(Fault::Raised);
    };
    // SAFETY: the caller's promise; the new object is a `Callable` of zeros.
    unsafe {
        let made = Object::new(ffi::PyType_GenericAlloc(ty.raw().cast(), 0))?;
        let callable = made.raw().cast::<Callable>();
        (*callable).function = function;
        (*callable).vectorcall = Some(vectorcall);
        (*callable).name = Object::text(&function.name)?.into_raw();
        (*callable).doc = Object::share(doc)?.into_raw();
        (*callable).signature = Object::text(signature)?.into_raw();
        Ok(made)
    }
}

/// A method, for its class.
///
/// # Safety
/// The thread holds Python's lock.
pub(crate) unsafe fn method(
    function: &'static Function,
    doc: Raw,
    signature: &str,
) -> Result<Object, Fault> {
    // SAFETY: the caller's promise.
    unsafe { make(function, doc, signature) }
}

/// A builtin function.
///
/// # Safety
/// The thread holds Python's lock; `name` and `doc` are texts, `module` is one or `None`.
pub(crate) unsafe fn builtin(
    function: &'static Function,
    names: (&str, Raw),
    doc: Raw,
    signature: &str,
) -> Result<Object, Raised> {
    let (name, module) = names;
    let no_nul = |_| type_error("a name holds NUL");
    // SAFETY: the caller's promise. The definition and its texts live as long as the process.
    unsafe {
        let this = make(function, doc, signature)?;
        // What `inspect.signature` reads stands before the text.
        let text = format!("{name}{signature}\n--\n\n{}", str_of(doc)?);
        let doc = CString::new(text.replace('\0', "\\0")).map_err(no_nul)?;
        let definition = Box::leak(Box::new(ffi::PyMethodDef {
            ml_name: CString::new(name).map_err(no_nul)?.into_raw(),
            ml_meth: ffi::PyMethodDefPointer {
                PyCFunctionFastWithKeywords: fast,
            },
            ml_flags: ffi::METH_FASTCALL | ffi::METH_KEYWORDS,
            ml_doc: doc.into_raw(),
        }));
        Ok(Object::new(ffi::PyCFunction_NewEx(
            definition,
            this.raw(),
            module,
        ))?)
    }
}

/// A builtin was called.
unsafe extern "C" fn fast(
    this: Raw,
    arguments: *const Raw,
    count: ffi::Py_ssize_t,
    keywords: Raw,
) -> Raw {
    // SAFETY: `this` is the callable that the builtin was made with; CPython passes arguments as it says.
    unsafe {
        let function = &*(*this.cast::<Callable>()).function;
        guard(|| {
            enter(
                function,
                std::ptr::null_mut(),
                arguments,
                count as usize,
                keywords,
            )
        })
    }
}

/// A callable was called: the first argument of a method is its object.
unsafe extern "C" fn vectorcall(
    this: Raw,
    arguments: *const Raw,
    count: usize,
    keywords: Raw,
) -> Raw {
    let count = count & !OFFSET;
    // SAFETY: `this` is a callable; CPython passes arguments as it says.
    unsafe {
        let function = &*(*this.cast::<Callable>()).function;
        guard(|| {
            if function.object.is_none() {
                return enter(function, std::ptr::null_mut(), arguments, count, keywords);
            }
            if count == 0 {
                let text = format!("{}() needs its object", function.name);
                return Err(type_error(&text));
            }
            enter(function, *arguments, arguments.add(1), count - 1, keywords)
        })
    }
}

/// # Safety
/// As for [`Function::call`].
#[inline]
unsafe fn enter(
    function: &'static Function,
    object: Raw,
    arguments: *const Raw,
    count: usize,
    keywords: Raw,
) -> Result<Object, Raised> {
    // SAFETY: the caller's promise.
    unsafe {
        match function.is_async {
            false => function.call(object, arguments, count, keywords),
            true => awaitable::make(function, object, arguments, count, keywords),
        }
    }
}

/// The same for callers that know no vectorcall.
unsafe extern "C" fn slow_call(this: Raw, positional: Raw, named: Raw) -> Raw {
    // SAFETY: CPython passes a tuple, and a dictionary or NULL.
    unsafe {
        let gathered = gather(positional, named);
        match gathered {
            Ok((objects, count, keywords)) => {
                let raw: Vec<Raw> = objects.iter().map(Object::raw).collect();
                let keywords = keywords.as_ref().map_or(std::ptr::null_mut(), Object::raw);
                vectorcall(this, raw.as_ptr(), count, keywords)
            }
            Err(_) => std::ptr::null_mut(),
        }
    }
}

type Gathered = (Vec<Object>, usize, Option<Object>);

/// # Safety
/// `positional` is a tuple, `named` a dictionary or NULL; the thread holds Python's lock.
unsafe fn gather(positional: Raw, named: Raw) -> Result<Gathered, Fault> {
    // SAFETY: the caller's promise.
    unsafe {
        let count = ffi::PyTuple_Size(positional);
        let mut objects = Vec::new();
        for index in 0..count {
            objects.push(Object::share(ffi::PyTuple_GetItem(positional, index))?);
        }
        if named.is_null() {
            return Ok((objects, count as usize, None));
        }
        let names = Object::new(ffi::PyDict_Keys(named))?;
        let names = Object::new(ffi::PySequence_Tuple(names.raw()))?;
        for index in 0..ffi::PyTuple_Size(names.raw()) {
            let name = ffi::PyTuple_GetItem(names.raw(), index);
            objects.push(Object::new(ffi::PyObject_GetItem(named, name))?);
        }
        Ok((objects, count as usize, Some(names)))
    }
}

/// `timer.echo` without a call.
unsafe extern "C" fn bind(this: Raw, object: Raw, _: Raw) -> Raw {
    // SAFETY: CPython passes objects, or NULL when the class was asked.
    unsafe {
        let bound = match BOUND.get() {
            Some(bound) if !object.is_null() => {
                call(bound.raw(), &mut [std::ptr::null_mut(), this, object])
            }
            _ => Object::share(this),
        };
        bound.map_or(std::ptr::null_mut(), Object::into_raw)
    }
}

unsafe extern "C" fn repr(this: Raw) -> Raw {
    // SAFETY: `this` is a callable; its name is a text.
    unsafe {
        let name = (*this.cast::<Callable>()).name;
        let text = str_of(name).map(|name| format!("<method {name}>"));
        text.and_then(|text| Object::text(&text))
            .map_or(std::ptr::null_mut(), Object::into_raw)
    }
}

unsafe extern "C" fn dealloc(this: Raw) {
    // SAFETY: nobody refers to the callable any longer; its type is a heap type, which the object has a reference to.
    unsafe {
        let callable = this.cast::<Callable>();
        ffi::Py_XDECREF((*callable).name);
        ffi::Py_XDECREF((*callable).doc);
        ffi::Py_XDECREF((*callable).signature);
        crate::python::free(this);
    }
}
