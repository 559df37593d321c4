//! A Python for this process.
//!
//! Comes in: where a module lies, and what the user says. Goes out: nothing; but from then on the symbols of one libpython
//! are there for everybody, its plugin and the extension modules of Python alike. The process may be a Python already: then
//! that is the one.

use std::ffi::{CStr, CString, OsString, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::environment;
use crate::error::{Error, Kind};
use crate::options::Options;

const VARIABLE: &str = "GANGPLANK_PYTHON";

/// The oldest Python whose stable ABI the plugin is built for.
const OLDEST: (u32, u32) = (3, 10);

/// What an interpreter is asked, in the environment that it would have here: what keeps it from starting would end this
/// process. Nothing comes from the working directory.
const QUESTION: &str = "import sys
sys.path = [folder for folder in sys.path if folder]
import sysconfig
get = sysconfig.get_config_var
print(sys.executable, '%d.%d' % sys.version_info[:2], get('INSTSONAME') or '', get('LIBDIR') or '',
      get('MULTIARCH') or '', get('Py_GIL_DISABLED') or 0, sys.prefix, sep='\\n')";

/// Makes sure that there is one.
pub(super) fn provide(module: &Path, options: &Options) -> Result<(), Error> {
    if symbol(libc::RTLD_DEFAULT, c"Py_IsInitialized").is_some() {
        return check_running();
    }
    let chosen = choose(module, options)?;
    let answer = ask(&chosen)?;
    let handle = open_library(&answer)?;
    set_program(handle, &answer.executable);
    Ok(())
}

fn refused(text: String) -> Error {
    Error::new(Kind::Refused, text)
}

/// An interpreter, and who named it.
struct Chosen {
    program: PathBuf,
    who: &'static str,
}

fn choose(module: &Path, options: &Options) -> Result<Chosen, Error> {
    let chosen = |program: PathBuf, who| Ok(Chosen { program, who });
    if let Some(program) = &options.python {
        return chosen(program.clone(), "the option `python`");
    }
    let variable = |name| environment::variable(name).filter(|value| !value.is_empty());
    if let Some(program) = variable(VARIABLE) {
        return chosen(program.into(), VARIABLE);
    }
    if let Some(folder) = variable("VIRTUAL_ENV") {
        return chosen(Path::new(&folder).join("bin/python"), "VIRTUAL_ENV");
    }
    let beside = module
        .parent()
        .map(|folder| folder.join(".venv/bin/python"));
    if let Some(program) = beside.filter(|program| program.is_file()) {
        return chosen(program, "the folder .venv beside the module");
    }
    let path: OsString = variable("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
    for folder in folders {
        let program = folder.join("python3");
        if program.is_file() {
            return chosen(program, "PATH");
        }
    }
    Err(refused(format!(
        "no Python found: looked at {VARIABLE}, VIRTUAL_ENV, .venv beside `{}` and for python3 in PATH; install Python 3.10 or newer, or name one in {VARIABLE}",
        module.display()
    )))
}

/// What it says of itself.
struct Answer {
    executable: PathBuf,
    version: String,
    soname: String,
    folders: Vec<PathBuf>,
}

fn ask(chosen: &Chosen) -> Result<Answer, Error> {
    let Chosen { program, who } = chosen;
    let bad = |text: &str| {
        refused(format!(
            "the Python `{}` (of {who}) {text}",
            program.display()
        ))
    };
    let output = Command::new(program)
        .args(["-c", QUESTION])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| bad(&format!("cannot be run: {error}")))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<&str> = text.lines().collect();
    let [
        executable,
        version,
        soname,
        folder,
        multiarch,
        free_threaded,
        prefix,
    ] = lines[..]
    else {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().last().unwrap_or_default();
        return Err(bad(&format!(
            "does not say what it is ({}): {said}",
            output.status
        )));
    };
    check_version(version).map_err(|text| bad(&text))?;
    if free_threaded != "0" {
        return Err(bad(FREE_THREADED));
    }
    if !soname.contains(std::env::consts::DLL_SUFFIX) {
        return Err(bad(&no_library(version)));
    }
    let folder = Path::new(folder);
    Ok(Answer {
        executable: PathBuf::from(executable),
        version: version.to_owned(),
        soname: soname.to_owned(),
        folders: vec![
            folder.to_owned(),
            folder.join(multiarch),
            Path::new(prefix).join("lib"),
        ],
    })
}

const FREE_THREADED: &str =
    "is a free-threaded build, which is not supported: use an ordinary build of CPython";

fn no_library(version: &str) -> String {
    format!(
        "has no shared libpython{version}: install it (Debian: `apt-get install libpython{version}`; pyenv: `PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install {version}`) or name another Python in {VARIABLE}"
    )
}

fn check_version(version: &str) -> Result<(), String> {
    let mut parts = version.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    let found = match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor),
        _ => return Err(format!("has the version {version:?}, which cannot be read")),
    };
    if found < OLDEST || found.0 != OLDEST.0 {
        return Err(format!(
            "is version {version}; version 3.10 or newer is needed"
        ));
    }
    Ok(())
}

/// The library of the interpreter: where Python says that it is, else where the loader finds it.
fn open_library(answer: &Answer) -> Result<*mut c_void, Error> {
    let mut candidates = answer
        .folders
        .iter()
        .map(|folder| folder.join(&answer.soname));
    if let Some(path) = candidates.find(|path| path.is_file()) {
        return open(&path);
    }
    open(Path::new(&answer.soname)).map_err(|_| {
        refused(format!(
            "the Python `{}` {}",
            answer.executable.display(),
            no_library(&answer.version)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(check_version("3.9").is_err());
        assert!(check_version("3.10").is_ok());
        assert!(check_version("3.13.0rc1").is_ok());
        assert!(check_version("4.0").is_err());
        assert!(check_version("new").is_err());
    }
}
