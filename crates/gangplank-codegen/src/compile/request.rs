//! What is asked of a compiler.
//!
//! Comes in: paths and options, from a command line or a plugin's caller. Goes out: a request that makes sense: whatever
//! can be said without reading the definition is said before anything is read or built.

use std::cell::RefCell;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gangplank_model::diagnostics::{Label, codes, render};
use gangplank_model::{Diagnostic, Diagnostics};

use super::idl::{self, Idl};
use super::run::{Listener, Progress};
use super::{Compiler, Door, Part, Results, Setting};
use crate::proto;

/// What to compile, and where to.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The interface definition.
    pub idl: &'a Path,
    /// Where its imports are looked up, before its own folder.
    pub includes: &'a [PathBuf],
    /// The folder that gets the results; made when it is missing.
    pub output: &'a Path,
    /// The `protoc-gen-go` to use instead of the one on the PATH or in the cache.
    pub protoc_gen_go: Option<&'a Path>,
    /// The interpreter whose tools write protobuf's Python code, before what the environment says.
    pub python: Option<&'a Path>,
    /// Where the toolkit's own files lie that go beside what is made: the folder of the command or of the plugin.
    pub toolkit: Option<&'a Path>,
    /// The package of hosts; without it the one of `go_package`.
    pub host_package: Option<&'a str>,
    /// Told what happens.
    pub progress: Listener<'a>,
}

impl<'a> Request<'a> {
    /// A request that tells nobody what happens.
    pub fn new(idl: &'a Path, output: &'a Path) -> Request<'a> {
        Request {
            idl,
            includes: &[],
            output,
            protoc_gen_go: None,
            python: None,
            toolkit: None,
            host_package: None,
            progress: &|_| (),
        }
    }

    /// The options that are set and that only some doors read.
    pub fn settings(&self) -> Vec<Setting> {
        let all = [
            (Setting::HostPackage, self.host_package.is_some()),
            (Setting::ProtocGenGo, self.protoc_gen_go.is_some()),
            (Setting::Python, self.python.is_some()),
        ];
        let set = all.into_iter().filter(|(_, is_set)| *is_set);
        set.map(|(setting, _)| setting).collect()
    }

    /// Asks a door, and puts what it has made in place; returns the files.
    ///
    /// # Errors
    /// What the door finds or lacks, and results that cannot be written. Nothing is written then.
    pub fn run(&self, door: Door) -> Result<Vec<PathBuf>, Diagnostics> {
        self.check()?;
        let mut results = door(self)?;
        match results.take_lacking() {
            Some(lacking) => Err(lacking),
            None => results.write(self.output),
        }
    }

    /// Asks several doors. Nothing is put in place before all of them have made what they make, and nothing is built before
    /// every language has had its say about the definition. A step that one door takes right after another is told once.
    ///
    /// # Errors
    /// What all languages find in the definition; else what the first door finds that finds something.
    pub fn ask(&self, asked: &[(&Compiler, Part)]) -> Result<Results, Diagnostics> {
        let hosts = self.hosts(asked)?;
        let last = RefCell::new(String::new());
        let progress = |happens: Progress<'_>| {
            if let Progress::Step { verb, what } = happens {
                let step = format!("{verb} {what}");
                if *last.borrow() == step {
                    return;
                }
                *last.borrow_mut() = step;
            }
            (self.progress)(happens);
        };
        let request = Request {
            progress: &progress,
            ..*self
        };
        let mut results = Results::default();
        for (compiler, part) in asked {
            match part {
                Part::Host => {}
                Part::Guest | Part::Serialization => {
                    results.append(compiler.door(*part)(&request)?)?;
                }
            }
        }
        results.append(hosts)?;
        results.unless_lacking()
    }

    /// The hosts that are asked for, which are only text, when no language has anything against the definition.
    fn hosts(&self, asked: &[(&Compiler, Part)]) -> Result<Results, Diagnostics> {
        self.check()?;
        let mut hosts = Results::default();
        let mut found = Diagnostics::default();
        for (compiler, part) in asked {
            let said = match part {
                Part::Guest => (compiler.check_guest)(self),
                Part::Host => (compiler.from_host)(self).and_then(|made| hosts.append(made)),
                Part::Serialization => Ok(()),
            };
            let Err(faults) = said else { continue };
            // What is wrong with the definition itself, every language says.
            for fault in faults.iter() {
                if !found.iter().any(|known| known == fault) {
                    found.push(fault.clone());
                }
            }
        }
        found.into_result(hosts)
    }

    /// The definition.
    pub(super) fn read(&self) -> Result<Idl, Diagnostics> {
        idl::read(self.idl, self.includes)
    }

    /// The definition for those who do not ask which code is behind it.
    pub(crate) fn read_without_code(&self) -> Result<Idl, Diagnostics> {
        idl::read_without_code(self.idl, self.includes)
    }

    /// Findings as text, with the lines of source that they point to.
    pub fn report(&self, found: &Diagnostics, color: bool) -> String {
        let of_idl = proto::sources(self.idl, self.includes);
        // The definition and its imports go by the names that imports have, the implementation by its paths.
        let source = |label: &Label| {
            of_idl(&label.location).or_else(|| fs::read_to_string(&label.location.file).ok())
        };
        render(found, &source, color)
    }

    /// Whether the paths are paths, and the results can be written.
    fn check(&self) -> Result<(), Diagnostics> {
        for (path, what) in [
            (self.idl, "the interface definition"),
            (self.output, "the output folder"),
        ] {
            if path.as_os_str().is_empty() {
                let text = format!("the path of {what} is empty");
                return Err(Diagnostic::new(codes::PATH, text).into());
            }
        }
        writable(self.output)
    }
}

/// Whether a folder is there that can be written, or could be made: asked early, because building takes its time.
fn writable(output: &Path) -> Result<(), Diagnostics> {
    let refused = |why: String| {
        let text = format!("cannot write into {}: {why}", output.display());
        Err(Diagnostic::new(codes::OUTPUT, text)
            .help("name another folder for the results, or change who may write there")
            .into())
    };
    // `out/deep` in the working directory is below ``, which is it.
    let here = |path: &'_ Path| match path.as_os_str().is_empty() {
        true => PathBuf::from("."),
        false => path.to_owned(),
    };
    let above = output.ancestors().map(here);
    let Some(there) = above
        .into_iter()
        .find(|path| path.symlink_metadata().is_ok())
    else {
        return refused("no part of the path is there".to_owned());
    };
    let shown = there.display();
    match there.metadata() {
        Err(error) => refused(format!("{shown}: {error}")),
        Ok(found) if !found.is_dir() && there == output => refused("it is a file".to_owned()),
        Ok(found) if !found.is_dir() => refused(format!("{shown} is a file")),
        Ok(_) => match tempfile::tempfile_in(&there) {
            Ok(_) => Ok(()),
            Err(error) if there == output => refused(unmade(&error)),
            Err(error) => refused(format!("{shown}: {}", unmade(&error))),
        },
    }
}

/// Why a file cannot be made in a folder that is there.
fn unmade(error: &io::Error) -> String {
    match error.kind() {
        // The system means the file that was to be made.
        io::ErrorKind::NotFound => "no file can be made there".to_owned(),
        kind => kind.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::GUEST;

    fn step(request: &Request<'_>, what: &str) -> Result<Results, Diagnostics> {
        let verb = "Writing";
        (request.progress)(Progress::Step { verb, what });
        Ok(Results::default())
    }

    #[test]
    fn a_step_that_two_languages_take_in_turn_is_told_once() {
        let one = Compiler {
            serialization: |request| step(request, "the protobuf code"),
            ..GUEST
        };
        let other = Compiler {
            serialization: |request| step(request, "something else"),
            ..GUEST
        };
        let told = RefCell::new(Vec::new());
        let progress = |happens: Progress<'_>| {
            if let Progress::Step { what, .. } = happens {
                told.borrow_mut().push(what.to_owned());
            }
        };
        let folder = tempfile::tempdir().unwrap();
        let request = Request {
            progress: &progress,
            ..Request::new(Path::new("calc.proto"), folder.path())
        };
        let asked = [&one, &one, &other, &one].map(|compiler| (compiler, Part::Serialization));
        assert!(request.ask(&asked).unwrap().is_empty());
        let told = told.into_inner();
        assert_eq!(
            told,
            ["the protobuf code", "something else", "the protobuf code"]
        );
    }

    #[test]
    fn folders_that_cannot_be_written_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let below = |name: &str| writable(&folder.path().join(name));
        fs::write(folder.path().join("file"), "").unwrap();
        below("new/and/deep").unwrap();
        writable(Path::new("new/and/deep")).unwrap();
        let text = |name| below(name).unwrap_err().to_string();
        assert!(
            text("file").contains("file: it is a file\n"),
            "{}",
            text("file")
        );
        assert!(
            text("file/out").contains("/file is a file\n"),
            "{}",
            text("file/out")
        );
        std::os::unix::fs::symlink("nowhere", folder.path().join("link")).unwrap();
        assert!(
            text("link/out").contains("/link: No such file"),
            "{}",
            text("link/out")
        );
        let text = writable(Path::new("/proc/gangplank/no"))
            .unwrap_err()
            .to_string();
        assert!(
            text.contains("cannot write into /proc/gangplank/no: /proc: "),
            "{text}"
        );
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            2,
            "nothing is left"
        );
    }
}
