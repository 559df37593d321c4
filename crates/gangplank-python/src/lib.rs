//! Which Python is used, and what it is: one rule for whoever runs guests, runs tools of Python, or tells people.
//!
//! Comes in: an option, the environment, and the folder of a module or definition. Goes out: an interpreter, who named it,
//! and what it says of itself. A crate of its own because XLLR, which opens libraries, and the compilers, which must not,
//! both need the rule.

#![forbid(unsafe_code)]

mod answer;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

pub use answer::{Answer, FREE_THREADED, check_version};

/// The variable that names an interpreter.
pub const VARIABLE: &str = "GANGPLANK_PYTHON";

/// What decides, the first first.
#[derive(Clone, Copy)]
pub struct Wish<'a> {
    /// What the user says, in the words of the place: an option, a flag.
    pub option: Option<&'a Path>,
    /// The folder that may have a `.venv`.
    pub folder: Option<&'a Path>,
    /// The environment, as far as it may be trusted.
    pub variable: &'a dyn Fn(&str) -> Option<OsString>,
}

/// The environment of this process.
pub fn environment(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// An interpreter, and who named it.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The program.
    pub program: PathBuf,
    /// `VIRTUAL_ENV`.
    pub who: &'static str,
}

impl Wish<'_> {
    /// The interpreter: of the option, of [`VARIABLE`], of `VIRTUAL_ENV`, of `.venv` in the folder, else `python3` of `PATH`.
    ///
    /// # Errors
    /// There is none; the text says where it was looked for, and what to do.
    pub fn choose(&self) -> Result<Chosen, String> {
        let chosen = |program: PathBuf, who| Ok(Chosen { program, who });
        if let Some(program) = self.option {
            return chosen(program.to_owned(), "the option `python`");
        }
        let variable = |name| (self.variable)(name).filter(|value| !value.is_empty());
        if let Some(program) = variable(VARIABLE) {
            return chosen(program.into(), VARIABLE);
        }
        if let Some(folder) = variable("VIRTUAL_ENV") {
            return chosen(Path::new(&folder).join("bin/python"), "VIRTUAL_ENV");
        }
        let beside = self.folder.map(|folder| folder.join(".venv/bin/python"));
        if let Some(program) = beside.filter(|program| program.is_file()) {
            return chosen(program, "the folder .venv beside the module");
        }
        let path: OsString = variable("PATH").unwrap_or_default();
        let folders = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
        for folder in folders {
            let program = folder.join("python3");
            if program.is_file() {
                return chosen(program, "PATH");
            }
        }
        let beside = self.folder.map_or_else(String::new, |folder| {
            format!(" .venv in `{}`", folder.display())
        });
        Err(format!(
            "no Python found: looked at {VARIABLE}, VIRTUAL_ENV,{beside} and for python3 in PATH; install Python 3.10 or newer, or name one in {VARIABLE}"
        ))
    }
}

impl Chosen {
    /// What is wrong with it, in words.
    pub fn bad(&self, text: &str) -> String {
        let Chosen { program, who } = self;
        format!("the Python `{}` (of {who}) {text}", program.display())
    }

    /// A command that runs it, from whatever folder. A name without a folder is one of `PATH`.
    pub fn command(&self) -> Command {
        let program = &self.program;
        let has_folder = program.components().count() > 1;
        let absolute = has_folder.then(|| std::path::absolute(program).ok());
        Command::new(absolute.flatten().as_ref().unwrap_or(program))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with `bin/python`, `.venv/bin/python` and `path/python3`.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in ["env/bin/python", ".venv/bin/python", "path/python3"] {
            let file = folder.path().join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "").unwrap();
        }
        folder
    }

    #[test]
    fn the_first_that_is_named_is_taken() {
        let temp = folder();
        let root = temp.path();
        let all = |name: &str| match name {
            VARIABLE => Some(OsString::from("named")),
            "VIRTUAL_ENV" => Some(root.join("env").into()),
            "PATH" => Some(root.join("path").into()),
            _ => None,
        };
        let only = |wanted: &'static [&'static str]| {
            move |name: &str| all(name).filter(|_| wanted.contains(&name))
        };
        let choose = |option, folder, names| {
            let variable = only(names);
            let wish = Wish {
                option,
                folder,
                variable: &variable,
            };
            let chosen = wish.choose().unwrap();
            let program = chosen.program.strip_prefix(root).map(Path::to_owned);
            (program.unwrap_or(chosen.program), chosen.who)
        };
        let option = Some(Path::new("mine"));
        let every: &[&str] = &[VARIABLE, "VIRTUAL_ENV", "PATH"];
        for (found, program, who) in [
            (
                choose(option, Some(root), every),
                "mine",
                "the option `python`",
            ),
            (choose(None, Some(root), every), "named", VARIABLE),
            (
                choose(None, Some(root), &["VIRTUAL_ENV", "PATH"]),
                "env/bin/python",
                "VIRTUAL_ENV",
            ),
            (
                choose(None, Some(root), &["PATH"]),
                ".venv/bin/python",
                "the folder .venv beside the module",
            ),
            (choose(None, None, &["PATH"]), "path/python3", "PATH"),
        ] {
            assert_eq!(found, (PathBuf::from(program), who));
        }
    }

    #[test]
    fn none_is_said_with_the_places() {
        let wish = Wish {
            option: None,
            folder: Some(Path::new("/nowhere")),
            // A relative folder of PATH is the working directory's, and not looked at.
            variable: &|name| (name == "PATH").then(|| ".".into()),
        };
        let text = wish.choose().unwrap_err();
        for part in [
            VARIABLE,
            "VIRTUAL_ENV",
            "/nowhere",
            "PATH",
            "install Python 3.10",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
}
