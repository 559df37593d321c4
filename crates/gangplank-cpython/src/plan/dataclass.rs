//! A class that is called with its fields in order, and read by name.
//!
//! A dataclass with slots whose `__init__` is the generated one is made and read through its slots' descriptors: the same
//! outcome without a Python frame.

use pyo3_ffi as ffi;

use super::unusable;
use crate::fault::Fault;
use crate::object::{Object, Raw, call, class_name, str_of, take_back};

/// A class with fields.
#[derive(Debug)]
pub struct Dataclass {
    pub(crate) class: Object,
    /// Of its fields, interned.
    names: Vec<Object>,
    slots: Option<Vec<Slot>>,
}

/// A slot's descriptor. Invariant: `get` and `set` are those of the descriptor's type.
#[derive(Debug)]
struct Slot {
    descriptor: Object,
    get: ffi::descrgetfunc,
    set: ffi::descrsetfunc,
}

impl Dataclass {
    /// # Safety
    /// The thread holds Python's lock.
    pub(crate) unsafe fn new(class: Object, fields: usize) -> Result<Self, Fault> {
        // SAFETY: the caller's promise.
        unsafe {
            let names = match class.attribute(c"__match_args__") {
                Ok(names) => names,
                Err(_) if take_back(&[ffi::PyExc_AttributeError]) => class.attribute(c"_fields")?,
                Err(fault) => return Err(fault),
            };
            let count = ffi::PySequence_Size(names.raw());
            if count != fields as ffi::Py_ssize_t {
                let text = format!("a class has {count} fields instead of {fields}");
                return Err(unusable(text));
            }
            let name = |index| Object::new(ffi::PySequence_GetItem(names.raw(), index));
            let names: Vec<Object> = (0..count).map(name).collect::<Result<_, _>>()?;
            Ok(Self {
                slots: slots(&class, &names),
                names,
                class,
            })
        }
    }

    /// Makes one. `arguments` has a free place before the values.
    ///
    /// # Safety
    /// All but the first are objects, as many as there are fields; the thread holds Python's lock.
    pub(crate) unsafe fn make(&self, arguments: &mut [Raw]) -> Result<Object, Fault> {
        // SAFETY: the caller's promise; the slots are those of the class, which the new object is of.
        unsafe {
            let Some(slots) = &self.slots else {
                return call(self.class.raw(), arguments);
            };
            let made = Object::new(ffi::PyType_GenericAlloc(self.class.raw().cast(), 0))?;
            for (slot, value) in slots.iter().zip(&arguments[1..]) {
                if (slot.set)(slot.descriptor.raw(), made.raw(), *value) != 0 {
                    return Err(Fault::Raised);
                }
            }
            Ok(made)
        }
    }

    /// Whether an object is one of exactly this class.
    #[inline]
    pub(crate) fn is_exact(&self, object: Raw) -> bool {
        // SAFETY: only reads the type of an object.
        unsafe { ffi::Py_TYPE(object) == self.class.raw().cast() }
    }

    /// A field's value.
    ///
    /// # Safety
    /// `object` is one, `exact` whether it is exactly of this class; the thread holds Python's lock.
    #[inline]
    pub(crate) unsafe fn field(
        &self,
        object: Raw,
        index: usize,
        exact: bool,
    ) -> Result<Object, Fault> {
        // SAFETY: the caller's promise: a slot is read from an object of its class only.
        unsafe {
            match &self.slots {
                Some(slots) if exact => {
                    let slot = &slots[index];
                    let class = self.class.raw();
                    Object::new((slot.get)(slot.descriptor.raw(), object, class))
                }
                _ => Object::new(ffi::PyObject_GetAttr(object, self.names[index].raw())),
            }
        }
    }

    /// A field's name, for messages.
    ///
    /// # Safety
    /// The thread holds Python's lock.
    pub(crate) unsafe fn name(&self, index: usize) -> String {
        // SAFETY: the caller's promise; without a name there is an exception, which is taken back.
        unsafe {
            str_of(self.names[index].raw()).map_or_else(
                |_| {
                    ffi::PyErr_Clear();
                    format!("field {index}")
                },
                str::to_owned,
            )
        }
    }

    /// The class's name, for messages.
    ///
    /// # Safety
    /// The thread holds Python's lock.
    pub(crate) unsafe fn class_name(&self) -> String {
        // SAFETY: the caller's promise.
        unsafe { class_name(self.class.raw()) }
    }
}

/// The descriptors of a class whose objects are nothing but their slots.
///
/// # Safety
/// The thread holds Python's lock.
unsafe fn slots(class: &Object, names: &[Object]) -> Option<Vec<Slot>> {
    // SAFETY: the caller's promise. A slot of a type has the function type that its name says.
    let found = unsafe {
        let plain = ffi::Py_TYPE(class.raw()) == &raw mut ffi::PyType_Type
            && ffi::PyObject_HasAttrString(class.raw(), c"__dataclass_fields__".as_ptr()) == 1
            && ffi::PyObject_HasAttrString(class.raw(), c"__post_init__".as_ptr()) == 0
            && generated_init(class).unwrap_or(false)
            && ffi::PyType_GetSlot(class.raw().cast(), ffi::Py_tp_new)
                == ffi::PyType_GetSlot(&raw mut ffi::PyBaseObject_Type, ffi::Py_tp_new);
        let slot = |name: &Object| {
            let space = class.attribute(c"__dict__").ok()?;
            let descriptor = Object::new(ffi::PyObject_GetItem(space.raw(), name.raw())).ok()?;
            let ty = ffi::Py_TYPE(descriptor.raw());
            if ty != &raw mut ffi::PyMemberDescr_Type {
                return None;
            }
            let get = ffi::PyType_GetSlot(ty, ffi::Py_tp_descr_get);
            let set = ffi::PyType_GetSlot(ty, ffi::Py_tp_descr_set);
            (!get.is_null() && !set.is_null()).then(|| Slot {
                descriptor,
                get: std::mem::transmute::<*mut std::ffi::c_void, ffi::descrgetfunc>(get),
                set: std::mem::transmute::<*mut std::ffi::c_void, ffi::descrsetfunc>(set),
            })
        };
        let found = plain.then(|| names.iter().map(slot).collect::<Option<Vec<_>>>());
        ffi::PyErr_Clear();
        found
    };
    found.flatten()
}

/// Whether `__init__` is the one that `dataclass` has made, for all fields.
///
/// # Safety
/// The thread holds Python's lock.
unsafe fn generated_init(class: &Object) -> Result<bool, Fault> {
    // SAFETY: the caller's promise.
    unsafe {
        let params = class.attribute(c"__dataclass_params__")?;
        let init = params.attribute(c"init")?;
        Ok(init.raw() == ffi::Py_True())
    }
}
