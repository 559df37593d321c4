//! Environment variables, as far as they may be trusted.
//!
//! In a program that runs with more rights than whoever started it (set-user-ID), the environment must not decide which code
//! runs; the system's loader ignores its own variables there as well.

use std::ffi::OsString;

/// The variable, unless the process has more rights than its caller.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    if elevated() {
        return None;
    }
    std::env::var_os(name)
}

#[cfg(target_os = "linux")]
fn elevated() -> bool {
    // SAFETY: it only reads what the kernel has left for the process.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

#[cfg(not(target_os = "linux"))]
fn elevated() -> bool {
    // SAFETY: these only ask for the process's own ids.
    unsafe { libc::getuid() != libc::geteuid() || libc::getgid() != libc::getegid() }
}
