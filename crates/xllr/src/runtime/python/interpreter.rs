//! A Python for this process.
//!
//! Comes in: where a module lies, and what the user says. Goes out: nothing; but from then on the symbols of one libpython
//! are there for everybody, its plugin and the extension modules of Python alike. The process may be a Python already: then
//! that is the one.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use gangplank_python::{Answer, FREE_THREADED, Wish, check_version};

use crate::environment;
use crate::error::{Error, Kind};
use crate::options::Options;

/// Makes sure that there is one.
pub(super) fn provide(module: &Path, options: &Options) -> Result<(), Error> {
    if symbol(libc::RTLD_DEFAULT, c"Py_IsInitialized").is_some() {
        return check_running();
    }
    let chosen = Wish {
        option: options.python.as_deref(),
        folder: module.parent(),
        variable: &environment::variable,
    };
    let chosen = chosen.choose().map_err(refused)?;
    let answer = chosen.ask().map_err(refused)?;
    answer.check().map_err(|text| refused(chosen.bad(&text)))?;
    let handle = open_library(&answer)?;
    set_program(handle, &answer.executable);
    Ok(())
}

fn refused(text: String) -> Error {
    Error::new(Kind::Refused, text)
}

/// The library of the interpreter: where Python says that it is, else where the loader finds it.
fn open_library(answer: &Answer) -> Result<*mut c_void, Error> {
    if let Some(path) = answer.library() {
        return open(&path);
    }
    open(Path::new(&answer.soname)).map_err(|_| {
        refused(format!(
            "the Python `{}` {}",
            answer.executable.display(),
            answer.no_library()
        ))
    })
}

/// Its symbols must be visible to all: extension modules of Python look for them there.
fn open(path: &Path) -> Result<*mut c_void, Error> {
    let bad = |text: &str| refused(format!("`{}` cannot be loaded: {text}", path.display()));
    let name = CString::new(path.as_os_str().as_bytes()).map_err(|_| bad("NUL in its path"))?;
    // SAFETY: the name is terminated; the library belongs to the interpreter that the user has chosen.
    let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_GLOBAL) };
    if handle.is_null() {
        // SAFETY: the text is the loader's and valid until its next call on this thread; it is copied here.
        let text = unsafe {
            match libc::dlerror() {
                text if text.is_null() => String::new(),
                text => CStr::from_ptr(text).to_string_lossy().into_owned(),
            }
        };
        return Err(bad(&text));
    }
    Ok(handle)
}

fn symbol(handle: *mut c_void, name: &CStr) -> Option<*mut c_void> {
    // SAFETY: an open handle, or the one that means all libraries, and a terminated name.
    let address = unsafe { libc::dlsym(handle, name.as_ptr()) };
    (!address.is_null()).then_some(address)
}

/// Python finds its standard library and its virtual environment by the path of the program that it believes to be.
fn set_program(handle: *mut c_void, executable: &Path) {
    type Decode = unsafe extern "C" fn(*const c_char, *mut usize) -> *mut c_void;
    type SetName = unsafe extern "C" fn(*const c_void);
    let (Some(decode), Some(set), Ok(name)) = (
        symbol(handle, c"Py_DecodeLocale"),
        symbol(handle, c"Py_SetProgramName"),
        CString::new(executable.as_os_str().as_bytes()),
    ) else {
        return;
    };
    // SAFETY: the functions of the stable ABI have these types, and may be called before Python is initialized. The decoded
    // name is never freed, as `Py_SetProgramName` asks.
    unsafe {
        let decode: Decode = std::mem::transmute(decode);
        let set: SetName = std::mem::transmute(set);
        let wide = decode(name.as_ptr(), std::ptr::null_mut());
        let initialized = symbol(handle, c"Py_IsInitialized").map(|address| {
            std::mem::transmute::<*mut c_void, unsafe extern "C" fn() -> c_int>(address)()
        });
        if !wide.is_null() && initialized == Some(0) {
            set(wide);
        }
    }
}

/// The Python that is there already: the process itself, or one that somebody else has loaded.
fn check_running() -> Result<(), Error> {
    let Some(version) = symbol(libc::RTLD_DEFAULT, c"Py_GetVersion") else {
        return Err(refused(
            "the Python in this process does not say its version".to_owned(),
        ));
    };
    // SAFETY: the function of the stable ABI takes nothing and returns a text that is never freed.
    let version = unsafe {
        let version: unsafe extern "C" fn() -> *const c_char = std::mem::transmute(version);
        CStr::from_ptr(version()).to_string_lossy().into_owned()
    };
    let bad = |text: &str| refused(format!("the Python in this process {text}"));
    if version.contains("free-threading") {
        return Err(bad(FREE_THREADED));
    }
    let number = version.split_whitespace().next().unwrap_or_default();
    check_version(number).map_err(|text| bad(&text))
}
