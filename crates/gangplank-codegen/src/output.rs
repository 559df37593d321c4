//! Files in memory to files on disk.
//!
//! Comes in: the files of one language and a folder. Goes out: the folder with these files in it, or, to check, the
//! list of those that differ. A file appears whole or not at all: it is written beside its place and renamed. A run that
//! fails half-way takes back what it has done.

use std::fs;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use crate::backend::File;
use change::Change;

mod change;

/// Why files could not be written or compared.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}: {source}", path.display())]
pub struct OutputError {
    action: &'static str,
    path: PathBuf,
    source: io::Error,
}

/// What a run found or did, in the order of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Was not there, or had other contents, and is new now (or would be).
    Written,
    /// Has these contents already.
    Unchanged,
    /// Belongs to the user and stays.
    Kept,
}

/// A file that a tool has made, to be written beside others.
#[derive(Clone, Copy, Debug)]
pub struct Made<'a> {
    /// Relative to the output folder, with `/`.
    pub path: &'a str,
    /// Where it is now.
    pub from: &'a Path,
}

/// Writes `files` into `folder`, which is made when it is missing.
///
/// Files with the same contents are left alone, so that their times do not change. All files are written beside their
/// places first; only when every one of them could be written do they take their places.
///
/// # Errors
/// The first folder or file that could not be made; what was there before is still there then.
pub fn write(files: &[File], folder: &Path) -> Result<Vec<(PathBuf, Outcome)>, OutputError> {
    write_with(files, &[], folder)
}

/// As [`write()`], together with files that tools have made: all of them or none.
///
/// # Errors
/// As [`write()`].
pub fn write_with(
    files: &[File],
    made: &[Made<'_>],
    folder: &Path,
) -> Result<Vec<(PathBuf, Outcome)>, OutputError> {
    stage(files, made, folder)?.put()
}

/// Files that are written beside their places. Dropped before [`Staged::put`], they leave nothing.
#[must_use]
pub struct Staged {
    change: Change,
    outcomes: Vec<(PathBuf, Outcome)>,
}

impl Staged {
    /// Lets them take their places.
    ///
    /// # Errors
    /// A place has been taken by something else meanwhile; what was there before is still there then.
    pub fn put(self) -> Result<Vec<(PathBuf, Outcome)>, OutputError> {
        self.change.commit()?;
        Ok(self.outcomes)
    }
}

/// The first half of [`write_with()`], which finds what can fail.
///
/// # Errors
/// As [`write()`].
pub fn stage(files: &[File], made: &[Made<'_>], folder: &Path) -> Result<Staged, OutputError> {
    let mut outcomes = compare(files, folder)?;
    let mut change = Change::default();
    for (file, (path, outcome)) in files.iter().zip(&outcomes) {
        if *outcome == Outcome::Written {
            change.stage(path, |to| to.write_all(file.contents.as_bytes()))?;
        }
    }
    for made in made {
        let path = place(made.path, folder)?;
        change.stage_file(&path, made.from)?;
        outcomes.push((path, Outcome::Written));
    }
    Ok(Staged { change, outcomes })
}

/// What [`write()`] would do, without doing it (`--check`).
///
/// # Errors
/// A file that is there and cannot be read.
pub fn compare(files: &[File], folder: &Path) -> Result<Vec<(PathBuf, Outcome)>, OutputError> {
    files
        .iter()
        .map(|file| {
            let path = place(&file.path, folder)?;
            let outcome = match fs::read(&path) {
                Ok(_) if file.only_if_absent => Outcome::Kept,
                Ok(contents) if contents == file.contents.as_bytes() => Outcome::Unchanged,
                Ok(_) => Outcome::Written,
                Err(error) if error.kind() == io::ErrorKind::NotFound => Outcome::Written,
                Err(error) => return Err(failed("read", &path, error)),
            };
            Ok((path, outcome))
        })
        .collect()
}

/// A folder as its files are called in messages: `/x/.` and `/x//` are `/x`. A `./` at the front stays, which makes a path of
/// a name; so does `..`, which means another folder behind a link.
#[must_use]
pub fn tidy(folder: &Path) -> PathBuf {
    folder.components().collect()
}

/// The file's path in `folder`; a path that would leave the folder is refused.
fn place(path: &str, folder: &Path) -> Result<PathBuf, OutputError> {
    let path = Path::new(path);
    if path
        .components()
        .all(|part| matches!(part, Component::Normal(_)))
    {
        return Ok(tidy(folder).join(path));
    }
    let outside = io::Error::new(
        io::ErrorKind::InvalidInput,
        "the path leaves the output folder",
    );
    Err(failed("write", path, outside))
}

/// The error without the temporary file's random name, so that messages are the same from run to run.
fn unnamed(error: &io::Error) -> io::Error {
    io::Error::from(error.kind())
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> OutputError {
    OutputError {
        action,
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_once_and_keeps_what_belongs_to_the_user() {
        let folder = tempfile::tempdir().unwrap();
        let files = [File::new("a/b.h", "one"), File::once("main.c", "yours")];
        let outcomes = |result: Result<Vec<(PathBuf, Outcome)>, _>| -> Vec<Outcome> {
            Result::<_, OutputError>::unwrap(result)
                .into_iter()
                .map(|(_, outcome)| outcome)
                .collect()
        };
        assert_eq!(
            outcomes(write(&files, folder.path())),
            [Outcome::Written, Outcome::Written]
        );
        fs::write(folder.path().join("main.c"), "mine").unwrap();
        assert_eq!(
            outcomes(write(&files, folder.path())),
            [Outcome::Unchanged, Outcome::Kept]
        );
        fs::write(folder.path().join("a/b.h"), "changed").unwrap();
        assert_eq!(
            outcomes(compare(&files, folder.path())),
            [Outcome::Written, Outcome::Kept]
        );
        write(&files, folder.path()).unwrap();
        assert_eq!(
            fs::read_to_string(folder.path().join("a/b.h")).unwrap(),
            "one"
        );
        assert_eq!(
            fs::read_to_string(folder.path().join("main.c")).unwrap(),
            "mine"
        );
        assert_eq!(fs::read_dir(folder.path().join("a")).unwrap().count(), 1);
    }

    #[test]
    fn all_or_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("made/out");
        let made = folder.path().join("library");
        fs::write(&made, "bytes").unwrap();
        let beside = |path| Made { path, from: &made };
        let files = [File::new("sub/a.go", "new")];
        // The last file cannot take its place: a folder is there.
        let blocked = |out: &Path| {
            write_with(&files, &[beside("b.so"), beside("c.so")], out)
                .unwrap_err()
                .to_string()
        };
        fs::create_dir_all(out.join("c.so/full")).unwrap();
        fs::write(out.join("b.so"), "old").unwrap();
        assert!(blocked(&out).contains("c.so"));
        let mut names: Vec<_> = fs::read_dir(&out)
            .unwrap()
            .flatten()
            .map(|entry| entry.file_name())
            .collect();
        names.sort();
        assert_eq!(
            names,
            ["b.so", "c.so"],
            "no folder `sub`, no temporary files"
        );
        assert_eq!(fs::read_to_string(out.join("b.so")).unwrap(), "old");

        fs::remove_dir_all(&out).unwrap();
        let missing = [
            beside("b.so"),
            Made {
                path: "c.so",
                from: Path::new("/nowhere"),
            },
        ];
        write_with(&files, &missing, &out).unwrap_err();
        assert!(!out.exists(), "folders that were made are gone");
        assert_eq!(
            write_with(&files, &[beside("b.so")], &out).unwrap().len(),
            2
        );
        assert_eq!(fs::read_to_string(out.join("b.so")).unwrap(), "bytes");
    }

    #[test]
    fn an_unwritable_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let error = write(&[File::new("b.h", "one")], &folder.path().join("file"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("file"), "{error}");
    }

    #[test]
    fn paths_have_no_dots_of_their_folders_spelling() {
        let folder = tempfile::tempdir().unwrap();
        let files = [File::new("b.h", "one")];
        for spelled in ["", "/", "/.", "//.//", "/./."] {
            let spelled = PathBuf::from(format!("{}{spelled}", folder.path().display()));
            let made = folder.path().join("b.h");
            let beside = Made {
                path: "b.so",
                from: &made,
            };
            fs::write(&made, "one").unwrap();
            let outcomes = write_with(&files, &[beside], &spelled).unwrap();
            let paths: Vec<_> = outcomes.iter().map(|(path, _)| path.as_os_str()).collect();
            assert_eq!(
                paths,
                [made.as_os_str(), folder.path().join("b.so").as_os_str()]
            );
        }
        let tidied = |spelled| tidy(Path::new(spelled)).into_os_string();
        assert_eq!(tidied("."), ".");
        assert_eq!(tidied("./."), ".");
        assert_eq!(tidied("./out//./deep/"), "./out/deep");
        assert_eq!(tidied("link/../out/."), "link/../out");
    }

    #[test]
    fn paths_stay_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write(&[File::new("../b.h", "one")], folder.path()).is_err());
        assert!(write(&[File::new("/b.h", "one")], folder.path()).is_err());
    }
}
