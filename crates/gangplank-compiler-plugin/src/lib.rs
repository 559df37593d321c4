//! What makes a compiler a plugin: the three C functions in front of a line of the table of languages.
//!
//! Comes in: paths, by pointer and length. Goes out: files, or a text in `out_err`. Nothing is decided here: the command
//! line calls the same doors, so both ways give the same bytes. The contract is `include/compiler_plugin_interface.h`.
//! A plugin is a `cdylib` whose whole source is [`plugin!`] and the name of its compiler.

use std::any::Any;
use std::ffi::{CStr, OsStr, c_char, c_void};
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::{ptr, slice, str};

#[doc(hidden)]
pub use gangplank_codegen::compile::Compiler;
use gangplank_codegen::compile::{Door, Request};

/// The three functions, for the cdylib that this stands in.
#[macro_export]
macro_rules! plugin {
    ($compiler:expr) => {
        const COMPILER: $crate::Compiler = $compiler;

        $crate::door! {
            /// Writes the guest's source and builds its library.
            compile_to_guest => COMPILER.to_guest
        }
        $crate::door! {
            /// Writes the package by which a program calls the guest.
            compile_from_host => COMPILER.from_host
        }
        $crate::door! {
            /// Writes protobuf's own code for the messages.
            compile_serialization => COMPILER.serialization
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! door {
    ($(#[doc = $doc:literal])* $name:ident => $door:expr) => {
        $(#[doc = $doc])*
        ///
        /// # Safety
        /// Each path is NULL or has as many bytes as its length says; `out_err` and `out_err_len` are NULL or can be
        /// written.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            idl_path: *const ::std::ffi::c_char,
            idl_path_length: u32,
            output_path: *const ::std::ffi::c_char,
            output_path_length: u32,
            out_err: *mut *mut ::std::ffi::c_char,
            out_err_len: *mut u32,
        ) {
            let idl = $crate::RawPath::new(idl_path, idl_path_length, "the interface definition");
            let output = $crate::RawPath::new(output_path, output_path_length, "the output folder");
            // SAFETY: the caller's promise.
            unsafe { $crate::run($door, idl, output, out_err, out_err_len) }
        }
    };
}

/// A path of the caller's: `length` bytes at `text`.
#[doc(hidden)]
pub struct RawPath {
    text: *const c_char,
    length: u32,
    what: &'static str,
}

impl RawPath {
    /// It is only read where its bytes are promised.
    pub fn new(text: *const c_char, length: u32, what: &'static str) -> Self {
        Self { text, length, what }
    }

    /// A path of our own.
    ///
    /// # Safety
    /// Unless `text` is NULL, `length` bytes can be read there.
    unsafe fn read(&self) -> Result<PathBuf, String> {
        let what = self.what;
        if self.text.is_null() {
            return Err(format!("error: the path of {what} is NULL"));
        }
        let length = usize::try_from(self.length)
            .map_err(|_| format!("error: the path of {what} is too long"))?;
        // SAFETY: not NULL, and the caller's promise.
        let bytes = unsafe { slice::from_raw_parts(self.text.cast::<u8>(), length) };
        let text =
            str::from_utf8(bytes).map_err(|_| format!("error: the path of {what} is not UTF-8"))?;
        if text.contains('\0') {
            return Err(format!("error: the path of {what} contains a NUL"));
        }
        Ok(PathBuf::from(text))
    }
}

/// Runs a door; whatever goes wrong, panics included, becomes the text in `out_err`.
///
/// # Safety
/// As [`RawPath::read`] and [`report`].
#[doc(hidden)]
pub unsafe fn run(
    door: Door,
    idl: RawPath,
    output: RawPath,
    out_err: *mut *mut c_char,
    out_err_len: *mut u32,
) {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: the caller's promise.
        let (idl, output) = unsafe { (idl.read()?, output.read()?) };
        let folder = folder();
        let request = Request {
            toolkit: folder.as_deref(),
            ..Request::new(&idl, &output)
        };
        let made = request.run(door);
        made.map(drop)
            .map_err(|found| request.report(&found, false))
    }));
    let error = match outcome {
        Ok(Ok(())) => return,
        Ok(Err(text)) => text,
        Err(panic) => format!("error: the compiler plugin has a fault: {}", said(&*panic)),
    };
    // SAFETY: the caller's promise.
    unsafe { report(&error, out_err, out_err_len) };
}

/// The folder of the library that this is in: the toolkit's other files lie beside it.
fn folder() -> Option<PathBuf> {
    let mut found = MaybeUninit::<libc::Dl_info>::zeroed();
    let here: fn() -> Option<PathBuf> = folder;
    // SAFETY: the address is one of this library; the place can be written, and all zero is a value of it. The name is the
    // loader's, and stays as long as the library, which is running.
    let name = unsafe {
        if libc::dladdr(here as *const c_void, found.as_mut_ptr()) == 0 {
            return None;
        }
        let found = found.assume_init();
        if found.dli_fname.is_null() {
            return None;
        }
        CStr::from_ptr(found.dli_fname).to_bytes()
    };
    let path = Path::new(OsStr::from_bytes(name)).canonicalize().ok()?;
    path.parent().map(Path::to_owned)
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a text")
}

/// Hands a text to the caller. Without memory, or a place for the text, there is nobody to tell.
///
/// # Safety
/// `out_err` and `out_err_len` are NULL or can be written.
unsafe fn report(text: &str, out_err: *mut *mut c_char, out_err_len: *mut u32) {
    let text = text.trim_end().as_bytes();
    let Ok(length) = u32::try_from(text.len()) else {
        return;
    };
    if out_err.is_null() {
        return;
    }
    // SAFETY: malloc may be called with any size; it is checked before it is written, which is `text.len() + 1` bytes.
    // The pointers for results are as the caller promised.
    unsafe {
        let copy = libc::malloc(text.len() + 1).cast::<u8>();
        if copy.is_null() {
            return;
        }
        ptr::copy_nonoverlapping(text.as_ptr(), copy, text.len());
        copy.add(text.len()).write(0);
        out_err.write(copy.cast());
        if !out_err_len.is_null() {
            out_err_len.write(length);
        }
    }
}

#[cfg(test)]
mod tests {
    use gangplank_model::Diagnostic;
    use gangplank_model::diagnostics::codes;

    use gangplank_codegen::compile::Results;

    use super::*;

    fn fail(door: Door, text: *const c_char, length: u32) -> String {
        let path = || RawPath::new(text, length, "it");
        let (mut error, mut error_length) = (ptr::null_mut(), 0);
        // SAFETY: the tests give paths that are there or NULL, and places that can be written; the text is read once
        // and freed once.
        unsafe {
            run(door, path(), path(), &raw mut error, &raw mut error_length);
            assert!(!error.is_null());
            let bytes = slice::from_raw_parts(error.cast::<u8>(), error_length as usize + 1);
            assert_eq!(bytes.last(), Some(&0));
            let text = String::from_utf8_lossy(&bytes[..bytes.len() - 1]).into_owned();
            libc::free(error.cast());
            text
        }
    }

    #[test]
    fn what_a_door_says_and_a_panic_are_texts() {
        let path = c"some/path";
        let text = fail(|_| panic!("seven {}", 7), path.as_ptr(), 4);
        assert_eq!(text, "error: the compiler plugin has a fault: seven 7");
        let refuses: Door = |request| {
            let text = request.idl.display().to_string();
            Err(Diagnostic::new(codes::PATH, text).into())
        };
        let text = fail(refuses, path.as_ptr(), 4);
        assert!(text.contains("some") && !text.contains("path"), "{text}");
    }

    #[test]
    fn paths_that_are_none() {
        let ok: Door = |_| Ok(Results::default());
        assert_eq!(fail(ok, ptr::null(), 0), "error: the path of it is NULL");
        assert_eq!(
            fail(ok, c"a".as_ptr(), 2),
            "error: the path of it contains a NUL"
        );
        assert_eq!(
            fail(ok, c"\xff".as_ptr(), 1),
            "error: the path of it is not UTF-8"
        );
    }

    #[test]
    fn nowhere_to_report_to() {
        let path = || RawPath::new(ptr::null(), 0, "it");
        // SAFETY: NULL everywhere is allowed.
        unsafe {
            run(
                |_| Ok(Results::default()),
                path(),
                path(),
                ptr::null_mut(),
                ptr::null_mut(),
            );
        }
    }
}
