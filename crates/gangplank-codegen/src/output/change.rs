//! Several files that take their places together.
//!
//! Comes in: contents and places. Goes out: all of them in place, or everything as it was. What was there is kept under
//! another name until the last file is in place.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use super::{OutputError, failed, unnamed};

/// Files that are written and not yet in place. Dropped before [`Change::commit`], it leaves nothing.
#[derive(Default)]
pub(super) struct Change {
    staged: Vec<(NamedTempFile, PathBuf)>,
    /// Folders that were made, outermost first.
    folders: Vec<PathBuf>,
    committed: bool,
}

impl Change {
    /// Writes a file beside its place.
    pub(super) fn stage(
        &mut self,
        path: &Path,
        fill: impl FnOnce(&mut fs::File) -> io::Result<()>,
    ) -> Result<(), OutputError> {
        let mut temporary = self.temporary(path)?;
        fill(temporary.as_file_mut()).map_err(|error| failed("write", path, error))?;
        self.staged.push((temporary, path.to_owned()));
        Ok(())
    }

    /// Copies a file beside its place, with its permissions.
    pub(super) fn stage_file(&mut self, path: &Path, from: &Path) -> Result<(), OutputError> {
        let temporary = self.temporary(path)?;
        fs::copy(from, temporary.path()).map_err(|error| failed("write", path, error))?;
        self.staged.push((temporary, path.to_owned()));
        Ok(())
    }

    fn temporary(&mut self, path: &Path) -> Result<NamedTempFile, OutputError> {
        if path.is_dir() {
            let folder = io::Error::from(io::ErrorKind::IsADirectory);
            return Err(failed("write", path, folder));
        }
        let parent = path.parent().unwrap_or(Path::new("."));
        self.make_folders(parent)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".gangplank-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        builder
            .tempfile_in(parent)
            .map_err(|error| failed("write into", parent, unnamed(&error)))
    }

    fn make_folders(&mut self, folder: &Path) -> Result<(), OutputError> {
        let absent = folder
            .ancestors()
            .take_while(|path| !path.as_os_str().is_empty() && !path.exists());
        let absent: Vec<PathBuf> = absent.map(Path::to_owned).collect();
        fs::create_dir_all(folder).map_err(|error| failed("make the folder", folder, error))?;
        self.folders.extend(absent.into_iter().rev());
        Ok(())
    }

    /// Puts every file in its place.
    pub(super) fn commit(mut self) -> Result<(), OutputError> {
        let mut done: Vec<(PathBuf, Option<TempPath>)> = Vec::new();
        for (temporary, path) in std::mem::take(&mut self.staged) {
            let result = keep(&path).and_then(|kept| {
                done.push((path.clone(), kept));
                let placed = temporary.persist(&path);
                placed.map(drop).map_err(|error| error.error)
            });
            if let Err(error) = result {
                take_back(done);
                return Err(failed("write", &path, error));
            }
        }
        self.committed = true;
        Ok(())
    }
}

impl Drop for Change {
    fn drop(&mut self) {
        self.staged.clear();
        if !self.committed {
            for folder in self.folders.iter().rev() {
                // Somebody else may have put something there meanwhile; then it stays.
                let _ = fs::remove_dir(folder);
            }
        }
    }
}

/// A second name for the file that is there.
fn keep(path: &Path) -> io::Result<Option<TempPath>> {
    if !path.is_file() {
        return Ok(None);
    }
    let parent = path.parent().unwrap_or(Path::new("."));
    let kept = tempfile::Builder::new()
        .prefix(".gangplank-")
        .make_in(parent, |name| fs::hard_link(path, name))
        .or_else(|_| {
            // No hard links on this file system.
            let copy = tempfile::Builder::new()
                .prefix(".gangplank-")
                .tempfile_in(parent)?;
            fs::copy(path, copy.path())?;
            Ok::<_, io::Error>(copy_as_unit(copy))
        })?;
    Ok(Some(kept.into_temp_path()))
}

fn copy_as_unit(copy: NamedTempFile) -> NamedTempFile<()> {
    NamedTempFile::from_parts((), copy.into_temp_path())
}

/// Undoes what was done, the last first. An error here has no better place to go than the one that led here.
fn take_back(done: Vec<(PathBuf, Option<TempPath>)>) {
    for (path, kept) in done.into_iter().rev() {
        match kept {
            Some(kept) => drop(kept.persist(&path)),
            None if path.is_file() => drop(fs::remove_file(&path)),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_taken_at_the_last_moment_leaves_everything_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("a"), "old").unwrap();
        fs::write(at("made"), "new").unwrap();
        let mut change = Change::default();
        for name in ["a", "sub/b", "c"] {
            change.stage_file(&at(name), &at("made")).unwrap();
        }
        fs::create_dir_all(at("c/full")).unwrap();
        let said = change.commit().unwrap_err().to_string();
        assert!(
            said.contains("cannot write") && said.contains("/c: "),
            "{said}"
        );
        let names = fs::read_dir(folder.path()).unwrap().flatten();
        let mut names: Vec<_> = names.map(|entry| entry.file_name()).collect();
        names.sort();
        assert_eq!(
            names,
            ["a", "c", "made"],
            "no folder `sub`, no temporary files"
        );
        assert_eq!(fs::read_to_string(at("a")).unwrap(), "old");
    }
}
