//! What a library's runtime exports beside its functions (`docs/abi.md`), as far as hosts in Python use it.

use std::ffi::c_void;
use std::ptr::NonNull;

use gangplank_cpython::Span;
use xllr::Module;
use xllr::abi::RawCall;

pub(crate) type UserData = *mut c_void;
pub(crate) type Release = Option<unsafe extern "C" fn(UserData)>;
pub(crate) type HostFn = Option<unsafe extern "C" fn(u64, *const c_void, UserData)>;
pub(crate) type HostCancel = Option<unsafe extern "C" fn(u64, UserData)>;
pub(crate) type Listener = Option<unsafe extern "C" fn(*const c_void, u64, UserData)>;
pub(crate) type Log = Option<unsafe extern "C" fn(u32, Span, Span, UserData)>;

/// `gp_stats`
pub(crate) type Stats = [u64; 8];

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
    share: unsafe extern "C" fn(u64) -> i32,
    release: unsafe extern "C" fn(u64),
    register_host_fn: unsafe extern "C" fn(u64, Span, HostFn, HostCancel, UserData, Release) -> i32,
    host_complete: unsafe extern "C" fn(u64, i32, *const c_void, usize) -> i32,
    add_listener: unsafe extern "C" fn(u64, Span, Listener, UserData, Release, *mut u64) -> i32,
    remove_listener: unsafe extern "C" fn(u64) -> i32,
    tell_lost: unsafe extern "C" fn(u64) -> i32,
    stats: unsafe extern "C" fn(*mut Stats),
    set_log: unsafe extern "C" fn(u32, Log, UserData, Release) -> i32,
}

/// # Safety
/// `F` is the type of a function pointer, and that of what lies at the address.
unsafe fn function<F: Copy>(at: NonNull<c_void>) -> F {
    const { assert!(size_of::<F>() == size_of::<usize>()) };
    // SAFETY: the caller's promise.
    unsafe { std::mem::transmute_copy(&at) }
}
