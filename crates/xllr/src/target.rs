//! A function that was found: the forms in which it can be called.

use std::ffi::c_void;

use crate::abi::{
    ENTRY_SCALAR, RawCancel, RawDescribe, RawForeign, RawFree, RawScalar, RawSink, RawTakeError,
    RawUniform,
};
use crate::call::Returned;
use crate::error::Error;

/// A function of a module. Its pointers are valid as long as the module that gave it out.
pub(crate) struct Target {
    /// `Calc.div`
    pub(crate) name: String,
    /// In C structs.
    pub(crate) native: Option<Native>,
    /// In protobuf bytes.
    pub(crate) bytes: Bytes,
}

/// The native form.
pub(crate) struct Native {
    pub(crate) call: RawUniform,
    /// Reports its items; `None`: nothing is known of them.
    pub(crate) describe: Option<Describe>,
    pub(crate) flags: u32,
    /// What to pass as `self` of a function that is not a method.
    pub(crate) this: u64,
    pub(crate) direct: *mut c_void,
    pub(crate) exports: Exports,
}

// SAFETY: the pointers are addresses of code and constant data of a module, which nothing writes to; any thread may call.
unsafe impl Send for Native {}
// SAFETY: as above.
unsafe impl Sync for Native {}

impl Native {
    /// The function in the scalar form, where there is one whose errors can be asked for.
    pub(crate) fn scalar(&self) -> Option<RawScalar> {
        let is_scalar = self.flags & ENTRY_SCALAR != 0 && self.exports.take_error.is_some();
        if !is_scalar || self.direct.is_null() {
            return None;
        }
        // SAFETY: not NULL, and the address of a function.
        Some(unsafe { std::mem::transmute::<*mut c_void, RawScalar>(self.direct) })
    }
}

/// How a function's items are asked for.
#[derive(Clone, Copy)]
pub(crate) enum Describe {
    /// An entry's function.
    Entry(RawDescribe),
    /// A runtime's, with what it is to be given.
    With(
        unsafe extern "C" fn(*mut c_void, RawSink, *mut c_void),
        *mut c_void,
    ),
}

/// Of a library's runtime, what calls need.
#[derive(Clone, Copy, Default)]
pub(crate) struct Exports {
    pub(crate) free: Option<RawFree>,
    pub(crate) take_error: Option<RawTakeError>,
    pub(crate) cancel: Option<RawCancel>,
}

/// The form in bytes.
pub(crate) enum Bytes {
    /// The module speaks protobuf itself.
    Foreign(RawForeign),
    /// Somebody translates.
    Other(Box<dyn CallBytes>),
    /// Not callable in this form; why.
    None(String),
}

/// A function in bytes behind anything but a plain C function: a language's runtime, a translation by descriptor, another
/// process.
pub(crate) trait CallBytes: Send + Sync {
    /// The bytes of the response. An error of the function itself is [`crate::Kind::Failed`].
    fn call(&self, params: &[u8], want_params: bool) -> Result<Returned, Error>;
}

#[cfg(test)]
mod tests {
    use super::*;

    unsafe extern "C" fn call(
        _: u64,
        _: *const c_void,
        _: *mut c_void,
        _: *mut crate::abi::RawCall,
        _: crate::abi::RawDone,
        _: *mut c_void,
    ) -> i32 {
        0
    }

    unsafe extern "C" fn take(_: u32, _: *mut crate::abi::RawCall) {}

    fn native(flags: u32, direct: *mut c_void, take_error: Option<RawTakeError>) -> Native {
        Native {
            call,
            describe: None,
            flags,
            this: 0,
            direct,
            exports: Exports {
                take_error,
                ..Exports::default()
            },
        }
    }

    #[test]
    fn only_what_says_so_is_called_in_the_scalar_form() {
        let there = take as *mut c_void;
        let is_there = |flags, direct, take| native(flags, direct, take).scalar().is_some();
        assert!(is_there(ENTRY_SCALAR, there, Some(take)));
        assert!(!is_there(0, there, Some(take)), "the flag is missing");
        assert!(
            !is_there(ENTRY_SCALAR, std::ptr::null_mut(), Some(take)),
            "it is hidden, or in another process"
        );
        assert!(
            !is_there(ENTRY_SCALAR, there, None),
            "its errors would be lost"
        );
    }
}
