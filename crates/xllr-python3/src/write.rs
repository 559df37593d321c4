//! Python objects to C structs: what a function has returned, whatever that is.

use gangplank_model::lowered::{Field, Scalar, Shape, TypeId};
use pyo3_ffi as ffi;

use crate::abi::{Span, Time};
use crate::fault::Fault;
use crate::interface::{Class, Dataclass, Interface};
use crate::memory::Memory;
use crate::python::{Object, Raw, str_of, type_name};
use crate::read::{DEPTH, too_deep};

/// Writes values into memory of the call.
pub(crate) struct Writer<'a> {
    pub(crate) interface: &'a Interface,
    pub(crate) memory: Memory,
}

type Written = Result<(), Fault>;

/// # Safety
/// `object` is one; the thread holds Python's lock.
unsafe fn expected(what: &str, object: Raw) -> Fault {
    // SAFETY: the caller's promise.
    let found = unsafe { type_name(object) };
    Fault::wrong(format!("expected {what}, not {found}"))
}

impl Writer<'_> {
    /// # Safety
    /// `object` is one; `at` is a zeroed place of type `id`; the thread holds Python's lock.
    pub(crate) unsafe fn write(
        &mut self,
        id: TypeId,
        object: Raw,
        at: *mut u8,
        depth: u32,
    ) -> Written {
        if depth > DEPTH {
            return Err(too_deep());
        }
        let interface = self.interface;
        let library = &interface.library;
        let ty = library.ty(id);
        // SAFETY: the caller's promise; parts lie where `lower` says.
        unsafe {
            let none = object == ffi::Py_None();
            match (&ty.shape, &interface.classes[id.0]) {
                (Shape::Scalar(scalar), _) => number(*scalar, object, at),
                (Shape::Bool, _) => {
                    if ffi::PyBool_Check(object) == 0 {
                        return Err(expected("bool", object));
                    }
                    at.write((object == ffi::Py_True()).into());
                    Ok(())
                }
                (Shape::Enum(_), _) => number(Scalar::I32, object, at),
                (Shape::String, _) => self.text(object, at),
                (Shape::Bytes, _) => self.bytes(object, at),
                (Shape::Timestamp | Shape::Duration, Class::Record(class)) => {
                    time(class, object, at)
                }
                (Shape::Record(record), Class::Record(class)) => {
                    if none {
                        return Err(expected(&record.common.name, object));
                    }
                    self.fields(&record.fields, class, object, at, depth)
                }
                (Shape::Variant(variant), Class::Variant(classes)) => {
                    let is = |class: &Dataclass| {
                        ffi::PyObject_IsInstance(object, class.class.raw()) == 1
                    };
                    let Some(index) = classes.iter().position(is) else {
                        ffi::PyErr_Clear();
                        return Err(expected(
                            &format!("a case of {}", variant.common.name),
                            object,
                        ));
                    };
                    at.cast::<i32>().write(index as i32);
                    let union = at.add(variant.union_offset.unwrap_or(0));
                    let fields = &variant.cases[index].fields;
                    self.fields(fields, &classes[index], object, union, depth)
                }
                (Shape::List(inner), _) => self.list(*inner, object, at, depth),
                (Shape::Option(_) | Shape::Nullable(_), _) if none => Ok(()),
                (Shape::Option(inner), _) => {
                    at.write(1);
                    let place = at.add(library.ty(*inner).align);
                    self.write(*inner, object, place, depth + 1)
                }
                (Shape::Nullable(inner) | Shape::Boxed(inner), _) => {
                    let target = library.ty(*inner);
                    let place = self.memory.place(target.size, target.align);
                    at.cast::<*mut u8>().write(place);
                    self.write(*inner, object, place, depth + 1)
                }
                (Shape::Map { .. }, _) => self.map(&ty.shape, object, at, depth),
                _ => Err(Fault::wrong(format!(
                    "{} cannot come from Python",
                    ty.c_name
                ))),
            }
        }
    }

    /// # Safety
    /// As for [`Writer::write`], of a struct with these fields.
    unsafe fn fields(
        &mut self,
        fields: &[Field],
        class: &Dataclass,
        object: Raw,
        at: *mut u8,
        depth: u32,
    ) -> Written {
        for (field, name) in fields.iter().zip(&class.names) {
            // SAFETY: the caller's promise.
            let written = unsafe {
                let value = ffi::PyObject_GetAttr(object, name.raw());
                let Ok(value) = Object::new(value) else {
                    ffi::PyErr_Clear();
                    let name = str_of(class.class.attribute(c"__name__")?.raw())?.to_owned();
                    return Err(expected(&name, object));
                };
                self.write(field.ty, value.raw(), at.add(field.offset), depth + 1)
            };
            written.map_err(|fault| fault.at(|| format!("`{}`", field.name)))?;
        }
        Ok(())
    }

    /// # Safety
    /// As for [`Writer::write`], of a text.
    unsafe fn text(&mut self, object: Raw, at: *mut u8) -> Written {
        // SAFETY: the caller's promise; the text is copied while the object lives.
        unsafe {
            if ffi::PyUnicode_Check(object) == 0 {
                return Err(expected("str", object));
            }
            let copy = self.memory.copy(str_of(object)?.as_bytes());
            at.cast::<Span>().write(copy);
        }
        Ok(())
    }

    /// # Safety
    /// As for [`Writer::write`], of bytes.
    unsafe fn bytes(&mut self, object: Raw, at: *mut u8) -> Written {
        // SAFETY: the caller's promise; the bytes are copied while the object lives.
        unsafe {
            let like = ffi::PyByteArray_Check(object) != 0
                || ffi::PyObject_IsInstance(object, (&raw mut ffi::PyMemoryView_Type).cast()) == 1;
            let bytes = match ffi::PyBytes_Check(object) != 0 {
                true => Object::share(object)?,
                false if like => Object::new(ffi::PyBytes_FromObject(object))?,
                false => return Err(expected("bytes", object)),
            };
            let (mut start, mut len) = (std::ptr::null_mut(), 0);
            if ffi::PyBytes_AsStringAndSize(bytes.raw(), &mut start, &mut len) != 0 {
                return Err(Fault::Raised);
            }
            let copy = std::slice::from_raw_parts(start.cast::<u8>().cast_const(), len as usize);
            at.cast::<Span>().write(self.memory.copy(copy));
        }
        Ok(())
    }

    /// # Safety
    /// As for [`Writer::write`], of a list.
    unsafe fn list(&mut self, inner: TypeId, object: Raw, at: *mut u8, depth: u32) -> Written {
        let ty = self.interface.library.ty(inner);
        // SAFETY: the caller's promise. The tuple is ours: what a value's own code does to the list does not move it.
        unsafe {
            let text = ffi::PyUnicode_Check(object) != 0 || ffi::PyBytes_Check(object) != 0;
            let items = match text || ffi::PyDict_Check(object) != 0 {
                true => std::ptr::null_mut(),
                false => ffi::PySequence_Tuple(object),
            };
            if items.is_null() {
                ffi::PyErr_Clear();
                return Err(expected("list", object));
            }
            let items = Object::new(items)?;
            let len = ffi::PyTuple_Size(items.raw()) as usize;
            if len == 0 {
                return Ok(());
            }
            let size = len.checked_mul(ty.size).ok_or_else(too_deep)?;
            let first = self.memory.place(size, ty.align);
            at.cast::<Span>().write(Span { ptr: first, len });
            for index in 0..len {
                let item = ffi::PyTuple_GetItem(items.raw(), index as ffi::Py_ssize_t);
                self.write(inner, item, first.add(index * ty.size), depth + 1)
                    .map_err(|fault| fault.at(|| format!("item {index}")))?;
            }
        }
        Ok(())
    }

    /// # Safety
    /// As for [`Writer::write`], of a map.
    unsafe fn map(&mut self, shape: &Shape, object: Raw, at: *mut u8, depth: u32) -> Written {
        let Shape::Map {
            key,
            value,
            value_offset,
            pair_size,
            ..
        } = shape
        else {
            return Err(Fault::wrong("not a map"));
        };
        let align = self.interface.library.ty(*key).align;
        let align = align.max(self.interface.library.ty(*value).align);
        // SAFETY: the caller's promise. The list of pairs is ours.
        unsafe {
            if ffi::PyDict_Check(object) == 0 {
                return Err(expected("dict", object));
            }
            let pairs = Object::new(ffi::PyDict_Items(object))?;
            let len = ffi::PyList_Size(pairs.raw()) as usize;
            if len == 0 {
                return Ok(());
            }
            let first = self.memory.place(len * pair_size, align);
            at.cast::<Span>().write(Span { ptr: first, len });
            for index in 0..len {
                let pair = ffi::PyList_GetItem(pairs.raw(), index as ffi::Py_ssize_t);
                let place = first.add(index * pair_size);
                let (name, of) = (ffi::PyTuple_GetItem(pair, 0), ffi::PyTuple_GetItem(pair, 1));
                self.write(*key, name, place, depth + 1)
                    .map_err(|fault| fault.at(|| "a key".to_owned()))?;
                self.write(*value, of, place.add(*value_offset), depth + 1)
                    .map_err(|fault| fault.at(|| "a value".to_owned()))?;
            }
        }
        Ok(())
    }
}

/// # Safety
/// As for [`Writer::write`], of a number.
unsafe fn number(scalar: Scalar, object: Raw, at: *mut u8) -> Written {
    // SAFETY: the caller's promise.
    unsafe {
        if matches!(scalar, Scalar::F32 | Scalar::F64) {
            let number = ffi::PyFloat_AsDouble(object);
            if number == -1.0 && !ffi::PyErr_Occurred().is_null() {
                ffi::PyErr_Clear();
                return Err(expected("float", object));
            }
            match scalar {
                Scalar::F32 => at.cast::<f32>().write(number as f32),
                _ => at.cast::<f64>().write(number),
            }
            return Ok(());
        }
        let Ok(integer) = Object::new(ffi::PyNumber_Index(object)) else {
            ffi::PyErr_Clear();
            return Err(expected("int", object));
        };
        let fits = match scalar {
            Scalar::U64 => {
                let number = ffi::PyLong_AsUnsignedLongLong(integer.raw());
                at.cast::<u64>().write(number);
                number != u64::MAX || ffi::PyErr_Occurred().is_null()
            }
            _ => {
                let mut overflow = 0;
                let number = ffi::PyLong_AsLongLongAndOverflow(integer.raw(), &mut overflow);
                overflow == 0 && narrow(scalar, number, at)
            }
        };
        if fits {
            return Ok(());
        }
        ffi::PyErr_Clear();
        let digits = Object::new(ffi::PyObject_Str(integer.raw()))
            .and_then(|text| str_of(text.raw()).map(str::to_owned));
        let digits = digits.unwrap_or_else(|_| {
            ffi::PyErr_Clear();
            "the number".to_owned()
        });
        Err(Fault::wrong(
            format!("{digits} does not fit into {scalar:?}").to_lowercase(),
        ))
    }
}

/// Writes the number if it fits.
///
/// # Safety
/// `at` is the number's place.
unsafe fn narrow(scalar: Scalar, number: i64, at: *mut u8) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        match scalar {
            Scalar::I8 => put(i8::try_from(number), at),
            Scalar::I16 => put(i16::try_from(number), at),
            Scalar::I32 => put(i32::try_from(number), at),
            Scalar::U8 => put(u8::try_from(number), at),
            Scalar::U16 => put(u16::try_from(number), at),
            Scalar::U32 => put(u32::try_from(number), at),
            _ => put::<i64, ()>(Ok(number), at),
        }
    }
}

/// # Safety
/// `at` is a place for a `T`.
unsafe fn put<T, E>(number: Result<T, E>, at: *mut u8) -> bool {
    match number {
        Ok(number) => {
            // SAFETY: the caller's promise.
            unsafe { at.cast::<T>().write(number) };
            true
        }
        Err(_) => false,
    }
}

/// # Safety
/// As for [`Writer::write`], of a time.
unsafe fn time(class: &Dataclass, object: Raw, at: *mut u8) -> Written {
    let mut time = Time {
        seconds: 0,
        nanos: 0,
    };
    let places = [
        (Scalar::I64, (&raw mut time.seconds).cast::<u8>()),
        (Scalar::U32, (&raw mut time.nanos).cast::<u8>()),
    ];
    // SAFETY: the caller's promise; both places are those of their types.
    unsafe {
        for ((scalar, place), name) in places.into_iter().zip(&class.names) {
            let Ok(value) = Object::new(ffi::PyObject_GetAttr(object, name.raw())) else {
                ffi::PyErr_Clear();
                return Err(expected("a time of seconds and nanos", object));
            };
            number(scalar, value.raw(), place)?;
        }
        if time.nanos > 999_999_999 {
            return Err(Fault::wrong(format!(
                "{} nanos are more than a second",
                time.nanos
            )));
        }
        at.cast::<Time>().write(time);
    }
    Ok(())
}
