//! Compilers in libraries of their own.
//!
//! Comes in: a language that is not built in, or a plugin's path. Goes out: what the plugin has made. Libraries are opened
//! by `xllr` and nowhere else; here is only where a plugin lies, and how its errors read.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use gangplank_codegen::compile::{self, Part};
use xllr::CompilerPlugin;

use crate::failure::{Failure, Outcome};
use crate::progress;

/// The plugin at a path.
pub(super) fn open(path: &Path) -> Outcome<Rc<CompilerPlugin>> {
    let opened = CompilerPlugin::open(path).map_err(|error| {
        Failure::Diagnostics(format!(
            "error: cannot open the compiler plugin {}: {error}",
            path.display()
        ))
    })?;
    Ok(Rc::new(opened))
}

/// The plugin of a language: the library with its name beside this command.
pub(super) fn find(language: &str) -> Outcome<Rc<CompilerPlugin>> {
    let path = beside(language);
    if let Some(path) = path.as_deref().filter(|path| path.is_file()) {
        return open(path);
    }
    let known: Vec<&str> = compile::compilers().map(|compiler| compiler.name).collect();
    let known = known.join(", ");
    Err(Failure::NoCompiler {
        text: format!(
            "there is no compiler for `{}`; built in: {known}",
            language.escape_debug()
        ),
        help: match path {
            Some(path) => format!("its plugin would be {}", path.display()),
            None => "a language is a word of letters, digits and `_`".to_owned(),
        },
    })
}

/// Where the plugin of a language lies. What is no plain word names no file.
fn beside(language: &str) -> Option<PathBuf> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if language.is_empty() || !language.chars().all(plain) {
        return None;
    }
    let name = format!("{DLL_PREFIX}gangplank_compiler_{language}{DLL_SUFFIX}");
    Some(std::env::current_exe().ok()?.with_file_name(name))
}

/// Calls a plugin; it does not say which files it has made.
pub(super) fn call(plugin: &CompilerPlugin, part: Part, idl: &Path, output: &Path) -> Outcome<()> {
    let path = plugin.path().display();
    progress::step("Calling", &path.to_string());
    let done = match part {
        Part::Guest => plugin.to_guest(idl, output),
        Part::Host => plugin.from_host(idl, output),
        Part::Serialization => plugin.serialization(idl, output),
    };
    done.map_err(|error| {
        // Ours read as the command's own errors do; what others say needs to be told apart.
        Failure::Diagnostics(match error.text() {
            text if text.starts_with("error:") || text.starts_with("error[") => text.to_owned(),
            text => format!("error: the compiler plugin {path}: {text}"),
        })
    })
}
