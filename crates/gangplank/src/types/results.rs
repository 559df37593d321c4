//! Results as a host reads them: the other direction of [`Output`], for hosts in Rust.

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
    ($($type:ident $field:ident),+) => {
        // SAFETY: a struct of the results' structs.
        unsafe impl<$($type: Type),+> Results for ($($type,)+) {
            unsafe fn read(raw: &Self::Abi, reader: &mut Reader) -> Result<Self, BadValue> {
                // SAFETY: each is part of what the caller vouches for.
                unsafe { Ok(($(<$type as Type>::read(&raw.$field, reader)?,)+)) }
            }
        }
    };
}

several!(A r0, B r1);
several!(A r0, B r1, C r2);
several!(A r0, B r1, C r2, D r3);
several!(A r0, B r1, C r2, D r3, E r4);
several!(A r0, B r1, C r2, D r3, E r4, F r5);
several!(A r0, B r1, C r2, D r3, E r4, F r5, G r6);
several!(A r0, B r1, C r2, D r3, E r4, F r5, G r6, H r7);
several!(A r0, B r1, C r2, D r3, E r4, F r5, G r6, H r7, I r8);
several!(A r0, B r1, C r2, D r3, E r4, F r5, G r6, H r7, I r8, J r9);
several!(A r0, B r1, C r2, D r3, E r4, F r5, G r6, H r7, I r8, J r9, K r10);
several!(A r0, B r1, C r2, D r3, E r4, F r5, G r6, H r7, I r8, J r9, K r10, L r11);
