//! How a module is found and where it runs.

use std::path::PathBuf;
use std::time::Duration;

/// How a module is found and where it runs. The default suits most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Searched after the executable's folder: where the host's package lies.
    pub package_dir: Option<PathBuf>,
    /// Searched last: where the host's source lies.
    pub source_dir: Option<PathBuf>,
    /// Into this process, even if that makes a second Go runtime in it (which Go does not support).
    pub in_process: bool,
    /// The interpreter whose libpython runs modules of `python3`; the first module of the process decides.
    pub python: Option<PathBuf>,
    /// Into a helper process.
    pub isolate: bool,
    /// Of a helper process: the most data that it may have, in bytes. Whoever loads the module first decides.
    pub helper_memory_limit: Option<u64>,
    /// Of a helper process: how long a call may take that brings no deadline. The helper is ended when it takes longer.
    pub helper_timeout: Option<Duration>,
}
