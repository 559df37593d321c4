//! Python objects to C structs: arguments of a host, results of a guest, whatever they are.

use gangplank_model::lowered::{Scalar, TypeId};
use pyo3_ffi as ffi;

use crate::buffer::Buffer;
use crate::fault::{Fault, Why};
use crate::number::{instead, number};
use crate::object::{Object, Raw, str_of, type_name};
use crate::plan::{Dataclass, Kind, Members, Plan, Struct};
use crate::{DEPTH, Handles, Span, Time};

/// Where values go that do not lie in their struct.
pub trait Store {
    /// A place of zeros; `align` is at most 16. NULL for no bytes.
    fn place(&mut self, size: usize, align: usize) -> *mut u8;

    /// Bytes of an object that is held: by [`Store::hold`] or by whoever called.
    fn bytes(&mut self, bytes: &[u8]) -> Span;

    /// Takes an object of which bytes have been given.
    fn hold(&mut self, object: Object);

    /// Takes memory of which bytes have been given.
    fn hold_buffer(&mut self, buffer: Buffer);
}

/// Writes values by a plan.
pub struct Writer<'a, S> {
    /// How types convert.
    pub plan: &'a Plan,
    /// How handles do.
    pub handles: &'a dyn Handles,
    /// Where values go.
    pub store: S,
}

impl<S> std::fmt::Debug for Writer<'_, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

type Written = Result<(), Fault>;

/// # Safety
/// `object` is one; the thread holds Python's lock.
#[cold]
pub(crate) unsafe fn expected(what: &str, object: Raw) -> Fault {
    // SAFETY: the caller's promise.
    let found = unsafe { type_name(object) };
    Fault::wrong(Why::Type, format!("expected {what}, not {found}"))
}

impl<S: Store> Writer<'_, S> {
    /// Writes a value. The object outlives what the store does with its bytes.
    ///
    /// # Errors
    /// It is not what its type says, or Python has failed.
    ///
    /// # Safety
    /// `object` is one; `at` is a zeroed place of type `id`; the thread holds Python's lock.
    #[inline]
    pub unsafe fn write(&mut self, id: TypeId, object: Raw, at: *mut u8) -> Written {
        // SAFETY: the caller's promise.
        unsafe {
            match self.plan.node(id).kind {
                // Most parameters, without a call in between.
                Kind::Scalar(scalar) => number(scalar, object, at),
                _ => self.value(id, object, at, 0),
            }
        }
    }

    /// # Safety
    /// As for [`Writer::write`].
    unsafe fn value(&mut self, id: TypeId, object: Raw, at: *mut u8, depth: u32) -> Written {
        if depth > DEPTH {
            return Err(Fault::too_deep());
        }
        let plan = self.plan;
        // SAFETY: the caller's promise; parts lie where `lower` says.
        unsafe {
            match &plan.node(id).kind {
                Kind::Scalar(scalar) => number(*scalar, object, at),
                Kind::String => self.text(object, at),
                Kind::Bool => {
                    if ffi::PyBool_Check(object) == 0 {
                        return Err(expected("bool", object));
                    }
                    at.write((object == ffi::Py_True()).into());
                    Ok(())
                }
                Kind::Enum(members) => enumeration(members, object, at),
                Kind::Bytes => self.bytes(object, at),
                Kind::Time(class) => time(class, object, at),
                Kind::Record(of) => {
                    if object == ffi::Py_None() {
                        return Err(expected(&of.class.class_name(), object));
                    }
                    self.structure(of, object, at, depth)
                }
                Kind::Variant { name, union, cases } => {
                    let Some(index) = case(cases, object)? else {
                        return Err(expected(&format!("a case of {name}"), object));
                    };
                    at.cast::<i32>().write(index as i32);
                    self.structure(&cases[index], object, at.add(*union), depth)
                }
                Kind::List(inner) => self.list(*inner, object, at, depth),
                Kind::Option { .. } | Kind::Nullable { .. } if object == ffi::Py_None() => Ok(()),
                Kind::Option {
                    inner,
                    offset,
                    some,
                } => {
                    at.write(1);
                    self.there(*inner, object, some.as_ref(), at.add(*offset), depth)
                }
                Kind::Nullable { inner, some } => {
                    let place = self.behind(*inner, at);
                    self.there(*inner, object, some.as_ref(), place, depth)
                }
                Kind::Boxed(inner) => {
                    let place = self.behind(*inner, at);
                    self.value(*inner, object, place, depth + 1)
                }
                Kind::Map {
                    key,
                    value,
                    offset,
                    size,
                } => self.map((*key, *value), (*offset, *size), object, at, depth),
                Kind::Object(index) => {
                    at.cast::<u64>().write(self.handles.handle(*index, object)?);
                    Ok(())
                }
                Kind::Unsupported(name) => {
                    let text = format!("{name} cannot come from Python");
                    Err(Fault::wrong(Why::Type, text))
                }
            }
        }
    }

    /// The place behind a pointer at `at`.
    ///
    /// # Safety
    /// `at` is a place for a pointer.
    unsafe fn behind(&mut self, inner: TypeId, at: *mut u8) -> *mut u8 {
        let target = self.plan.node(inner);
        let place = self.store.place(target.size, target.align);
        // SAFETY: the caller's promise.
        unsafe { at.cast::<*mut u8>().write(place) };
        place
    }

    /// # Safety
    /// As for [`Writer::write`], of an option's value, which is there.
    unsafe fn there(
        &mut self,
        inner: TypeId,
        object: Raw,
        some: Option<&Dataclass>,
        at: *mut u8,
        depth: u32,
    ) -> Written {
        // SAFETY: the caller's promise.
        unsafe {
            let Some(class) = some else {
                return self.value(inner, object, at, depth + 1);
            };
            if !class.is_exact(object) {
                return Err(expected(&format!("{} or None", class.class_name()), object));
            }
            let value = class.field(object, 0, true)?;
            let written = self.value(inner, value.raw(), at, depth + 1);
            self.store.hold(value);
            written
        }
    }

    /// # Safety
    /// As for [`Writer::write`], of a struct with these fields.
    unsafe fn structure(&mut self, of: &Struct, object: Raw, at: *mut u8, depth: u32) -> Written {
        let exact = of.class.is_exact(object);
        for (index, field) in of.fields.iter().enumerate() {
            // SAFETY: the caller's promise.
            unsafe {
                let value = match of.class.field(object, index, exact) {
                    Ok(value) => value,
                    Err(fault) => {
                        if exact || ffi::PyErr_ExceptionMatches(ffi::PyExc_AttributeError) == 0 {
                            return Err(fault);
                        }
                        ffi::PyErr_Clear();
                        return Err(expected(&of.class.class_name(), object));
                    }
                };
                let written = self.value(field.ty, value.raw(), at.add(field.offset), depth + 1);
                self.store.hold(value);
                written.map_err(|fault| fault.at(|| format!("`{}`", of.class.name(index))))?;
            }
        }
        Ok(())
    }

    /// # Safety
    /// As for [`Writer::write`], of a text.
    #[inline]
    unsafe fn text(&mut self, object: Raw, at: *mut u8) -> Written {
        // SAFETY: the caller's promise.
        unsafe {
            if ffi::Py_TYPE(object) != &raw mut ffi::PyUnicode_Type
                && ffi::PyUnicode_Check(object) == 0
            {
                return Err(expected("str", object));
            }
            let text = str_of(object).map_err(|fault| no_text(fault, object))?;
            at.cast::<Span>().write(self.store.bytes(text.as_bytes()));
        }
        Ok(())
    }

    /// # Safety
    /// As for [`Writer::write`], of bytes.
    unsafe fn bytes(&mut self, object: Raw, at: *mut u8) -> Written {
        // SAFETY: the caller's promise.
        unsafe {
            if ffi::PyBytes_Check(object) != 0 {
                let (mut start, mut len) = (std::ptr::null_mut(), 0);
                if ffi::PyBytes_AsStringAndSize(object, &mut start, &mut len) != 0 {
                    return Err(Fault::Raised);
                }
                let bytes = std::slice::from_raw_parts(start.cast_const().cast(), len as usize);
                at.cast::<Span>().write(self.store.bytes(bytes));
                return Ok(());
            }
            let Some(buffer) = Buffer::octets(object) else {
                return Err(expected("bytes", object));
            };
            at.cast::<Span>().write(self.store.bytes(buffer.as_slice()));
            self.store.hold_buffer(buffer);
        }
        Ok(())
    }

    /// # Safety
    /// As for [`Writer::write`], of a list.
    unsafe fn list(&mut self, inner: TypeId, object: Raw, at: *mut u8, depth: u32) -> Written {
        let node = self.plan.node(inner);
        let (size, align) = (node.size, node.align);
        // SAFETY: the caller's promise. The tuple is held: what a value's own code or another thread does to the list does
        // not move it.
        unsafe {
            let at_once = match node.kind {
                Kind::Scalar(scalar) => self.numbers(scalar, object, at),
                Kind::Bool => self.flags(object, at),
                _ => false,
            };
            if at_once {
                return Ok(());
            }
            let text = ffi::PyUnicode_Check(object) != 0 || ffi::PyBytes_Check(object) != 0;
            if text || ffi::PyDict_Check(object) != 0 {
                return Err(expected("list", object));
            }
            let items = Object::new(ffi::PySequence_Tuple(object));
            let items = items.map_err(|fault| instead(fault, "list", object))?;
            let len = ffi::PyTuple_Size(items.raw()) as usize;
            if len == 0 {
                return Ok(());
            }
            let bytes = len.checked_mul(size).ok_or_else(Fault::too_deep)?;
            let first = self.store.place(bytes, align);
            at.cast::<Span>().write(Span { ptr: first, len });
            let text = matches!(self.plan.node(inner).kind, Kind::String);
            let mut written = Ok(());
            for index in 0..len {
                let item = ffi::PyTuple_GetItem(items.raw(), index as ffi::Py_ssize_t);
                let place = first.add(index * size);
                written = match text {
                    true => self.text(item, place),
                    false => self.value(inner, item, place, depth + 1),
                };
                if let Err(fault) = written {
                    written = Err(fault.at(|| format!("item {index}")));
                    break;
                }
            }
            self.store.hold(items);
            written
        }
    }

    /// Numbers that lie in one piece already; whether they do.
    ///
    /// # Safety
    /// As for [`Writer::write`], of a list of numbers.
    unsafe fn numbers(&mut self, scalar: Scalar, object: Raw, at: *mut u8) -> bool {
        // SAFETY: the caller's promise.
        unsafe {
            let ty = ffi::Py_TYPE(object);
            if ty == &raw mut ffi::PyList_Type
                || ty == &raw mut ffi::PyTuple_Type
                || ffi::PyBytes_Check(object) != 0
            {
                return false;
            }
            let Some(buffer) = Buffer::numbers(object, scalar) else {
                return false;
            };
            let (bytes, len) = (buffer.as_slice(), buffer.count());
            if bytes.is_empty() {
                return true;
            }
            let size = bytes.len() / len;
            let mut ptr = self.store.bytes(bytes).ptr;
            if ptr.align_offset(size) != 0 {
                let place = self.store.place(bytes.len(), size);
                std::ptr::copy_nonoverlapping(bytes.as_ptr(), place, bytes.len());
                ptr = place;
            }
            at.cast::<Span>().write(Span { ptr, len });
            self.store.hold_buffer(buffer);
            true
        }
    }

    /// Truth values that lie in one piece already; whether they do.
    ///
    /// # Safety
    /// As for [`Writer::write`], of a list of truth values.
    unsafe fn flags(&mut self, object: Raw, at: *mut u8) -> bool {
        // SAFETY: the caller's promise; the place has a byte for each, which is 0 or 1 afterwards.
        unsafe {
            let ty = ffi::Py_TYPE(object);
            if ty == &raw mut ffi::PyList_Type || ty == &raw mut ffi::PyTuple_Type {
                return false;
            }
            let Some(buffer) = Buffer::flags(object) else {
                return false;
            };
            let flags = buffer.as_slice();
            let ptr = self.store.place(flags.len(), 1);
            for (index, flag) in flags.iter().enumerate() {
                ptr.add(index).write((*flag != 0).into());
            }
            let len = flags.len();
            at.cast::<Span>().write(Span { ptr, len });
            true
        }
    }

    /// # Safety
    /// As for [`Writer::write`], of a map of `(key, value)` with pairs of `(offset of the value, size)`.
    unsafe fn map(
        &mut self,
        (key, value): (TypeId, TypeId),
        (offset, size): (usize, usize),
        object: Raw,
        at: *mut u8,
        depth: u32,
    ) -> Written {
        let align = |id| self.plan.node(id).align;
        let align = align(key).max(align(value));
        // SAFETY: the caller's promise. The list of pairs is ours, and held.
        unsafe {
            if ffi::PyDict_Check(object) == 0 {
                return Err(expected("dict", object));
            }
            let pairs = Object::new(ffi::PyDict_Items(object))?;
            let len = ffi::PyList_Size(pairs.raw()) as usize;
            if len == 0 {
                return Ok(());
            }
            let first = self.store.place(len * size, align);
            at.cast::<Span>().write(Span { ptr: first, len });
            let mut written = Ok(());
            for index in 0..len {
                let pair = ffi::PyList_GetItem(pairs.raw(), index as ffi::Py_ssize_t);
                let place = first.add(index * size);
                let (name, of) = (ffi::PyTuple_GetItem(pair, 0), ffi::PyTuple_GetItem(pair, 1));
                written = self.value(key, name, place, depth + 1);
                written = written.map_err(|fault| fault.at(|| "a key".to_owned()));
                if written.is_ok() {
                    written = self.value(value, of, place.add(offset), depth + 1);
                    written = written.map_err(|fault| fault.at(|| "a value".to_owned()));
                }
                if written.is_err() {
                    break;
                }
            }
            self.store.hold(pairs);
            written
        }
    }
}

/// Which case an object is.
///
/// # Safety
/// `object` is one; the thread holds Python's lock.
unsafe fn case(cases: &[Struct], object: Raw) -> Result<Option<usize>, Fault> {
    if let Some(index) = cases.iter().position(|case| case.class.is_exact(object)) {
        return Ok(Some(index));
    }
    for (index, case) in cases.iter().enumerate() {
        // SAFETY: the caller's promise.
        match unsafe { ffi::PyObject_IsInstance(object, case.class().raw()) } {
            0 => {}
            1 => return Ok(Some(index)),
            _ => return Err(Fault::Raised),
        }
    }
    Ok(None)
}

/// # Safety
/// As for [`Writer::write`], of an enum.
unsafe fn enumeration(members: &Members, object: Raw, at: *mut u8) -> Written {
    // SAFETY: the caller's promise.
    unsafe {
        number(Scalar::I32, object, at)?;
        let number = at.cast::<i32>().read();
        if !members.open && members.get(number).is_none() {
            let text = format!("{number} is no {}", members.name);
            return Err(Fault::wrong(Why::Value, text));
        }
    }
    Ok(())
}

/// A text with a half of a surrogate pair has no UTF-8.
///
/// # Safety
/// An exception is set; the thread holds Python's lock.
#[cold]
unsafe fn no_text(fault: Fault, object: Raw) -> Fault {
    // SAFETY: the caller's promise.
    unsafe {
        if ffi::PyErr_ExceptionMatches(ffi::PyExc_UnicodeEncodeError) == 0 {
            return fault;
        }
        ffi::PyErr_Clear();
        let shown = Object::new(ffi::PyObject_ASCII(object));
        let shown = shown.and_then(|shown| str_of(shown.raw()).map(str::to_owned));
        let shown = shown.unwrap_or_else(|_| {
            ffi::PyErr_Clear();
            "the text".to_owned()
        });
        let shown: String = shown.chars().take(60).collect();
        let text = format!("{shown} has half a surrogate pair, which UTF-8 cannot say");
        Fault::wrong(Why::Value, text)
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
        for (index, (scalar, place)) in places.into_iter().enumerate() {
            let Ok(value) = class.field(object, index, false) else {
                ffi::PyErr_Clear();
                let text = format!("{}, a time of seconds and nanos", class.class_name());
                return Err(expected(&text, object));
            };
            number(scalar, value.raw(), place)
                .map_err(|fault| fault.at(|| format!("`{}`", class.name(index))))?;
        }
        if time.nanos > 999_999_999 {
            let text = format!("{} nanos are more than a second", time.nanos);
            return Err(Fault::wrong(Why::Value, text));
        }
        at.cast::<Time>().write(time);
    }
    Ok(())
}
