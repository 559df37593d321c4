//! Copies of this tree, for what must not be done to the tree itself.
//!
//! Comes in: a session. Goes out: a folder beside the target folder with the files that git knows or would, as they are now.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::run::{Failure, Session};

/// A copy of the tree, kept from run to run so that only what changed is built again.
pub(crate) struct Copy {
    /// The files.
    pub(crate) tree: PathBuf,
    /// What cargo builds of them.
    pub(crate) target: PathBuf,
}

impl Copy {
    /// Brings the copy for a word up to date: what git tracks or would track, as it is now.
    ///
    /// # Errors
    /// There is no git, or a file cannot be copied.
    pub(crate) fn of(session: &Session, word: &str) -> Result<Self, Failure> {
        let folder = session.binaries.with_file_name(word);
        let copy = Self {
            tree: folder.join("tree"),
            target: folder.join("target"),
        };
        let listed = session
            .command("git", ".")
            .args([
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ])
            .output()
            .map_err(|error| {
                Failure::Tools(format!(
                    "xtask: `{word}` needs git, which does not start: {error}"
                ))
            })?;
        if !listed.status.success() {
            return Err(Failure::Other(said("git ls-files", &listed)));
        }
        let names = String::from_utf8_lossy(&listed.stdout);
        let wanted: BTreeSet<&Path> = names.split_terminator('\0').map(Path::new).collect();
        for name in &wanted {
            refresh(&session.root.join(name), &copy.tree.join(name))?;
        }
        remove_others(&copy.tree, &copy.tree, &wanted)?;
        Ok(copy)
    }
}

/// Copies a file whose content differs, so that what is the same is not built again. One that is gone is removed.
fn refresh(from: &Path, to: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("cannot copy {}: {error}", from.display());
    let content = match fs::read(from) {
        Ok(content) => content,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let _ = fs::remove_file(to);
            return Ok(());
        }
        Err(error) => return Err(failed(error)),
    };
    if fs::read(to).is_ok_and(|present| present == content) {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(to, content).map_err(failed)
}

/// Removes files and folders of an earlier run that the tree no longer has: cargo would find them.
fn remove_others(root: &Path, folder: &Path, wanted: &BTreeSet<&Path>) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("cannot tidy {}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            remove_others(root, &path, wanted)?;
            // Only an empty one can be removed.
            let _ = fs::remove_dir(&path);
        } else if !path
            .strip_prefix(root)
            .is_ok_and(|name| wanted.contains(name))
        {
            fs::remove_file(&path).map_err(failed)?;
        }
    }
    Ok(())
}

/// What a program said when it failed, its last lines.
pub(crate) fn said(what: &str, output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().collect();
    let last = lines[lines.len().saturating_sub(20)..].join("\n");
    format!("{what} ({})\n{last}", output.status)
}
