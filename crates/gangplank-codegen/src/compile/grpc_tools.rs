//! Protobuf's own Python code, for people who use protobuf elsewhere.
//!
//! Comes in: a parsed definition, and the interpreter that the user has chosen. Goes out: `<idl>_pb2.py` for it and for what
//! it imports, with type stubs (`.pyi`) where the tool writes them. The tool is the package `grpcio-tools` of that
//! interpreter; it is given our descriptors, never a file of the user's.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use gangplank_model::diagnostics::codes;
use gangplank_model::{Diagnostic, Diagnostics};
use gangplank_python::{Chosen, Wish, environment};

use super::idl::{Idl, IdlFile};
use super::run::{Listener, Progress, run, words};
use crate::backend::File;

/// Files of these folders come with protobuf.
const PROTOBUFS: &str = "google/protobuf/";

/// Runs the tool; the files are relative to the output folder.
///
/// # Errors
/// There is no Python, it has no `grpcio-tools`, or that refuses the definition.
pub(super) fn files(
    idl: &Idl,
    named: Option<&Path>,
    progress: Listener<'_>,
) -> Result<Vec<File>, Diagnostics> {
    progress(Progress::Step {
        verb: "Writing",
        what: "the protobuf code",
    });
    let failed = |text: String| Diagnostics::from(Diagnostic::new(codes::GRPC_TOOLS, text));
    let chosen = Wish {
        option: named,
        folder: Some(&idl.folder),
        variable: &environment,
    };
    let none = |text: String| Diagnostics::from(Diagnostic::new(codes::GRPC_TOOLS_MISSING, text));
    let python = chosen.choose().map_err(none)?;
    if python.grpc_tools().map_err(none)?.is_none() {
        return Err(missing(&python));
    }
    let scratch = tempfile::tempdir()
        .map_err(|error| failed(format!("cannot make a scratch folder: {error}")))?;
    let tool = Tool {
        idl,
        python: &python,
        scratch: scratch.path(),
        progress,
    };
    tool.prepare()
        .map_err(|error| failed(format!("cannot write a scratch file: {error}")))?;
    tool.run("python")?;
    // Older tools write no stubs; what they refuse otherwise they have refused above.
    let _ = tool.run("pyi");
    let mut files = Vec::new();
    collect(&tool.output(), "", &mut files)
        .map_err(|error| failed(format!("cannot read what was written: {error}")))?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn missing(python: &Chosen) -> Diagnostics {
    let text = python.bad("has no package `grpcio-tools`, which writes protobuf's Python code");
    Diagnostic::new(codes::GRPC_TOOLS_MISSING, text)
        .help(format!(
            "{} -m pip install grpcio-tools",
            python.program.display()
        ))
        .help("guests and hosts do not need it: --skip-compile-serialization leaves it out")
        .into()
}

/// The tool at work in a scratch folder.
struct Tool<'a> {
    idl: &'a Idl,
    python: &'a Chosen,
    scratch: &'a Path,
    progress: Listener<'a>,
}

impl Tool<'_> {
    fn output(&self) -> std::path::PathBuf {
        self.scratch.join("out")
    }

    fn prepare(&self) -> std::io::Result<()> {
        fs::create_dir(self.output())?;
        fs::write(self.scratch.join("set"), self.idl.descriptor_set())
    }

    /// What the definition needs in one form: its own code, and that of what it imports, but for what every protobuf brings.
    fn run(&self, form: &str) -> Result<(), Diagnostics> {
        let refused = |text: String| {
            let path = self.idl.path.display();
            let text = format!("`grpc_tools.protoc` refuses {path}: {text}");
            Diagnostics::from(Diagnostic::new(codes::GRPC_TOOLS, text))
        };
        let mut to = OsString::from(format!("--{form}_out="));
        to.push(self.output());
        let files = self.idl.files.iter().map(IdlFile::name);
        let mut command: Command = self.python.command();
        command
            .args(["-m", "grpc_tools.protoc", "--descriptor_set_in=set"])
            .arg(to)
            .args(files.filter(|name| !name.starts_with(PROTOBUFS)))
            // `-m` looks for modules in the working directory first: nothing of the user's may be found there.
            .current_dir(self.scratch);
        let output = run(&mut command, Vec::new(), self.progress)
            .map_err(|error| refused(error.to_string()))?;
        match output.status.success() {
            true => Ok(()),
            false => Err(refused(words(&output))),
        }
    }
}

/// Every file below a folder; `name` is the folder's, with `/` behind it.
fn collect(folder: &Path, name: &str, files: &mut Vec<File>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{name}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.push(File::new(path, fs::read_to_string(entry.path())?));
        }
    }
    Ok(())
}
