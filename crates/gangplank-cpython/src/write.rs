//! Python objects to C structs: arguments of a host, results of a guest, whatever they are.

mod pieces;
mod plain;

use gangplank_model::lowered::TypeId;
use pyo3_ffi as ffi;

use crate::buffer::Buffer;
use crate::fault::{Fault, Why};
use crate::number::{instead, number};
use crate::object::{Object, Raw, str_of, take_back, type_name};
use crate::plan::{Dataclass, Kind, Plan, Struct};
use crate::{Handles, Span};
use plain::{enumeration, no_text, time};

/// Where values go that do not lie in their struct.
pub trait Store {
    /// A place of zeros; `align` is at most 16. NULL for no bytes.
    fn place(&mut self, size: usize, align: usize) -> *mut u8;

    /// Bytes of an object that never changes, and is held: by [`Store::hold`] or by whoever called. They may be used for
    /// longer by holding the object once more.
    ///
    /// # Safety
    /// `of` is the object, of which these are the bytes; the thread holds Python's lock.
    unsafe fn bytes(&mut self, bytes: &[u8], of: Raw) -> Span;

    /// Takes an object of which bytes have been given.
    fn hold(&mut self, object: Object);

    /// The bytes of memory that an object lends, which others may still write to, at a multiple of `align`, which is at
    /// most 16.
    fn buffer(&mut self, buffer: Buffer, align: usize) -> Span;
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
                    let depth = Fault::deeper(depth)?;
                    let place = self.behind(*inner, at);
                    self.there(*inner, object, some.as_ref(), place, depth)
                }
                Kind::Boxed(inner) => {
                    let depth = Fault::deeper(depth)?;
                    let place = self.behind(*inner, at);
                    self.value(*inner, object, place, depth)
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
                return self.value(inner, object, at, depth);
            };
            if !class.is_exact(object) {
                return Err(expected(&format!("{} or None", class.class_name()), object));
            }
            let value = class.field(object, 0, true)?;
            let written = self.value(inner, value.raw(), at, depth);
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
                        if exact || !take_back(&[ffi::PyExc_AttributeError]) {
                            return Err(fault);
                        }
                        return Err(expected(&of.class.class_name(), object));
                    }
                };
                let written = self.value(field.ty, value.raw(), at.add(field.offset), depth);
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
            at.cast::<Span>()
                .write(self.store.bytes(text.as_bytes(), object));
        }
        Ok(())
    }

    /// # Safety
    /// As for [`Writer::write`], of a list.
    unsafe fn list(&mut self, inner: TypeId, object: Raw, at: *mut u8, depth: u32) -> Written {
        let node = self.plan.node(inner);
        let (size, align) = (node.size, node.align);
        let depth = Fault::deeper(depth)?;
        // SAFETY: the caller's promise. The tuple is held: what a value's own code or another thread does to the list does
        // not move it.
        unsafe {
            let at_once = match node.kind {
                Kind::Scalar(scalar) => self.numbers(scalar, object, at)?,
                Kind::Bool => self.flags(object, at)?,
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
            let bytes = len * size;
            let first = self.store.place(bytes, align);
            at.cast::<Span>().write(Span { ptr: first, len });
            let text = matches!(self.plan.node(inner).kind, Kind::String);
            let mut written = Ok(());
            for index in 0..len {
                let item = ffi::PyTuple_GetItem(items.raw(), index as ffi::Py_ssize_t);
                let place = first.add(index * size);
                written = match text {
                    true => self.text(item, place),
                    false => self.value(inner, item, place, depth),
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
        let depth = Fault::deeper(depth)?;
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
                written = self.value(key, name, place, depth);
                written = written.map_err(|fault| fault.at(|| "a key".to_owned()));
                if written.is_ok() {
                    written = self.value(value, of, place.add(offset), depth);
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
