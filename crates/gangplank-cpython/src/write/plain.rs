//! Values that are an object and nothing else: enums, times, what is wrong with a text.

use gangplank_model::lowered::Scalar;
use pyo3_ffi as ffi;

use super::{Written, expected};
use crate::Time;
use crate::fault::{Fault, Why};
use crate::number::number;
use crate::object::{Object, Raw, str_of, take_back};
use crate::plan::{Dataclass, Members};

/// A member, its number, or what has one as NumPy's integers do; not a truth value, nor a member of another enum.
///
/// # Safety
/// As for [`super::Writer::write`], of an enum.
pub(super) unsafe fn enumeration(members: &Members, object: Raw, at: *mut u8) -> Written {
    // SAFETY: the caller's promise.
    unsafe {
        let ty = ffi::Py_TYPE(object);
        let fits = ty == members.class.raw().cast()
            || ty == &raw mut ffi::PyLong_Type
            || (ffi::PyLong_Check(object) == 0 && ffi::PyIndex_Check(object) != 0);
        if !fits {
            return Err(expected(&members.name, object));
        }
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
pub(super) unsafe fn no_text(fault: Fault, object: Raw) -> Fault {
    // SAFETY: the caller's promise.
    unsafe {
        if !take_back(&[ffi::PyExc_UnicodeEncodeError]) {
            return fault;
        }
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
/// As for [`super::Writer::write`], of a time.
pub(super) unsafe fn time(class: &Dataclass, object: Raw, at: *mut u8) -> Written {
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
            let value = class.field(object, index, false).map_err(|fault| {
                if !take_back(&[ffi::PyExc_AttributeError]) {
                    return fault;
                }
                let text = format!("{}, a time of seconds and nanos", class.class_name());
                expected(&text, object)
            })?;
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
