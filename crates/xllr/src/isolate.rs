//! Modules in a helper process.
//!
//! Comes in: a module that cannot or shall not run in this process. Goes out: a [`Module`] whose calls cross to a process of
//! its own ([`host`], [`remote`], [`native`]), which is the program `xllr-helper` ([`serve`], [`answer`]). Both speak in frames ([`wire`]), and C
//! structs travel in one piece ([`flat`], by the layouts of [`shapes`]). [`peer`] asks the process, [`restart`] starts it and starts it again,
//! [`process`] is what a running one is to its host, [`stderr`] how its last words come out. Without the program this is an
//! error that says where it was looked for.

#[cfg(target_os = "linux")]
mod answer;
#[cfg(target_os = "linux")]
mod describe;
#[cfg(target_os = "linux")]
mod flat;
#[cfg(target_os = "linux")]
mod host;
#[cfg(target_os = "linux")]
mod native;
#[cfg(target_os = "linux")]
mod payload;
#[cfg(target_os = "linux")]
mod peer;
#[cfg(target_os = "linux")]
mod process;
#[cfg(target_os = "linux")]
mod remote;
#[cfg(target_os = "linux")]
mod restart;
#[cfg(target_os = "linux")]
mod serve;
#[cfg(target_os = "linux")]
mod shapes;
#[cfg(target_os = "linux")]
mod stderr;
#[cfg(target_os = "linux")]
mod wire;

use std::env;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::environment;
use crate::error::{Error, Kind};
use crate::options::Options;
use crate::runtime::Module;
#[cfg(target_os = "linux")]
pub(crate) use serve::main;

/// Names the helper's file.
const HELPER_VARIABLE: &str = "GANGPLANK_HELPER";
/// The most data that a helper may have, in bytes.
const MEMORY_VARIABLE: &str = "GANGPLANK_HELPER_MEMORY_LIMIT";
/// How long a call in a helper may take, in milliseconds.
const TIMEOUT_VARIABLE: &str = "GANGPLANK_HELPER_TIMEOUT_MS";
const HELPER: &str = "xllr-helper";

/// Opens a module in a helper; `why` completes "needs a helper process:".
pub(crate) fn open(
    runtime: &str,
    location: &str,
    why: &str,
    options: &Options,
) -> Result<Arc<dyn Module>, Error> {
    let program = helper().map_err(|text| {
        let text = format!("`{location}` needs a helper process: {why}; {text}");
        Error::new(Kind::Refused, text)
    })?;
    let memory = match options.helper_memory_limit {
        None => number(MEMORY_VARIABLE)?,
        some => some,
    };
    let timeout = match options.helper_timeout {
        None => number(TIMEOUT_VARIABLE)?.map(Duration::from_millis),
        some => some,
    };
    #[cfg(target_os = "linux")]
    {
        let plan = peer::Plan {
            program,
            runtime: runtime.to_owned(),
            location: location.to_owned(),
            package: options.package_dir.clone(),
            python: options.python.clone(),
            memory: memory.unwrap_or(0),
            timeout: timeout.filter(|timeout| !timeout.is_zero()),
        };
        Ok(Arc::new(host::Isolated::open(plan)?))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (program, runtime, memory, timeout);
        let text =
            format!("`{location}` needs a helper process, and there are none on this system");
        Err(Error::new(Kind::Refused, text))
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn main() -> std::process::ExitCode {
    eprintln!("{HELPER} runs on Linux only");
    std::process::ExitCode::from(2)
}

/// What both sides must agree on.
#[cfg(target_os = "linux")]
fn facts(
    functions: Vec<String>,
    items: Vec<Vec<u8>>,
    shapes: Option<&shapes::Shapes>,
) -> peer::Facts {
    peer::Facts {
        functions,
        items,
        fingerprint: shapes.map_or(0, shapes::Shapes::fingerprint),
    }
}

fn number(variable: &str) -> Result<Option<u64>, Error> {
    let Some(text) = environment::variable(variable).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let number = text.to_str().and_then(|text| text.parse().ok());
    number.map(Some).ok_or_else(|| {
        let text = format!("{variable} is no number: {}", text.display());
        Error::new(Kind::BadArgument, text)
    })
}

fn helper() -> Result<PathBuf, String> {
    let places = places();
    let found = places.iter().find(|place| place.is_file()).cloned();
    found.ok_or_else(|| {
        let places: Vec<String> = places
            .iter()
            .map(|place| place.display().to_string())
            .collect();
        format!(
            "{HELPER} is not there ({HELPER_VARIABLE} names it; looked at {})",
            places.join(", ")
        )
    })
}

fn places() -> Vec<PathBuf> {
    if let Some(named) = environment::variable(HELPER_VARIABLE) {
        return vec![named.into()];
    }
    let executable = env::current_exe().ok();
    let beside = [executable, library()].into_iter().flatten();
    let beside = beside.filter_map(|path| Some(path.parent()?.join(HELPER)));
    let path = environment::variable("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path).filter(|folder| folder.is_absolute());
    let mut places: Vec<PathBuf> = beside.collect();
    places.dedup();
    places.extend(on_path.map(|folder| folder.join(HELPER)));
    places
}

/// The file that this code was loaded from: `libxllr.so`, or the program.
fn library() -> Option<PathBuf> {
    use std::ffi::{CStr, OsStr};
    use std::os::unix::ffi::OsStrExt;

    // SAFETY: an address of this code; the name is the loader's, terminated, and stays as long as this code.
    let name = unsafe {
        let mut info: libc::Dl_info = std::mem::zeroed();
        let here: *const () = library as *const ();
        if libc::dladdr(here.cast(), &mut info) == 0 || info.dli_fname.is_null() {
            return None;
        }
        CStr::from_ptr(info.dli_fname)
    };
    let path = PathBuf::from(OsStr::from_bytes(name.to_bytes()));
    path.is_absolute().then_some(path)
}
