//! Compiler plugins: libraries with the three functions of `compiler_plugin_interface.h`.
//!
//! Comes in: a plugin's path, and what it is to compile. Goes out: the files that it writes, or its error as text. A plugin
//! is no module: it has no functions that a program calls, but a compiler has.

use std::ffi::{c_char, c_void};
use std::path::{Path, PathBuf, absolute};
use std::{ptr, slice};

use crate::error::{Error, Kind};
use crate::native::{self, Handle};

/// One of a plugin's functions (`compiler_plugin_interface.h`).
type RawCompile =
    unsafe extern "C" fn(*const c_char, u32, *const c_char, u32, *mut *mut c_char, *mut u32);

/// A compiler in a library of its own. Once opened it stays loaded: it may have threads.
pub struct CompilerPlugin {
    path: PathBuf,
    to_guest: RawCompile,
    from_host: RawCompile,
    serialization: RawCompile,
}

impl CompilerPlugin {
    /// Opens the library at this path; a relative one is below the working directory.
    ///
    /// # Errors
    /// There is no library for this machine, or it is no compiler plugin.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let path = absolute(path).map_err(|error| {
            let text = format!("`{}` is no path: {error}", path.display());
            Error::new(Kind::BadArgument, text)
        })?;
        let handle = native::open_kept(&path)?;
        Ok(Self {
            to_guest: function(&handle, &path, "compile_to_guest")?,
            from_host: function(&handle, &path, "compile_from_host")?,
            serialization: function(&handle, &path, "compile_serialization")?,
            path,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the guest's source and builds its library.
    ///
    /// # Errors
    /// The plugin's own, or a path is not UTF-8.
    pub fn to_guest(&self, idl: &Path, output: &Path) -> Result<(), Error> {
        compile(self.to_guest, idl, output)
    }

    /// Writes the package by which a program calls the guest.
    ///
    /// # Errors
    /// The plugin's own, or a path is not UTF-8.
    pub fn from_host(&self, idl: &Path, output: &Path) -> Result<(), Error> {
        compile(self.from_host, idl, output)
    }

    /// Writes protobuf's own code for the messages.
    ///
    /// # Errors
    /// The plugin's own, or a path is not UTF-8.
    pub fn serialization(&self, idl: &Path, output: &Path) -> Result<(), Error> {
        compile(self.serialization, idl, output)
    }
}

fn function(handle: &Handle, path: &Path, name: &str) -> Result<RawCompile, Error> {
    // SAFETY: a function of this name has this type (compiler_plugin_interface.h).
    let found = unsafe { handle.function(name) };
    found.ok_or_else(|| {
        let text = format!(
            "`{}` is no compiler plugin: it does not export {name}",
            path.display()
        );
        Error::new(Kind::BadModule, text)
    })
}

fn compile(function: RawCompile, idl: &Path, output: &Path) -> Result<(), Error> {
    let ((idl, idl_length), (output, output_length)) = (lent(idl)?, lent(output)?);
    let mut error = Text(ptr::null_mut(), 0);
    // SAFETY: the function's type was promised where it was found, and its library is never unloaded; the paths have these
    // lengths, and the places for an error can be written.
    unsafe {
        function(
            idl,
            idl_length,
            output,
            output_length,
            &raw mut error.0,
            &raw mut error.1,
        );
    }
    error.said()
}

/// A path as plugins take it: no longer than the path itself.
fn lent(path: &Path) -> Result<(*const c_char, u32), Error> {
    let bad = |why: &str| {
        let text = format!("the path {path:?} {why}");
        Error::new(Kind::BadArgument, text)
    };
    let text = path.to_str().ok_or_else(|| bad("is not UTF-8"))?;
    if text.contains('\0') {
        return Err(bad("contains a NUL"));
    }
    let length = u32::try_from(text.len()).map_err(|_| bad("is too long"))?;
    Ok((text.as_ptr().cast(), length))
}

/// A plugin's error. Invariant: NULL, or as many bytes as the length says, from malloc and nobody else's.
struct Text(*mut c_char, u32);

impl Text {
    fn said(&self) -> Result<(), Error> {
        if self.0.is_null() {
            return Ok(());
        }
        // SAFETY: the invariant.
        let bytes = unsafe { slice::from_raw_parts(self.0.cast::<u8>(), self.1 as usize) };
        let text = String::from_utf8_lossy(bytes);
        Err(Error::new(
            Kind::Failed,
            match text.trim_end() {
                "" => "it failed and does not say why",
                text => text,
            },
        ))
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        // SAFETY: the invariant; free takes NULL as well.
        unsafe { libc::free(self.0.cast::<c_void>()) }
    }
}
