//! What `doctor` says of guests in Go: Go and its C compiler together, and the modules that are there.
//!
//! Comes in: the machine, asked by the same code that `compile` asks. Goes out: lines and a JSON object.

use std::fmt::Write;
use std::path::PathBuf;

use gangplank_codegen::compile::toolchain::Go;
use gangplank_model::Diagnostics;
use serde_json::{Value, json};

/// Whether guests can be built, and with what.
pub(super) struct GoGuests {
    /// What `go env` says; nothing when there is no usable Go.
    compiler: Option<String>,
    module_cache: Option<PathBuf>,
    /// What is in the way, with what to do.
    problems: Vec<Problem>,
}

/// Something that is in the way, of any language.
pub(super) struct Problem {
    pub(super) message: String,
    /// What to do, where the message does not say it.
    pub(super) help: Vec<String>,
}

impl Problem {
    /// For programs.
    pub(super) fn json(&self) -> Value {
        json!({ "message": self.message, "help": self.help })
    }
}

/// Asks.
pub(super) fn look() -> GoGuests {
    let mut guests = GoGuests {
        compiler: None,
        module_cache: None,
        problems: Vec::new(),
    };
    let go = match Go::find() {
        Ok(go) => go,
        Err(found) => {
            guests.note(&found);
            return guests;
        }
    };
    for checked in [go.check_c(), go.check_cache()] {
        checked.unwrap_or_else(|found| guests.note(&found));
    }
    guests.compiler = Some(go.env.cc);
    guests.module_cache = Some(go.env.gomodcache);
    guests
}

impl GoGuests {
    fn note(&mut self, found: &Diagnostics) {
        let problems = found.iter().map(|one| Problem {
            message: one.message.clone(),
            help: one.help.clone(),
        });
        self.problems.extend(problems);
    }

    /// Whether nothing is in the way. What is would keep packages in Go from being built as well.
    pub(super) fn possible(&self) -> bool {
        self.problems.is_empty()
    }

    /// For people.
    pub(super) fn text(&self, text: &mut String) {
        text.push_str("\nGo guests of .proto files\n");
        // Writing to a String cannot fail.
        for problem in &self.problems {
            let _ = writeln!(text, "  cannot be built here: {}", problem.message);
            for help in &problem.help {
                let _ = writeln!(text, "  help: {help}");
            }
        }
        if let (true, Some(compiler)) = (self.possible(), &self.compiler) {
            let _ = writeln!(
                text,
                "  can be built here, with the C compiler `{compiler}`"
            );
        }
        if let Some(cache) = &self.module_cache {
            let empty = if cache.is_dir() {
                ""
            } else {
                " (nothing is there yet)"
            };
            let _ = writeln!(text, "  module cache: {}{empty}", cache.display());
        }
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        json!({
            "possible": self.possible(),
            "problems": self.problems.iter().map(Problem::json).collect::<Vec<_>>(),
            "c_compiler": self.compiler,
            "module_cache": self.module_cache,
        })
    }
}
