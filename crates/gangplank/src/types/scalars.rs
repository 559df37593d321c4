//! The scalar form from the other side, for hosts in Rust: parameters into registers, and what came back taken apart.

use core::mem::ManuallyDrop;

use super::tuples::each_tuple;
use super::{Output, Results, Scalar, Type};
use crate::abi::{Absent, RawReturn, RawReturnUnit};
use crate::memory::Arena;

/// The address of a function in the scalar form (`docs/abi.md`).
pub type RawScalar = unsafe extern "C" fn();

/// Parameters of the scalar form: nothing, a scalar, or a tuple of them.
///
/// # Safety
/// `call` passes each as its C type, in order, and nothing else.
pub unsafe trait Scalars: Output {
    /// Calls a function.
    ///
    /// # Safety
    /// It has these parameters, and the result `R`.
    unsafe fn call<R: ScalarResult>(self, function: RawScalar) -> R::Ret;
}

/// A result of the scalar form: nothing, or a scalar.
///
/// # Safety
/// `Ret` is what `docs/abi.md` says that a function with this result returns.
pub unsafe trait ScalarResult: Results {
    /// The value, the status, and the slot of the error.
    fn came(ret: Self::Ret) -> (Self::Abi, i32, u32);
}

// SAFETY: `gp_return_unit`.
unsafe impl ScalarResult for () {
    #[inline]
    fn came(ret: RawReturnUnit) -> (Absent, i32, u32) {
        (Absent, ret.status, ret.error)
    }
}

// SAFETY: `gp_return_…` of the type.
unsafe impl<T: Type<Kind = Scalar>> ScalarResult for T {
    #[inline]
    fn came(ret: RawReturn<T::Abi>) -> (T::Abi, i32, u32) {
        (ret.value, ret.status, ret.error)
    }
}

/// The value as C has it. A scalar puts nothing into an arena, so there is nothing to drop.
#[inline]
fn lowered<T: Type<Kind = Scalar>>(value: T) -> T::Abi {
    value.write(&mut ManuallyDrop::new(Arena::allocated(0)))
}

macro_rules! scalars {
    ($raw:ident: $($type:ident $value:ident),+) => {
        // SAFETY: the types' own C types, in order.
        unsafe impl<$($type: Type<Kind = Scalar>),+> Scalars for ($($type,)+) {
            scalars!($($type $value),+);
        }
    };
    ($($type:ident $value:ident),*) => {
        #[inline]
        unsafe fn call<R: ScalarResult>(self, function: RawScalar) -> R::Ret {
            let ($($value,)*) = self;
            // SAFETY: the caller promises what the function takes and returns.
            let function = unsafe {
                core::mem::transmute::<RawScalar, unsafe extern "C" fn($($type::Abi),*) -> R::Ret>(function)
            };
            // SAFETY: as above.
            unsafe { function($(lowered($value)),*) }
        }
    };
}

// SAFETY: nothing is passed.
unsafe impl Scalars for () {
    scalars!();
}

// SAFETY: the type's own C type.
unsafe impl<T: Type<Kind = Scalar>> Scalars for T {
    #[inline]
    unsafe fn call<R: ScalarResult>(self, function: RawScalar) -> R::Ret {
        // SAFETY: the caller promises what the function takes and returns.
        unsafe {
            let function =
                core::mem::transmute::<RawScalar, unsafe extern "C" fn(T::Abi) -> R::Ret>(function);
            function(lowered(self))
        }
    }
}

each_tuple!(scalars);
