//! C structs to Python objects.

mod rest;

use gangplank_model::lowered::{Scalar, TypeId};
use pyo3_ffi as ffi;

use crate::fault::{Fault, Why};
use crate::object::{Object, Raw};
use crate::plan::{Dataclass, Kind, Members, Plan, Struct};
use crate::{Handles, Span, Time};

/// Makes objects by a plan.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// How types convert.
    pub plan: &'a Plan,
    /// How handles do.
    pub handles: &'a dyn Handles,
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}

#[cold]
fn foreign(text: impl Into<String>) -> Fault {
    Fault::wrong(Why::Foreign, text)
}

impl Reader<'_> {
    /// The object for a value. Handles in it are taken, also when there is no object.
    ///
    /// # Errors
    /// The value is not what its type says, or Python has failed.
    ///
    /// # Safety
    /// `at` is a value of type `id` (`docs/abi.md`); the thread holds Python's lock.
    #[inline]
    pub unsafe fn read(&self, id: TypeId, at: *const u8) -> Result<Object, Fault> {
        // SAFETY: the caller's promise.
        unsafe {
            match self.plan.node(id).kind {
                // Most results, without a call in between.
                Kind::Scalar(scalar) => number(scalar, at),
                Kind::String => text(at.cast::<Span>().read()),
                _ => self.value(id, at, 0),
            }
        }
    }

    /// # Safety
    /// As for [`Reader::read`].
    unsafe fn value(&self, id: TypeId, at: *const u8, depth: u32) -> Result<Object, Fault> {
        // SAFETY: the caller's promise; parts lie where `lower` says.
        unsafe {
            match &self.plan.node(id).kind {
                Kind::Scalar(scalar) => number(*scalar, at),
                Kind::String => text(at.cast::<Span>().read()),
                Kind::Bool => match at.read() {
                    flag @ (0 | 1) => Object::new(ffi::PyBool_FromLong(flag.into())),
                    other => Err(foreign(format!("{other} is no bool"))),
                },
                Kind::Bytes => {
                    let span = at.cast::<Span>().read();
                    let len = span.len as ffi::Py_ssize_t;
                    Object::new(ffi::PyBytes_FromStringAndSize(filled(span).cast(), len))
                }
                Kind::Enum(members) => enumeration(members, at.cast::<i32>().read()),
                Kind::Time(class) => time(class, at.cast::<Time>().read()),
                Kind::Record(of) => self.structure(of, at, depth),
                Kind::Variant { union, cases, .. } => {
                    let tag = at.cast::<i32>().read();
                    let case = usize::try_from(tag).ok().and_then(|tag| cases.get(tag));
                    let case = case.ok_or_else(|| foreign(format!("{tag} is no case")))?;
                    self.structure(case, at.add(*union), depth)
                }
                Kind::List(inner) => self.list(*inner, at.cast::<Span>().read(), depth),
                Kind::Option {
                    inner,
                    offset,
                    some,
                } => match at.read() {
                    0 => Object::share(ffi::Py_None()),
                    _ => self.there(*inner, at.add(*offset), some.as_ref(), depth),
                },
                Kind::Nullable { inner, some } => {
                    let target = at.cast::<*const u8>().read();
                    match target.is_null() {
                        true => Object::share(ffi::Py_None()),
                        false => {
                            let depth = self.deeper(*inner, target, depth)?;
                            self.there(*inner, target, some.as_ref(), depth)
                        }
                    }
                }
                Kind::Boxed(inner) => {
                    let target = at.cast::<*const u8>().read();
                    match target.is_null() {
                        true => Err(foreign("a pointer is NULL")),
                        false => {
                            let depth = self.deeper(*inner, target, depth)?;
                            self.value(*inner, target, depth)
                        }
                    }
                }
                Kind::Map {
                    key,
                    value,
                    offset,
                    size,
                } => {
                    let span = at.cast::<Span>().read();
                    self.map((*key, *value), (*offset, *size), span, depth)
                }
                Kind::Object(index) => self.handles.wrap(*index, at.cast::<u64>().read()),
                Kind::Unsupported(name) => {
                    Err(foreign(format!("{name} cannot be passed to Python")))
                }
            }
        }
    }

    /// The depth behind a pointer.
    ///
    /// # Safety
    /// As for [`Reader::read`], of what it points to.
    unsafe fn deeper(&self, inner: TypeId, target: *const u8, depth: u32) -> Result<u32, Fault> {
        // SAFETY: the caller's promise.
        Fault::deeper(depth).inspect_err(|_| unsafe { self.release(inner, target) })
    }

    /// # Safety
    /// As for [`Reader::read`], of an option's value.
    unsafe fn there(
        &self,
        inner: TypeId,
        at: *const u8,
        some: Option<&Dataclass>,
        depth: u32,
    ) -> Result<Object, Fault> {
        // SAFETY: the caller's promise.
        unsafe {
            let value = self.value(inner, at, depth)?;
            match some {
                None => Ok(value),
                Some(class) => class.make(&mut [std::ptr::null_mut(), value.raw()]),
            }
        }
    }

    /// # Safety
    /// As for [`Reader::read`], of a struct with these fields.
    unsafe fn structure(&self, of: &Struct, at: *const u8, depth: u32) -> Result<Object, Fault> {
        let mut values: Vec<Object> = Vec::with_capacity(of.fields.len());
        for (index, field) in of.fields.iter().enumerate() {
            // SAFETY: the caller's promise.
            unsafe {
                match self.value(field.ty, at.add(field.offset), depth) {
                    Ok(value) => values.push(value),
                    Err(fault) => {
                        for rest in &of.fields[index + 1..] {
                            self.release(rest.ty, at.add(rest.offset));
                        }
                        return Err(fault.at(|| format!("`{}`", of.class.name(index))));
                    }
                }
            }
        }
        let mut arguments: Vec<Raw> = Vec::with_capacity(values.len() + 1);
        arguments.push(std::ptr::null_mut());
        arguments.extend(values.iter().map(Object::raw));
        // SAFETY: all but the first are objects, one for each field.
        unsafe { of.class.make(&mut arguments) }
    }

    /// # Safety
    /// As for [`Reader::read`], of a list.
    unsafe fn list(&self, inner: TypeId, span: Span, depth: u32) -> Result<Object, Fault> {
        let size = self.plan.node(inner).size;
        let mut next = 0;
        // SAFETY: the caller's promise; each place of the new list is filled once.
        let mut read = || unsafe {
            let depth = Fault::deeper(depth)?;
            let list = Object::new(ffi::PyList_New(span.len as ffi::Py_ssize_t))?;
            for index in 0..span.len {
                next = index + 1;
                let item = self.value(inner, span.ptr.add(index * size), depth)?;
                ffi::PyList_SetItem(list.raw(), index as ffi::Py_ssize_t, item.into_raw());
            }
            Ok(list)
        };
        let list = read();
        if list.is_err() {
            for index in next..span.len {
                // SAFETY: the caller's promise; these were not read.
                unsafe { self.release(inner, span.ptr.add(index * size)) };
            }
        }
        list
    }

    /// # Safety
    /// As for [`Reader::read`], of a map of `(key, value)` with pairs of `(offset of the value, size)`.
    unsafe fn map(
        &self,
        (key, value): (TypeId, TypeId),
        (offset, size): (usize, usize),
        span: Span,
        depth: u32,
    ) -> Result<Object, Fault> {
        let mut next = 0;
        // SAFETY: the caller's promise.
        let mut read = || unsafe {
            let depth = Fault::deeper(depth)?;
            let dict = Object::new(ffi::PyDict_New())?;
            for index in 0..span.len {
                let pair = span.ptr.add(index * size);
                let key = self.value(key, pair, depth)?;
                next = index + 1;
                let value = self.value(value, pair.add(offset), depth)?;
                if ffi::PyDict_SetItem(dict.raw(), key.raw(), value.raw()) != 0 {
                    return Err(Fault::Raised);
                }
            }
            if ffi::PyDict_Size(dict.raw()) as usize != span.len {
                return Err(foreign("a map has a key twice"));
            }
            Ok(dict)
        };
        let dict = read();
        if dict.is_err() {
            for index in next..span.len {
                // SAFETY: the caller's promise; these values were not read.
                unsafe { self.release(value, span.ptr.add(index * size + offset)) };
            }
        }
        dict
    }
}

/// A pointer that is never NULL, for no bytes.
#[inline]
fn filled(span: Span) -> *const u8 {
    if span.ptr.is_null() {
        c"".as_ptr().cast()
    } else {
        span.ptr
    }
}

/// # Safety
/// The span is text of the caller's; the thread holds Python's lock.
#[inline]
unsafe fn text(span: Span) -> Result<Object, Fault> {
    // SAFETY: the caller's promise.
    unsafe {
        let len = span.len as ffi::Py_ssize_t;
        let text = ffi::PyUnicode_FromStringAndSize(filled(span).cast(), len);
        if text.is_null() {
            return Err(no_text(span));
        }
        Object::new(text)
    }
}

/// # Safety
/// As for [`text`], which has failed: an exception is set.
#[cold]
unsafe fn no_text(span: Span) -> Fault {
    // SAFETY: the caller's promise; the exception of a text that is none is taken back.
    unsafe {
        let bytes = std::slice::from_raw_parts(filled(span), span.len);
        match std::str::from_utf8(bytes) {
            Ok(_) => Fault::Raised,
            Err(error) => {
                ffi::PyErr_Clear();
                Fault::wrong(Why::Utf8, format!("text is not UTF-8: {error}"))
            }
        }
    }
}

/// The member; of an open enum, a number without one is an `int`.
///
/// # Safety
/// The thread holds Python's lock.
unsafe fn enumeration(members: &Members, number: i32) -> Result<Object, Fault> {
    // SAFETY: the caller's promise.
    unsafe {
        match members.get(number) {
            Some(member) => Object::share(member.raw()),
            None if members.open => Object::new(ffi::PyLong_FromLong(number.into())),
            None => Err(foreign(format!("{number} is no {}", members.name))),
        }
    }
}

/// # Safety
/// The thread holds Python's lock.
unsafe fn time(class: &Dataclass, time: Time) -> Result<Object, Fault> {
    // SAFETY: the caller's promise.
    unsafe {
        let seconds = Object::new(ffi::PyLong_FromLongLong(time.seconds))?;
        let nanos = Object::new(ffi::PyLong_FromUnsignedLongLong(time.nanos.into()))?;
        class.make(&mut [std::ptr::null_mut(), seconds.raw(), nanos.raw()])
    }
}

/// # Safety
/// As for [`Reader::read`], of a number.
#[inline]
unsafe fn number(scalar: Scalar, at: *const u8) -> Result<Object, Fault> {
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
            Scalar::F32 => Object::new(ffi::PyFloat_FromDouble(wide(at.cast::<f32>().read()))),
            Scalar::F64 => Object::new(ffi::PyFloat_FromDouble(at.cast::<f64>().read())),
        }
    }
}

/// The same number, and of what is none the same bits: a conversion by the machine would set one.
#[inline]
fn wide(number: f32) -> f64 {
    if !number.is_nan() {
        return number.into();
    }
    let bits = u64::from(number.to_bits());
    f64::from_bits((bits & 1 << 31) << 32 | 0x7ff << 52 | (bits & 0x7f_ffff) << 29)
}
