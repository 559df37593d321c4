//! A plugin's function as a target.

use std::ffi::c_void;

use super::raw::{RawFound, RawWith};
use crate::call::{self, Returned};
use crate::dynamic;
use crate::error::Error;
use crate::expect;
use crate::target::{Bytes, CallBytes, Describe, Exports, Native, Target};

pub(super) fn target(name: &str, found: &RawFound) -> Target {
    let native = found.call.map(|call| Native {
        call,
        describe: found
            .describe
            .map(|describe| Describe::With(describe, found.context)),
        flags: found.flags,
        this: found.this,
        direct: std::ptr::null_mut(),
        exports: Exports {
            free: found.free,
            take_error: found.take_error,
            cancel: found.cancel,
        },
    });
    let bytes = match found.foreign {
        Some(function) => Bytes::Other(Box::new(With {
            function,
            context: found.context,
        })),
        None => translated(native.as_ref()),
    };
    Target {
        name: name.to_owned(),
        native,
        bytes,
    }
}

/// A function that its runtime only has in C structs: XLLR translates, by the items that it reports.
fn translated(native: Option<&Native>) -> Bytes {
    match native.and_then(|native| Some((native, native.describe?))) {
        Some((native, describe)) => dynamic::of_items(native, &expect::described(describe))
            .unwrap_or_else(|error| Bytes::None(error.text().to_owned())),
        None => Bytes::None("its runtime does not offer it".to_owned()),
    }
}

/// A function in bytes, and which one it is.
struct With {
    function: RawWith,
    context: *mut c_void,
}

// SAFETY: a runtime's functions may be called on any thread (`xllr_runtime.h`).
unsafe impl Send for With {}
// SAFETY: as above.
unsafe impl Sync for With {}

impl CallBytes for With {
    fn call(&self, params: &[u8], want_params: bool) -> Result<Returned, Error> {
        call::with_places(params, want_params, |places| {
            // SAFETY: the places are those of a `Foreign` call, and the context is the function's, whose module is open.
            unsafe {
                (self.function)(
                    self.context,
                    places.in_params,
                    places.in_params_len,
                    places.out_params,
                    places.out_params_len,
                    places.out_ret,
                    places.out_ret_len,
                    places.is_error,
                );
            }
        })
    }
}
