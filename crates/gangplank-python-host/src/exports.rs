//! What a library's runtime exports beside its functions (`docs/abi.md`), as far as hosts in Python use it.

use std::ffi::c_void;
use std::ptr::NonNull;

use xllr::Module;
use xllr::abi::RawCall;

macro_rules! exports {
    ($($name:ident: $ty:ty,)*) => {
        /// The functions; a module that is no library of Gangplank, or lives in another process, has none.
        #[derive(Clone, Copy, Default)]
        pub(crate) struct Exports {
            $(pub(crate) $name: Option<$ty>,)*
        }

        impl Exports {
            pub(crate) fn find(module: &Module) -> Self {
                Self {
                    // SAFETY: an export of this name has this type (docs/abi.md).
                    $($name: module.export(stringify!($name)).map(|at| unsafe { function(at) }),)*
                }
            }
        }
    };
}

exports! {
    cancel: unsafe extern "C" fn(u64) -> i32,
    close: unsafe extern "C" fn(u64, *mut RawCall) -> i32,
    release: unsafe extern "C" fn(u64),
}

/// # Safety
/// `F` is the type of a function pointer, and that of what lies at the address.
unsafe fn function<F: Copy>(at: NonNull<c_void>) -> F {
    const { assert!(size_of::<F>() == size_of::<usize>()) };
    // SAFETY: the caller's promise.
    unsafe { std::mem::transmute_copy(&at) }
}
