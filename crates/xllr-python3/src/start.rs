//! Python's beginning and end.
//!
//! Comes in: a libpython that XLLR has opened. Goes out: a running Python, never finalized; at the process's end its exit
//! functions run and what was printed goes out, with a bounded wait.

use std::sync::OnceLock;
use std::sync::mpsc;
use std::time::Duration;

use gangplank_cpython::{Fault, Object, call, ffi, thread};

use crate::fault::{tell, wrong};

/// How long a process waits for Python at its end.
const PATIENCE: Duration = Duration::from_secs(2);

static HELPER: OnceLock<Object> = OnceLock::new();

/// Starts Python, unless it runs.
pub(crate) fn start() -> Result<(), String> {
    thread::watch_forks();
    // SAFETY: XLLR has a libpython open, and starts a runtime once at a time. Whoever initializes holds the lock, and gives
    // it back before anybody else can want it.
    unsafe {
        let ours = ffi::Py_IsInitialized() == 0;
        if ours {
            ffi::Py_InitializeEx(0);
            thread::leave_for_good();
            libc::atexit(at_exit);
        }
        thread::within(|| prepare(ours)).map_err(|refused| refused.to_string())?
    }
}

/// Has the helper ready. `ours`: nobody else has started Python.
///
/// # Safety
/// The thread holds Python's lock.
unsafe fn prepare(ours: bool) -> Result<(), String> {
    if HELPER.get().is_some() {
        return Ok(());
    }
    // SAFETY: the caller's promise.
    let helper = unsafe {
        let helper = make_helper().and_then(|helper| {
            if ours {
                let by_lines = helper.attribute(c"by_lines")?;
                call(by_lines.raw(), &mut [std::ptr::null_mut()])?;
            }
            Ok(helper)
        });
        helper.map_err(|fault| tell(fault).1)?
    };
    // Somebody else's is as good.
    let _ = HELPER.set(helper);
    Ok(())
}

/// The module that does what is easier in Python.
pub(crate) fn helper() -> Result<&'static Object, Fault> {
    HELPER
        .get()
        .ok_or_else(|| wrong("the runtime is not started"))
}

/// # Safety
/// The thread holds Python's lock.
unsafe fn make_helper() -> Result<Object, Fault> {
    const SOURCE: &str = concat!(include_str!("../runtime/gangplank_guest.py"), "\0");
    // SAFETY: terminated texts, and the caller's promise.
    unsafe {
        let file = c"<gangplank>".as_ptr();
        let code = ffi::Py_CompileString(SOURCE.as_ptr().cast(), file, ffi::Py_file_input);
        let code = Object::new(code)?;
        let name = c"_gangplank_guest".as_ptr();
        Object::new(ffi::PyImport_ExecCodeModule(name, code.raw()))
    }
}

/// Another thread does it: this one may hold a lock that Python waits for, and must end whatever Python does.
extern "C" fn at_exit() {
    if thread::forked() || thread::finalizing() {
        return;
    }
    let (done, finished) = mpsc::channel();
    let spawned = std::thread::Builder::new().spawn(move || {
        // SAFETY: the thread holds the lock.
        let shut_down = || unsafe {
            let ended = helper().and_then(|helper| {
                let shutdown = helper.attribute(c"shutdown")?;
                call(shutdown.raw(), &mut [std::ptr::null_mut()])
            });
            if ended.is_err() {
                ffi::PyErr_Clear();
            }
        };
        let _ = thread::within(shut_down);
        let _ = done.send(());
    });
    if spawned.is_ok() {
        let _ = finished.recv_timeout(PATIENCE);
    }
}
