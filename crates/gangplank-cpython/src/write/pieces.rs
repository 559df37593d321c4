//! Objects that lend their memory: octets, and lists of numbers or truth values that lie in one piece.

use gangplank_model::lowered::Scalar;
use pyo3_ffi as ffi;

use super::{Store, Writer, Written, expected};
use crate::Span;
use crate::buffer::Buffer;
use crate::fault::{Fault, Why};
use crate::object::{Raw, bytes_of, type_name};

impl<S: Store> Writer<'_, S> {
    /// # Safety
    /// As for [`Writer::write`], of bytes.
    pub(super) unsafe fn bytes(&mut self, object: Raw, at: *mut u8) -> Written {
        // SAFETY: the caller's promise.
        unsafe {
            if ffi::PyBytes_Check(object) != 0 {
                let bytes = bytes_of(object)?;
                at.cast::<Span>().write(self.store.bytes(bytes, object));
                return Ok(());
            }
            let Some(buffer) = Buffer::octets(object)? else {
                return Err(no_octets(object));
            };
            at.cast::<Span>().write(self.store.buffer(buffer, 1));
        }
        Ok(())
    }

    /// Numbers that lie in one piece already; whether they do.
    ///
    /// # Safety
    /// As for [`Writer::write`], of a list of numbers.
    pub(super) unsafe fn numbers(
        &mut self,
        scalar: Scalar,
        object: Raw,
        at: *mut u8,
    ) -> Result<bool, Fault> {
        // SAFETY: the caller's promise.
        unsafe {
            let ty = ffi::Py_TYPE(object);
            if ty == &raw mut ffi::PyList_Type
                || ty == &raw mut ffi::PyTuple_Type
                || ffi::PyBytes_Check(object) != 0
            {
                return Ok(false);
            }
            let Some(buffer) = Buffer::numbers(object, scalar)? else {
                return Ok(false);
            };
            let len = buffer.count();
            // A number's size is its alignment.
            if let Some(size) = buffer.as_slice().len().checked_div(len) {
                let ptr = self.store.buffer(buffer, size).ptr;
                at.cast::<Span>().write(Span { ptr, len });
            }
            Ok(true)
        }
    }

    /// Truth values that lie in one piece already; whether they do.
    ///
    /// # Safety
    /// As for [`Writer::write`], of a list of truth values.
    pub(super) unsafe fn flags(&mut self, object: Raw, at: *mut u8) -> Result<bool, Fault> {
        // SAFETY: the caller's promise; the place has a byte for each, which is 0 or 1 afterwards.
        unsafe {
            let ty = ffi::Py_TYPE(object);
            if ty == &raw mut ffi::PyList_Type || ty == &raw mut ffi::PyTuple_Type {
                return Ok(false);
            }
            let Some(buffer) = Buffer::flags(object)? else {
                return Ok(false);
            };
            let flags = buffer.as_slice();
            let ptr = self.store.place(flags.len(), 1);
            for (index, flag) in flags.iter().enumerate() {
                ptr.add(index).write((*flag != 0).into());
            }
            let len = flags.len();
            at.cast::<Span>().write(Span { ptr, len });
            Ok(true)
        }
    }
}

/// Why an object gives no octets in one piece.
///
/// # Safety
/// `object` is one; the thread holds Python's lock.
#[cold]
unsafe fn no_octets(object: Raw) -> Fault {
    // SAFETY: the caller's promise.
    unsafe {
        match Buffer::is_strided(object) {
            Ok(true) => {}
            Ok(false) => return expected("bytes", object),
            Err(fault) => return fault,
        }
        let text = format!(
            "the memory of this {} is not contiguous; pass `bytes(view)` of a memoryview, `numpy.ascontiguousarray(array)` of an array",
            type_name(object)
        );
        Fault::wrong(Why::Value, text)
    }
}
