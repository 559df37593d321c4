//! Opens libraries: the only place that does.
//!
//! Whoever calls [`Handle::open`] has had the file read by [`super::image`]: the loader maps what the headers say, and a
//! file that is cut short would kill the process later.

use std::ffi::{CStr, CString, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::error::{Error, Kind};

/// An open library. Invariant: `raw` came from `dlopen` and is closed at most once, here.
pub(crate) struct Handle {
    raw: *mut c_void,
    kept: bool,
}

// SAFETY: the loader's functions may be called with a handle on any thread.
unsafe impl Send for Handle {}
// SAFETY: as above.
unsafe impl Sync for Handle {}

impl Handle {
    /// Opens the library at an absolute path, all of its symbols resolved, none of them visible to others.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let bad = |text: &str| {
            let text = format!("`{}` cannot be loaded: {text}", path.display());
            Error::new(Kind::BadModule, text)
        };
        let name =
            CString::new(path.as_os_str().as_bytes()).map_err(|_| bad("its path holds NUL"))?;
        // SAFETY: the name is terminated. The library's own start code runs here: that is what loading means.
        let raw = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        if raw.is_null() {
            return Err(bad(&last_error()));
        }
        Ok(Self { raw, kept: false })
    }

    /// From now on the library stays loaded: code of it may be running on threads that nobody can wait for.
    pub(super) fn keep(&mut self) {
        self.kept = true;
    }

    /// Whether it stays loaded.
    pub(super) fn is_kept(&self) -> bool {
        self.kept
    }

    /// The address of a symbol.
    pub(crate) fn symbol(&self, name: &str) -> Option<*mut c_void> {
        let name = CString::new(name).ok()?;
        // SAFETY: the handle is open and the name terminated.
        let address = unsafe { libc::dlsym(self.raw, name.as_ptr()) };
        (!address.is_null()).then_some(address)
    }

    /// A symbol as a function.
    ///
    /// # Safety
    /// `F` is the type of a function pointer, and the one that this symbol has.
    pub(crate) unsafe fn function<F: Copy>(&self, name: &str) -> Option<F> {
        const { assert!(size_of::<F>() == size_of::<*mut c_void>()) };
        // SAFETY: a function pointer has the size of an address, and the caller promises the type.
        self.symbol(name)
            .map(|address| unsafe { std::mem::transmute_copy(&address) })
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if !self.kept {
            // SAFETY: open, and closed only here. Who holds pointers into the library holds its module as well.
            unsafe { libc::dlclose(self.raw) };
        }
    }
}

fn last_error() -> String {
    // SAFETY: the text is the loader's and valid until its next call on this thread; it is copied here.
    unsafe {
        let text = libc::dlerror();
        if text.is_null() {
            return "the loader does not say why".to_owned();
        }
        CStr::from_ptr(text).to_string_lossy().into_owned()
    }
}
