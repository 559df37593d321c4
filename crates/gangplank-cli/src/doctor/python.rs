//! What `doctor` says of Python: which one would run guests, and whether it can.
//!
//! Comes in: the machine, asked by the rule that XLLR and `compile` go by; `.venv` is looked for in the working directory,
//! where they look beside the module. Goes out: lines and a JSON object.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use gangplank_codegen::backends::python::EXTENSION;
use gangplank_python::{Answer, Chosen, Wish, environment};
use serde_json::{Value, json};

use super::guests::Problem;
use crate::beside;

/// The Python that would be used.
#[derive(Default)]
pub(super) struct Python {
    chosen: Option<Chosen>,
    answer: Option<Answer>,
    library: Option<PathBuf>,
    /// The version of `grpcio-tools`.
    grpc_tools: Option<String>,
    /// What keeps guests from running.
    problems: Vec<Problem>,
    /// The extension that packages and hosts in Python call by.
    extension: Option<PathBuf>,
}

/// Asks.
pub(super) fn look() -> Python {
    look_by(&Wish {
        option: None,
        folder: Some(Path::new(".")),
        variable: &environment,
    })
}

fn look_by(wish: &Wish<'_>) -> Python {
    let mut python = Python {
        extension: EXTENSION.find(beside::folder().as_deref()),
        ..Python::default()
    };
    let found = wish.choose().and_then(|chosen| {
        let answer = chosen.ask();
        python.grpc_tools = chosen.grpc_tools().ok().flatten();
        python.chosen = Some(chosen);
        answer
    });
    match found {
        Ok(answer) => {
            python.library = answer.library();
            let bad = |text: &str| {
                python
                    .chosen
                    .iter()
                    .map(|chosen| problem(chosen.bad(text)))
                    .collect()
            };
            python.problems = match (answer.check(), &python.library) {
                (Err(text), _) => bad(&text),
                (Ok(()), None) => bad(&answer.no_library()),
                (Ok(()), Some(_)) => Vec::new(),
            };
            python.answer = Some(answer);
        }
        Err(text) => python.problems.push(problem(text)),
    }
    python
}

/// The text says what to do as well.
fn problem(message: String) -> Problem {
    Problem {
        message,
        help: Vec::new(),
    }
}

impl Python {
    /// For people.
    pub(super) fn text(&self, text: &mut String) {
        text.push_str("\nPython, for packages, and for guests and hosts of .proto files\n");
        // Writing to a String cannot fail.
        for problem in &self.problems {
            let _ = writeln!(text, "  cannot run guests here: {}", problem.message);
        }
        if let (Some(chosen), Some(answer)) = (&self.chosen, &self.answer) {
            let _ = writeln!(
                text,
                "  chosen: {} (of {}), Python {}{}",
                chosen.program.display(),
                chosen.who,
                answer.version,
                if answer.free_threaded {
                    ", free-threaded"
                } else {
                    ""
                }
            );
        }
        if let Some(library) = &self.library {
            let _ = writeln!(text, "  library: {}", library.display());
        }
        match (&self.grpc_tools, &self.chosen) {
            (Some(version), _) => {
                let _ = writeln!(text, "  grpcio-tools: {version}");
            }
            (None, Some(chosen)) => {
                let program = chosen.program.display();
                let _ = writeln!(
                    text,
                    "  grpcio-tools: not there, not needed; it writes protobuf's own Python code\n  help: {program} -m pip install grpcio-tools"
                );
            }
            (None, None) => {}
        }
        self.extension_lines(text);
    }

    fn extension_lines(&self, text: &mut String) {
        let Some(extension) = &self.extension else {
            let toolkit = beside::folder();
            let _ = writeln!(
                text,
                "  host extension: MISSING: packages and hosts in Python are written without {}, and do not work\n  help: {}",
                EXTENSION.file,
                EXTENSION.command(toolkit.as_deref())
            );
            return;
        };
        let _ = writeln!(text, "  host extension: {}", extension.display());
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let (chosen, answer) = (self.chosen.as_ref(), self.answer.as_ref());
        json!({
            "possible": self.problems.is_empty(),
            "problems": self.problems.iter().map(Problem::json).collect::<Vec<_>>(),
            "program": chosen.map(|chosen| &chosen.program),
            "chosen_by": chosen.map(|chosen| chosen.who),
            "executable": answer.map(|answer| &answer.executable),
            "version": answer.map(|answer| &answer.version),
            "free_threaded": answer.map(|answer| answer.free_threaded),
            "shared_library": self.library,
            "grpc_tools": self.grpc_tools,
            "host_extension": self.extension,
        })
    }
}
