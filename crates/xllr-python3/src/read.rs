//! C structs to Python objects.

use gangplank_model::lowered::{Field, Scalar, Shape, TypeId};
use pyo3_ffi as ffi;

use crate::abi::{self, Span, Time};
use crate::fault::Fault;
use crate::interface::{Class, Dataclass, Interface};
use crate::python::{Object, call};

/// Deepest nesting of values, in both directions.
pub(crate) const DEPTH: u32 = 100;

pub(crate) fn too_deep() -> Fault {
    Fault::Status(
        abi::LIMIT,
        format!("values are nested deeper than {DEPTH} levels"),
    )
}

fn bad(text: impl Into<String>) -> Fault {
    Fault::Status(abi::BAD_ARGUMENT, text.into())
}

/// # Safety
/// `at` is a valid value of type `id` (`docs/abi.md`); the thread holds Python's lock.
pub(crate) unsafe fn read(
    interface: &Interface,
    id: TypeId,
    at: *const u8,
    depth: u32,
) -> Result<Object, Fault> {
    if depth > DEPTH {
        return Err(too_deep());
    }
    let library = &interface.library;
    let ty = library.ty(id);
    // SAFETY: the caller's promise; parts lie where `lower` says.
    unsafe {
        match (&ty.shape, &interface.classes[id.0]) {
            (Shape::Scalar(scalar), _) => scalar_of(*scalar, at),
            (Shape::Bool, _) => match at.read() {
                flag @ (0 | 1) => Object::new(ffi::PyBool_FromLong(flag.into())),
                other => Err(bad(format!("{other} is no bool"))),
            },
            (Shape::Enum(_), class) => enumeration(class, at.cast::<i32>().read()),
            (Shape::String, _) => text(at.cast::<Span>().read()),
            (Shape::Bytes, _) => {
                let span = at.cast::<Span>().read();
                let len = span.len as ffi::Py_ssize_t;
                Object::new(ffi::PyBytes_FromStringAndSize(filled(span).cast(), len))
            }
            (Shape::Timestamp | Shape::Duration, Class::Record(class)) => {
                let time = at.cast::<Time>().read();
                let seconds = Object::new(ffi::PyLong_FromLongLong(time.seconds))?;
                let nanos = Object::new(ffi::PyLong_FromUnsignedLongLong(time.nanos.into()))?;
                make(class, &[seconds, nanos])
            }
            (Shape::Record(record), Class::Record(class)) => {
                make(class, &fields(interface, &record.fields, at, depth)?)
            }
            (Shape::Variant(variant), Class::Variant(classes)) => {
                let tag = at.cast::<i32>().read();
                let index = usize::try_from(tag).ok();
                let case = index.and_then(|index| variant.cases.get(index).zip(classes.get(index)));
                let (case, class) = case.ok_or_else(|| bad(format!("{tag} is no case")))?;
                let union = at.add(variant.union_offset.unwrap_or(0));
                make(class, &fields(interface, &case.fields, union, depth)?)
            }
            (Shape::List(inner), _) => list(interface, *inner, at.cast::<Span>().read(), depth),
            (Shape::Option(inner), _) => match at.read() {
                0 => Object::share(ffi::Py_None()),
                _ => read(
                    interface,
                    *inner,
                    at.add(library.ty(*inner).align),
                    depth + 1,
                ),
            },
            (Shape::Nullable(inner) | Shape::Boxed(inner), _) => {
                let target = at.cast::<*const u8>().read();
                if target.is_null() {
                    return Object::share(ffi::Py_None());
                }
                read(interface, *inner, target, depth + 1)
            }
            (Shape::Map { .. }, _) => map(interface, &ty.shape, at.cast::<Span>().read(), depth),
            _ => Err(bad(format!("{} cannot be passed to Python", ty.c_name))),
        }
    }
}

/// # Safety
/// The thread holds Python's lock.
unsafe fn make(class: &Dataclass, values: &[Object]) -> Result<Object, Fault> {
    let mut arguments = vec![std::ptr::null_mut()];
    arguments.extend(values.iter().map(Object::raw));
    // SAFETY: all but the first are objects, and the caller's promise.
    unsafe { call(class.class.raw(), &mut arguments) }
}

/// # Safety
/// As for [`read`], of a struct with these fields.
unsafe fn fields(
    interface: &Interface,
    fields: &[Field],
    at: *const u8,
    depth: u32,
) -> Result<Vec<Object>, Fault> {
    let field = |field: &Field| {
        // SAFETY: the caller's promise.
        let value = unsafe { read(interface, field.ty, at.add(field.offset), depth + 1) };
        value.map_err(|fault| fault.at(|| format!("`{}`", field.name)))
    };
    fields.iter().map(field).collect()
}

/// A pointer that is never NULL, for no bytes.
fn filled(span: Span) -> *const u8 {
    if span.ptr.is_null() {
        c"".as_ptr().cast()
    } else {
        span.ptr
    }
}

/// # Safety
/// The span is text of the caller's; the thread holds Python's lock.
unsafe fn text(span: Span) -> Result<Object, Fault> {
    // SAFETY: the caller's promise; the exception of a text that is none is taken back.
    unsafe {
        let len = span.len as ffi::Py_ssize_t;
        Object::new(ffi::PyUnicode_FromStringAndSize(filled(span).cast(), len)).map_err(|fault| {
            let bytes = std::slice::from_raw_parts(filled(span), span.len);
            match std::str::from_utf8(bytes) {
                Ok(_) => fault,
                Err(error) => {
                    ffi::PyErr_Clear();
                    Fault::Status(abi::BAD_UTF8, format!("text is not UTF-8: {error}"))
                }
            }
        })
    }
}

/// The member; of an open enum, a number without one is an `int`.
///
/// # Safety
/// The thread holds Python's lock.
unsafe fn enumeration(class: &Class, number: i32) -> Result<Object, Fault> {
    // SAFETY: the caller's promise.
    unsafe {
        match class {
            Class::Enum(members) if members.contains_key(&number) => {
                Object::share(members[&number].raw())
            }
            _ => Object::new(ffi::PyLong_FromLong(number.into())),
        }
    }
}

/// # Safety
/// As for [`read`].
unsafe fn scalar_of(scalar: Scalar, at: *const u8) -> Result<Object, Fault> {
    // SAFETY: the caller's promise.
    unsafe {
        let signed = |number: i64| Object::new(ffi::PyLong_FromLongLong(number));
        let unsigned = |number: u64| Object::new(ffi::PyLong_FromUnsignedLongLong(number));
        match scalar {
            Scalar::I8 => signed(at.cast::<i8>().read().into()),
            Scalar::I16 => signed(at.cast::<i16>().read().into()),
            Scalar::I32 => signed(at.cast::<i32>().read().into()),
            Scalar::I64 => signed(at.cast::<i64>().read()),
            Scalar::U8 => unsigned(at.read().into()),
            Scalar::U16 => unsigned(at.cast::<u16>().read().into()),
            Scalar::U32 => unsigned(at.cast::<u32>().read().into()),
            Scalar::U64 => unsigned(at.cast::<u64>().read()),
            Scalar::F32 => Object::new(ffi::PyFloat_FromDouble(at.cast::<f32>().read().into())),
            Scalar::F64 => Object::new(ffi::PyFloat_FromDouble(at.cast::<f64>().read())),
        }
    }
}

/// # Safety
/// As for [`read`], of a list.
unsafe fn list(
    interface: &Interface,
    inner: TypeId,
    span: Span,
    depth: u32,
) -> Result<Object, Fault> {
    let size = interface.library.ty(inner).size;
    // SAFETY: the caller's promise; each place of the new list is filled once.
    unsafe {
        let list = Object::new(ffi::PyList_New(span.len as ffi::Py_ssize_t))?;
        for index in 0..span.len {
            let item = read(interface, inner, span.ptr.add(index * size), depth + 1)?;
            ffi::PyList_SetItem(list.raw(), index as ffi::Py_ssize_t, item.into_raw());
        }
        Ok(list)
    }
}

/// # Safety
/// As for [`read`], of a map.
unsafe fn map(
    interface: &Interface,
    shape: &Shape,
    span: Span,
    depth: u32,
) -> Result<Object, Fault> {
    let Shape::Map {
        key,
        value,
        value_offset,
        pair_size,
        ..
    } = shape
    else {
        return Err(bad("not a map"));
    };
    // SAFETY: the caller's promise.
    unsafe {
        let dict = Object::new(ffi::PyDict_New())?;
        for index in 0..span.len {
            let pair = span.ptr.add(index * pair_size);
            let key = read(interface, *key, pair, depth + 1)?;
            let value = read(interface, *value, pair.add(*value_offset), depth + 1)?;
            if ffi::PyDict_SetItem(dict.raw(), key.raw(), value.raw()) != 0 {
                return Err(Fault::Raised);
            }
        }
        if ffi::PyDict_Size(dict.raw()) as usize != span.len {
            return Err(bad("a map has a key twice"));
        }
        Ok(dict)
    }
}
