//! A function for C: pointers, and a share of the module that they point into.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use crate::abi::{FORMAT_NATIVE, FORMAT_PROTO, RawFunction};
use crate::fork;
use crate::runtime::Module;
use crate::target::{Bytes, Target};

/// What `xllr_function.module` points to.
struct Keep {
    _module: Arc<dyn Module>,
}

impl RawFunction {
    /// Nothing that can be called.
    pub(crate) const EMPTY: Self = Self {
        size: size_of::<Self>() as u32,
        formats: 0,
        flags: 0,
        reserved: 0,
        this: 0,
        call: None,
        direct: ptr::null_mut(),
        foreign: None,
        free: None,
        take_error: None,
        cancel: None,
        forked: ptr::null(),
        module: ptr::null(),
    };
}

/// The function, holding its module until [`release`].
pub(crate) fn raw(target: &Target, module: &Arc<dyn Module>) -> RawFunction {
    let keep = Box::new(Keep {
        _module: Arc::clone(module),
    });
    let mut raw = RawFunction {
        forked: fork::flag(),
        module: Box::into_raw(keep).cast_const().cast(),
        ..RawFunction::EMPTY
    };
    if let Some(native) = &target.native {
        raw.formats |= FORMAT_NATIVE;
        raw.flags = native.flags;
        raw.this = native.this;
        raw.call = Some(native.call);
        raw.direct = native.direct;
        raw.free = native.exports.free;
        raw.take_error = native.exports.take_error;
        raw.cancel = native.exports.cancel;
    }
    match target.bytes {
        Bytes::Foreign(function) => {
            raw.formats |= FORMAT_PROTO;
            raw.foreign = Some(function);
        }
        Bytes::Other(_) => raw.formats |= FORMAT_PROTO,
        Bytes::None(_) => {}
    }
    raw
}

/// Gives the module back.
///
/// # Safety
/// `module` is NULL or came from [`raw`], and this is its only release.
pub(crate) unsafe fn release(module: *const c_void) {
    if !module.is_null() {
        // SAFETY: `raw` has made it from a box.
        drop(unsafe { Box::from_raw(module.cast_mut().cast::<Keep>()) });
    }
}
