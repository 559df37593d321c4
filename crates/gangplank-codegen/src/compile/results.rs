//! What has been compiled, before it is put in place.
//!
//! Comes in: the files of one or more doors. Goes out: all of them in the output folder, or none. Doors only say what they
//! have made, so that a command that asks several of them writes nothing when the last one fails.

use std::path::{Path, PathBuf};

use gangplank_model::diagnostics::codes;
use gangplank_model::{Diagnostic, Diagnostics};
use tempfile::TempDir;

use super::Request;
use crate::backend::File;
use crate::output::{self, Made, OutputError};
use crate::placing::Companion;

/// Files, and libraries that tools have built.
#[derive(Debug, Default)]
pub struct Results {
    files: Vec<File>,
    libraries: Vec<Library>,
    lacking: Diagnostics,
}

/// A library that a tool has built, or that the toolkit brings.
#[derive(Debug)]
struct Library {
    /// Relative to the output folder.
    name: String,
    built: PathBuf,
    /// Holds what was built until it is in place.
    _scratch: Option<TempDir>,
}

impl Results {
    /// Files alone.
    pub(super) fn of(files: Vec<File>) -> Results {
        Results {
            files,
            ..Results::default()
        }
    }

    /// Nothing, because a tool is missing that nothing else needs: what others have made does not depend on it. See decision
    /// 0053.
    pub(super) fn lacking(found: Diagnostics) -> Results {
        Results {
            lacking: found,
            ..Results::default()
        }
    }

    /// Takes out which tools are missing for what is not here.
    pub fn take_lacking(&mut self) -> Option<Diagnostics> {
        let lacking = std::mem::take(&mut self.lacking);
        (!lacking.is_empty()).then_some(lacking)
    }

    /// Whether nothing has been made.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.libraries.is_empty()
    }

    /// The results, unless they are nothing but missing tools.
    pub(super) fn unless_lacking(mut self) -> Result<Results, Diagnostics> {
        if !self.is_empty() {
            return Ok(self);
        }
        self.take_lacking().map_or(Ok(self), Err)
    }

    /// The same with the library `name`, which lies at `built` in `scratch`.
    pub(super) fn with_library(mut self, name: String, built: PathBuf, scratch: TempDir) -> Self {
        self.libraries.push(Library {
            name,
            built,
            _scratch: Some(scratch),
        });
        self
    }

    /// The same with a file of the toolkit's that what is made here opens, or lacking it: the file may come later.
    pub(super) fn with_companion(mut self, request: &Request<'_>, companion: &Companion) -> Self {
        match companion.find(request.toolkit) {
            Some(built) => self.libraries.push(Library {
                name: companion.file.to_owned(),
                built,
                _scratch: None,
            }),
            None => self
                .lacking
                .push(companion.missing(request.toolkit, request.output)),
        }
        self
    }

    /// Adds those of another door.
    ///
    /// # Errors
    /// Both have made a file of one name, and it is not the same.
    pub fn append(&mut self, more: Results) -> Result<(), Diagnostics> {
        for file in more.files {
            match self.files.iter().find(|known| known.path == file.path) {
                None => self.files.push(file),
                Some(known) if *known == file => {}
                Some(_) => {
                    let text = format!("two of the languages write `{}`", file.path);
                    return Err(Diagnostic::new(codes::OUTPUT, text)
                        .help("compile them one by one, into folders of their own")
                        .into());
                }
            }
        }
        self.libraries.extend(more.libraries);
        self.lacking.append(more.lacking);
        Ok(())
    }

    /// Puts everything in place; returns where.
    ///
    /// # Errors
    /// A file cannot be written; what was there before is still there then.
    pub fn write(&self, output: &Path) -> Result<Vec<PathBuf>, Diagnostics> {
        self.stage(output)?.put()
    }

    /// Writes everything beside its place, for those who have something to do before it is put there.
    ///
    /// # Errors
    /// A file cannot be written; nothing is left then.
    pub fn stage(&self, output: &Path) -> Result<Staged, Diagnostics> {
        let made: Vec<Made<'_>> = self
            .libraries
            .iter()
            .map(|library| Made {
                path: &library.name,
                from: &library.built,
            })
            .collect();
        let staged = output::stage(&self.files, &made, output).map_err(unwritten)?;
        Ok(Staged(staged))
    }
}

/// Results beside their places. Dropped, they leave nothing.
#[must_use]
pub struct Staged(output::Staged);

impl Staged {
    /// Lets them take their places; returns where.
    ///
    /// # Errors
    /// A place has been taken by something else meanwhile; what was there before is still there then.
    pub fn put(self) -> Result<Vec<PathBuf>, Diagnostics> {
        let outcomes = self.0.put().map_err(unwritten)?;
        Ok(outcomes.into_iter().map(|(path, _)| path).collect())
    }
}

fn unwritten(error: OutputError) -> Diagnostics {
    Diagnostic::new(codes::OUTPUT, error.to_string()).into()
}
