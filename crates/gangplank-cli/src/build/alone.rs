//! One build of a library at a time.
//!
//! Comes in: where a library is built. Goes out: the right to do so, which ends with the value or with the process. Cargo's
//! own lock ends when its archive is written. The next build would write over that archive, over intermediate files and into
//! packages, while this one reads them.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::failure::{Failure, Outcome};
use crate::progress;

/// The right to write a library for whatever target, and to rely on what was written.
#[derive(Debug)]
pub(super) struct Alone {
    _lock: File,
}

impl Alone {
    /// Waits until nobody else builds `lib` in `folder`, which is made.
    ///
    /// # Errors
    /// Nothing can be written there.
    pub(super) fn wait(folder: &Path, lib: &str) -> Outcome<Alone> {
        std::fs::create_dir_all(folder)
            .map_err(|error| Failure::file("make the folder", folder, &error))?;
        let path = folder.join(format!("{lib}.lock"));
        let lock = File::create(&path).map_err(|error| Failure::file("write", &path, &error))?;
        if let Err(TryLockError::WouldBlock) = lock.try_lock() {
            progress::step("Waiting", &format!("for another build of lib{lib}"));
            // Other errors of `try_lock` are ignored as well: some file systems have no locks, and a single build goes well there.
            let _ = lock.lock();
        }
        Ok(Alone { _lock: lock })
    }
}
