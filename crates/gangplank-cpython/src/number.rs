//! Numbers of Python in C.

use std::ffi::c_int;

use gangplank_model::lowered::Scalar;
use pyo3_ffi as ffi;

use crate::fault::{Fault, Why};
use crate::object::{Object, Raw, str_of, take_back};
use crate::write::expected;

/// Writes a number where it fits.
///
/// # Safety
/// `object` is one; `at` is a place for the number; the thread holds Python's lock.
#[inline]
pub(crate) unsafe fn number(scalar: Scalar, object: Raw, at: *mut u8) -> Result<(), Fault> {
    // SAFETY: the caller's promise.
    unsafe {
        match scalar {
            Scalar::F32 | Scalar::F64 => float(scalar, object, at),
            _ if ffi::Py_TYPE(object) == &raw mut ffi::PyLong_Type => integer(scalar, object, at),
            _ => {
                let index = Object::new(ffi::PyNumber_Index(object));
                let index = index.map_err(|fault| instead(fault, "int", object))?;
                integer(scalar, index.raw(), at)
            }
        }
    }
}

/// A `TypeError` of Python's in words of the interface; any other exception as it is.
///
/// # Safety
/// An exception is set if the fault says so; `object` is one; the thread holds Python's lock.
#[cold]
pub(crate) unsafe fn instead(fault: Fault, what: &str, object: Raw) -> Fault {
    // SAFETY: the caller's promise.
    unsafe {
        match take_back(&[ffi::PyExc_TypeError]) {
            true => expected(what, object),
            false => fault,
        }
    }
}

/// # Safety
/// As for [`number`].
#[inline]
unsafe fn float(scalar: Scalar, object: Raw, at: *mut u8) -> Result<(), Fault> {
    // SAFETY: the caller's promise.
    unsafe {
        let number = ffi::PyFloat_AsDouble(object);
        if number == -1.0 && !ffi::PyErr_Occurred().is_null() {
            return Err(instead(Fault::Raised, "float", object));
        }
        if scalar == Scalar::F64 {
            at.cast::<f64>().write(number);
            return Ok(());
        }
        let narrow = narrowed(number);
        if narrow.is_infinite() && number.is_finite() {
            return Err(range(scalar, object));
        }
        at.cast::<f32>().write(narrow);
        Ok(())
    }
}

/// The nearest number, and of what is none the same bits, as far as there is room.
#[inline]
fn narrowed(number: f64) -> f32 {
    if !number.is_nan() {
        return number as f32;
    }
    let bits = number.to_bits();
    let (sign, rest) = (
        (bits >> 32) as u32 & 1 << 31,
        (bits >> 29) as u32 & 0x7f_ffff,
    );
    // Without any bit it would be infinite.
    let rest = if rest == 0 { 1 << 22 } else { rest };
    f32::from_bits(sign | 0xff << 23 | rest)
}

/// # Safety
/// As for [`number`]; `object` is an `int`.
#[inline]
unsafe fn integer(scalar: Scalar, object: Raw, at: *mut u8) -> Result<(), Fault> {
    // SAFETY: the caller's promise.
    let fits = unsafe {
        if scalar == Scalar::U64 {
            let number = ffi::PyLong_AsUnsignedLongLong(object);
            at.cast::<u64>().write(number);
            number != u64::MAX || ffi::PyErr_Occurred().is_null()
        } else {
            let mut overflow: c_int = 0;
            let number = ffi::PyLong_AsLongLongAndOverflow(object, &mut overflow);
            overflow == 0 && narrow(scalar, number, at)
        }
    };
    if fits {
        return Ok(());
    }
    // SAFETY: the caller's promise; the exception of a number that is too large is taken back.
    unsafe {
        ffi::PyErr_Clear();
        Err(range(scalar, object))
    }
}

/// Writes the number if it fits.
///
/// # Safety
/// `at` is the number's place.
#[inline]
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
#[inline]
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

/// What somebody can read of a number.
fn shortened(digits: &str) -> String {
    const MOST: usize = 80;
    let start: String = digits.chars().take(MOST).collect();
    match start.len() < digits.len() {
        true => format!("{start}…"),
        false => start,
    }
}

/// # Safety
/// `object` is a number; no exception is set; the thread holds Python's lock.
#[cold]
unsafe fn range(scalar: Scalar, object: Raw) -> Fault {
    // SAFETY: the caller's promise; an exception on the way is taken back.
    let digits = unsafe {
        let digits = Object::new(ffi::PyObject_Str(object));
        let digits = digits.and_then(|text| str_of(text.raw()).map(shortened));
        digits.unwrap_or_else(|_| {
            ffi::PyErr_Clear();
            "the number".to_owned()
        })
    };
    Fault::wrong(
        Why::Range,
        format!("{digits} does not fit into {}", scalar.name()),
    )
}
