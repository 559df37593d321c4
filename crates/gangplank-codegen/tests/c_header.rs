//! The C header of a library with one item of each kind: it compiles as C11 and C++17 without a warning, as C sees it
//! and as Go sees it, and what cannot be told apart in C is reported.

#[path = "support/built.rs"]
mod built;
#[path = "support/sample.rs"]
mod sample;

use std::fs;
use std::path::Path;
use std::process::Command;

use gangplank_codegen::backend::{self, File};
use gangplank_codegen::config::Options;
use gangplank_codegen::{Input, generate};
use gangplank_model::lowered::{Library, Mode, Return};

fn header(library: &Library) -> Result<Vec<File>, Vec<String>> {
    let language = backend::find("c").expect("C is in the table");
    (language.run)(library, &Options::default()).map_err(|diagnostics| {
        diagnostics
            .iter()
            .map(|diagnostic| format!("{diagnostic:?}"))
            .collect()
    })
}

/// The flags of the promise.
const STRICT: &[&str] = &["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"];

/// Fails unless `file` compiles in `folder`. Without the compiler: a loud skip, and in CI a failure.
fn compiles(folder: &Path, compiler: &[&str], define: &str, file: &str) {
    let output = Command::new(compiler[0])
        .args(&compiler[1..])
        .args(STRICT)
        .args([define, file])
        .current_dir(folder)
        .output();
    match output {
        Ok(output) => assert!(
            output.status.success(),
            "{compiler:?} {define} {file}\n{}",
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(error) if std::env::var_os("CI").is_none() => {
            eprintln!("SKIPPED: {}: {error}", compiler[0]);
        }
        Err(error) => panic!("{}: {error}", compiler[0]),
    }
}

/// As C11 and as C++17, as C sees it and as Go sees it.
fn compiles_everywhere(folder: &Path, file: &str) {
    for define in ["-DNOTHING", "-DGANGPLANK_GO"] {
        compiles(folder, &["cc", "-x", "c", "-std=c11"], define, file);
        compiles(folder, &["c++", "-x", "c++", "-std=c++17"], define, file);
    }
}

/// Uses the macros, which nothing compiles until somebody does.
const USE: &str = r#"
#include "kit.h"
#include "kit.h"
#ifndef GANGPLANK_GO
static const kit_node defaults = KIT_NODE_DEFAULT;
int use(void);
int use(void)
{
    kit_node local = KIT_NODE_DEFAULT;
    gp_string greeting = KIT_GREETING;
    gp_bytes mark = KIT_MARK;
    int64_t limit = KIT_LIMIT;
    float ratio = KIT_RATIO;
    gp_call call = GP_CALL_INIT;
    gp_waiter waiter = GP_WAITER_INIT;
    int32_t status = gp_wait(&waiter, kit_store_put(1, greeting, &local, 0, 0, &local, &call, gp_wake, &waiter));
    gp_call_reset(&call);
    return (int)defaults.color + (int)mark.len + (limit < 0) + (ratio < 0) + KIT_FAVOURITE + KIT_ENABLED + status;
}
#else
int unused;
#endif
"#;

#[test]
fn compiles_without_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    for file in header(&sample::library()).unwrap() {
        fs::write(folder.path().join(file.path), file.contents).unwrap();
    }
    fs::write(folder.path().join("use.c"), USE).unwrap();
    compiles_everywhere(folder.path(), "use.c");
}

#[test]
fn checked_in_headers_compile() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let headers = [
        ("examples/timer/c", "my_timer.h"),
        ("examples/host_demo/c", "host_demo.h"),
    ];
    for (folder, header) in headers {
        // Included by a file of its own: compilers treat the main file's unused functions otherwise.
        let user = tempfile::tempdir().unwrap();
        fs::copy(root.join(folder).join(header), user.path().join(header)).unwrap();
        let shipped = include_str!("../src/backends/c/runtime/gangplank.h");
        fs::write(user.path().join("gangplank.h"), shipped).unwrap();
        let text = format!("#include \"{header}\"\nint unused;\n");
        fs::write(user.path().join("use.c"), text).unwrap();
        compiles_everywhere(user.path(), "use.c");
    }
}

#[test]
fn headers_of_the_fixtures_compile() {
    let language = backend::find("c").expect("C is in the table");
    for name in ["faults", "kitchen_sink"] {
        let folder = tempfile::tempdir().unwrap();
        let library = built::build(name);
        for file in generate(Input::LibraryFile(&library), language, &built::config(name)).unwrap()
        {
            fs::write(folder.path().join(file.path), file.contents).unwrap();
        }
        let text =
            format!("#include <errno.h>\n#include <stdio.h>\n#include \"{name}.h\"\nint unused;\n");
        fs::write(folder.path().join("use.c"), text).unwrap();
        compiles_everywhere(folder.path(), "use.c");
    }
}

#[test]
fn two_abi_versions_do_not_mix() {
    let mut other = sample::library();
    other.abi = 2;
    let folder = tempfile::tempdir().unwrap();
    for file in header(&other).unwrap() {
        fs::write(folder.path().join(file.path), file.contents).unwrap();
    }
    let output = Command::new("cc")
        .args(["-fsyntax-only", "kit.h"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("ABI version 2"));
}

#[test]
fn a_name_that_the_header_adds_is_reported() {
    let mut library = sample::library();
    let method = sample::function("kit_store_set_ask", Mode::Sync, Return::Out, vec![], vec![]);
    library.objects[0].methods.push(method);
    let problems = header(&library).unwrap_err().join("\n");
    assert!(
        problems.contains("GP0303") && problems.contains("kit_store_set_ask"),
        "{problems}"
    );
}
