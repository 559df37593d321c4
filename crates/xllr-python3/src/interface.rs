//! A guest's interface: the lowered library, and which Python class stands for which type.
//!
//! Comes in: the items that a guest carries and its table of classes. Goes out: everything that converting a value needs,
//! looked up once.

use std::collections::HashMap;
use std::ffi::CString;

use gangplank_model::lowered::{Library, Shape};
use gangplank_model::{Diagnostics, Source, assemble, check, lower};
use pyo3_ffi as ffi;

use crate::fault::Fault;
use crate::python::{Object, call};

/// A module's interface.
pub(crate) struct Interface {
    pub(crate) library: Library,
    /// One for each type of the library.
    pub(crate) classes: Vec<Class>,
    /// Bytes by path, for hosts to compare.
    pub(crate) items: HashMap<String, Vec<u8>>,
}

/// What stands for a type.
pub(crate) enum Class {
    /// Nothing of the guest's: numbers, text, containers.
    Plain,
    /// The members of an `IntEnum`.
    Enum(HashMap<i32, Object>),
    /// A dataclass; also the named tuples of times.
    Record(Dataclass),
    /// A dataclass for each case.
    Variant(Vec<Dataclass>),
}

/// A class that is called with its fields in order, and read by name.
pub(crate) struct Dataclass {
    pub(crate) class: Object,
    pub(crate) names: Vec<Object>,
}

fn unusable(text: String) -> Fault {
    Fault::wrong(format!("its interface cannot be used: {text}"))
}

/// The lowered library of a guest's items.
pub(crate) fn lowered(bytes: &[u8]) -> Result<Library, String> {
    let mut items = Vec::new();
    for item in gangplank_descriptor::items(bytes) {
        let item = item.map_err(|error| error.to_string())?;
        items.push(gangplank_descriptor::decode(item).map_err(|error| error.to_string())?);
    }
    let in_words = |found: Diagnostics| {
        let texts: Vec<&str> = found.iter().map(|found| found.message.as_str()).collect();
        texts.join("; ")
    };
    let source = Source { items, root: None };
    let checked = assemble(source).and_then(check).map_err(in_words)?;
    Ok(lower(&checked))
}

impl Interface {
    /// Finds the classes in the guest's table.
    ///
    /// # Safety
    /// The thread holds Python's lock.
    pub(crate) unsafe fn new(library: Library, table: &Object) -> Result<Self, Fault> {
        let mut classes = Vec::new();
        let mut items = HashMap::new();
        for ty in &library.types {
            // SAFETY: the caller's promise.
            unsafe {
                let (class, common) = match &ty.shape {
                    Shape::Enum(of) => {
                        let class = entry(table, &of.common.path)?;
                        let mut members = HashMap::new();
                        for value in &of.values {
                            let number = Object::new(ffi::PyLong_FromLong(value.value.into()))?;
                            let arguments = &mut [std::ptr::null_mut(), number.raw()];
                            members.insert(value.value, call(class.raw(), arguments)?);
                        }
                        (Class::Enum(members), Some(&of.common))
                    }
                    Shape::Record(of) => {
                        let class = entry(table, &of.common.path)?;
                        let class = Dataclass::new(class, of.fields.len())?;
                        (Class::Record(class), Some(&of.common))
                    }
                    Shape::Variant(of) => {
                        let cases = entry(table, &of.common.path)?;
                        let mut classes = Vec::new();
                        for (index, case) in of.cases.iter().enumerate() {
                            let index = index as ffi::Py_ssize_t;
                            let class = ffi::PySequence_GetItem(cases.raw(), index);
                            classes.push(Dataclass::new(Object::new(class)?, case.fields.len())?);
                        }
                        (Class::Variant(classes), Some(&of.common))
                    }
                    Shape::Timestamp => (time(table, "timestamp")?, None),
                    Shape::Duration => (time(table, "duration")?, None),
                    _ => (Class::Plain, None),
                };
                classes.push(class);
                if let Some(common) = common {
                    items.insert(common.path.clone(), common.item.clone());
                }
            }
        }
        for function in &library.functions {
            items.insert(function.common.path.clone(), function.common.item.clone());
        }
        Ok(Self {
            library,
            classes,
            items,
        })
    }
}

/// # Safety
/// The thread holds Python's lock.
unsafe fn time(table: &Object, name: &str) -> Result<Class, Fault> {
    // SAFETY: the caller's promise.
    unsafe { Ok(Class::Record(Dataclass::new(entry(table, name)?, 2)?)) }
}

/// # Safety
/// The thread holds Python's lock.
unsafe fn entry(table: &Object, path: &str) -> Result<Object, Fault> {
    let key = CString::new(path).map_err(|_| unusable(format!("{path:?} is no path")))?;
    // SAFETY: a terminated text, and the caller's promise.
    unsafe {
        let found = ffi::PyMapping_GetItemString(table.raw(), key.as_ptr());
        Object::new(found).map_err(|_| {
            ffi::PyErr_Clear();
            unusable(format!("TYPES has no {path}; write the guest again"))
        })
    }
}

impl Dataclass {
    /// # Safety
    /// The thread holds Python's lock.
    unsafe fn new(class: Object, fields: usize) -> Result<Self, Fault> {
        // SAFETY: the caller's promise.
        unsafe {
            let names = match class.attribute(c"__match_args__") {
                Ok(names) => names,
                Err(_) => {
                    ffi::PyErr_Clear();
                    class.attribute(c"_fields")?
                }
            };
            let count = ffi::PySequence_Size(names.raw());
            if count != fields as ffi::Py_ssize_t {
                let text = format!("a class has {count} fields instead of {fields}");
                return Err(unusable(text));
            }
            let name = |index| Object::new(ffi::PySequence_GetItem(names.raw(), index));
            Ok(Self {
                names: (0..count).map(name).collect::<Result<_, _>>()?,
                class,
            })
        }
    }
}
