//! For build scripts: a `.proto` file to a module of the crate that is being built.
//!
//! Comes in: the path of a `.proto` file, relative to the package. Goes out: `<name>.rs` or `<name>_host.rs` in `OUT_DIR`,
//! for `gangplank::proto!`. No other tool is needed.

use std::path::Path;

use crate::backend::Language;
use crate::backends::rust;
use crate::compile::idl;
use crate::config::Options;
use gangplank_model::Diagnostics;
use gangplank_model::diagnostics::render;

/// Writes the trait of a guest: `gangplank::proto!(calc);` and `calc::export!(MyCalc);` use it. Ends the build script when
/// the file has faults.
pub fn guest(idl: impl AsRef<Path>) {
    write(idl.as_ref(), &rust::GUEST);
}

/// Writes the stubs of a host: `gangplank::proto!(calc_host);` uses them. Ends the build script when the file has faults.
pub fn host(idl: impl AsRef<Path>) {
    write(idl.as_ref(), &rust::HOST);
}

fn write(path: &Path, language: &Language) {
    let files = idl::read(path, &[]).and_then(|idl| {
        for file in &idl.files {
            println!(
                "cargo::rerun-if-changed={}",
                idl.folder.join(file.name()).display()
            );
        }
        (language.run)(&idl.library, &Options::default())
    });
    let files = files.unwrap_or_else(|found| fail(&in_words(&found)));
    let Some(folder) = std::env::var_os("OUT_DIR") else {
        fail("OUT_DIR is not set: call this from a build script");
    };
    for file in files {
        let to = Path::new(&folder).join(&file.path);
        if let Err(error) = std::fs::write(&to, &file.contents) {
            fail(&format!("cannot write {}: {error}", to.display()));
        }
    }
}

fn in_words(found: &Diagnostics) -> String {
    render(found, &|_| None, false)
}

fn fail(text: &str) -> ! {
    eprintln!("{text}");
    std::process::exit(1)
}
