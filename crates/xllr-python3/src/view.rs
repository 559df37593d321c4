//! Parameters that a function wants as memory: `memoryview`, `array.array`, arrays of NumPy.
//!
//! Comes in: octets or a list of numbers, in the caller's memory. Goes out: what the annotation of the parameter asks for,
//! over one copy of them. The copy is Python's own: a function may keep what it gets, and the caller's memory ends with the
//! call. No number becomes an object.

use gangplank_cpython::{Fault, Object, Span, call, ffi};
use gangplank_model::lowered::{Library, Scalar, Shape, TypeId};

/// How a parameter is made.
pub(crate) struct View {
    /// Takes octets, and the letter that the module `struct` has for the numbers.
    make: Object,
    letter: Option<&'static str>,
    /// Bytes of one.
    size: usize,
}

impl View {
    /// `None`: the type lies in no single piece of memory, or nothing asks for it.
    pub(crate) fn new(library: &Library, ty: TypeId, make: Option<Object>) -> Option<Self> {
        let make = make?;
        let (letter, size) = match &library.ty(ty).shape {
            Shape::Bytes => (None, 1),
            Shape::List(inner) => {
                let inner = library.ty(*inner);
                let Shape::Scalar(scalar) = inner.shape else {
                    return None;
                };
                (Some(letter(scalar)), inner.size)
            }
            _ => return None,
        };
        Some(Self { make, letter, size })
    }

    /// # Safety
    /// `at` is a value of this type (`docs/abi.md`); the thread holds Python's lock.
    pub(crate) unsafe fn of(&self, at: *const u8) -> Result<Object, Fault> {
        // SAFETY: the caller's promise.
        unsafe {
            let span = at.cast::<Span>().read();
            let len = (span.len * self.size) as ffi::Py_ssize_t;
            let octets = ffi::PyByteArray_FromStringAndSize(span.ptr.cast(), len);
            let octets = Object::new(octets)?;
            let letter = match self.letter {
                Some(letter) => Object::text(letter)?,
                None => Object::share(ffi::Py_None())?,
            };
            let arguments = &mut [std::ptr::null_mut(), octets.raw(), letter.raw()];
            call(self.make.raw(), arguments)
        }
    }
}

fn letter(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::I8 => "b",
        Scalar::I16 => "h",
        Scalar::I32 => "i",
        Scalar::I64 => "q",
        Scalar::U8 => "B",
        Scalar::U16 => "H",
        Scalar::U32 => "I",
        Scalar::U64 => "Q",
        Scalar::F32 => "f",
        Scalar::F64 => "d",
    }
}
