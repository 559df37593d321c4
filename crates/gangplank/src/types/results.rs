//! Results as a host reads them: the other direction of [`Output`], for hosts in Rust.

use super::tuples::each_tuple;
use super::{BadValue, Output, Reader, Type};

/// Results that can be read from C.
///
/// # Safety
/// `read` reads no more than the struct and what it refers to.
pub unsafe trait Results: Output {
    /// Reads them.
    ///
    /// # Safety
    /// As for [`Type::read`].
    unsafe fn read(raw: &Self::Abi, reader: &mut Reader) -> Result<Self, BadValue>;
}

// SAFETY: nothing is read.
unsafe impl Results for () {
    unsafe fn read(_: &Self::Abi, _: &mut Reader) -> Result<Self, BadValue> {
        Ok(())
    }
}

// SAFETY: the type's own struct.
unsafe impl<T: Type> Results for T {
    unsafe fn read(raw: &T::Abi, reader: &mut Reader) -> Result<Self, BadValue> {
        // SAFETY: the caller's promise is the same.
        unsafe { <T as Type>::read(raw, reader) }
    }
}

macro_rules! several {
    ($raw:ident: $($type:ident $field:ident),+) => {
        // SAFETY: a struct of the results' structs.
        unsafe impl<$($type: Type),+> Results for ($($type,)+) {
            unsafe fn read(raw: &Self::Abi, reader: &mut Reader) -> Result<Self, BadValue> {
                // SAFETY: each is part of what the caller vouches for.
                unsafe { Ok(($(<$type as Type>::read(&raw.$field, reader)?,)+)) }
            }
        }
    };
}

each_tuple!(several);
