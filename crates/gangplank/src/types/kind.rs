//! Decisions about types that are made by types: the form of a function and the way a parameter is passed.
//!
//! A macro sees tokens, not types, and an alias of `i64` is a scalar. So each type names its [`Kind`], a function folds
//! the kinds of its parameters and result with [`And`], and the fold selects the signature (see `glue::shape`).

use crate::types::BadValue;

/// Whether values travel in registers.
pub trait Kind: And<Scalar> + And<Compound> {}

/// Bool, integers, floats, enums and unit.
pub struct Scalar;
/// Everything else.
pub struct Compound;

impl Kind for Scalar {}
impl Kind for Compound {}

/// Scalar only if both are.
pub trait And<Other> {
    /// The conjunction.
    type Out;
}

impl And<Scalar> for Scalar {
    type Out = Scalar;
}
impl And<Compound> for Scalar {
    type Out = Compound;
}
impl<Other> And<Other> for Compound {
    type Out = Compound;
}

/// How a parameter whose C struct is `Abi` is passed.
pub trait Passing<Abi: Copy> {
    /// The C parameter.
    type Param: Copy;
    /// The address of the struct; NULL only if the host passed NULL.
    fn address(param: &Self::Param) -> *const Abi;
    /// The class in [`gangplank_descriptor::Layout`].
    const CLASS: u8;
}

/// The struct itself; `CLASS` tells numbers (1), texts (2) and handles (4) apart.
pub struct ByValue<const CLASS: u8>;
/// A pointer to the struct.
pub struct ByPointer;
/// The struct is a pointer already (`Box`, `Option<Box>`).
pub struct PointerByValue;

impl<Abi: Copy, const CLASS: u8> Passing<Abi> for ByValue<CLASS> {
    type Param = Abi;
    const CLASS: u8 = CLASS;
    fn address(param: &Abi) -> *const Abi {
        param
    }
}

impl<Abi: Copy> Passing<Abi> for PointerByValue {
    type Param = Abi;
    const CLASS: u8 = 3;
    fn address(param: &Abi) -> *const Abi {
        param
    }
}

impl<Abi: Copy> Passing<Abi> for ByPointer {
    type Param = *const Abi;
    const CLASS: u8 = 3;
    fn address(param: &*const Abi) -> *const Abi {
        *param
    }
}

/// A reference to what `address` points to, or the error that it cannot be read.
///
/// # Safety
/// `address` is NULL or points to a value that stays unchanged for `'a`.
#[inline(always)]
pub(crate) unsafe fn checked_ref<'a, T>(address: *const T) -> Result<&'a T, BadValue> {
    if address.is_null() || !address.is_aligned() {
        return Err(bad_address(address.is_null()));
    }
    // SAFETY: not NULL and aligned; the caller vouches for the rest.
    Ok(unsafe { &*address })
}

#[cold]
fn bad_address(null: bool) -> BadValue {
    BadValue::argument(if null {
        "must not be NULL"
    } else {
        "a misaligned pointer"
    })
}
