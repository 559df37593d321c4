//! Comments of a definition stand in whatever is generated from it, each language's in its own manner.

#[path = "support/go.rs"]
mod go;
#[path = "support/host.rs"]
mod host_support;

use std::fs;
use std::path::Path;

use gangplank_codegen::backend::find;
use gangplank_codegen::backends::go::COMPILER as GO;
use gangplank_codegen::backends::python::COMPILER as PYTHON;
use gangplank_codegen::backends::rust::COMPILER as RUST;
use gangplank_codegen::compile::Request;
use gangplank_codegen::config::Config;
use gangplank_codegen::{Input, generate};
use go::{has_go, here};
use host_support::{go_mod, is_clean};

const IDL: &str = r#"// About the file.
syntax = "proto3";

// About all of it.
package docs;

// About the enum.
enum Color {
  // About no color.
  NONE = 0;
  // About a color of before.
  BEFORE = 1 [deprecated = true];
}

// About the message.
message M {
  // About the field.
  Color color = 1; // Behind the field.
  // About the choice.
  oneof choice {
    // About the member.
    int32 number = 2;
    // About a member of before.
    int32 before = 3 [deprecated = true];
  }
  // About a field of before.
  int32 unused = 4 [deprecated = true];
}

message Asked {
  // About the question,
  // and more of it.
  M question = 1; // Behind the question.
  int32 how_many = 2; // How many there are.
}

message Answered {
  // About the answer.
  M answer = 1;
  string words = 2; // Behind the words.
}

message Said {
  // About what is said.
  string said = 1;
}

// About the service. """ and */
service S { // Behind the service.

  // Does what its comment says,
  // in two lines. */ and more
  // metaffi_function_path: "function=Do"
  rpc do_it (Asked) returns (Answered); // Behind the function.

  rpc say (Said) returns (Said);
}
"#;

const CODE: &str = "package main\n\nfunc Do(question *M, howMany int32) (*M, string) { return question, \"\" }\n\nfunc Say(said string) string { return said }\n";

/// The definition and its implementation in Go.
fn folder() -> tempfile::TempDir {
    let folder = here();
    fs::write(folder.path().join("docs.proto"), IDL).unwrap();
    fs::write(folder.path().join("code.go"), CODE).unwrap();
    folder
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

/// The text of a file of `gangplank generate`.
fn generated(folder: &Path, language: &str, name: &str) -> String {
    let path = folder.join("docs.proto");
    let input = Input::ProtoFile {
        path: &path,
        includes: &[],
    };
    let files = generate(input, find(language).unwrap(), &Config::default());
    let files = files.unwrap_or_else(|found| panic!("{found}"));
    let file = files.into_iter().find(|file| file.path == name);
    file.unwrap_or_else(|| panic!("no {name}")).contents
}

/// Everything that is generated, by the name of its file, with what comments begin with.
fn all(folder: &Path) -> Vec<(&'static str, &'static str, String)> {
    let idl = folder.join("docs.proto");
    let request = Request::new(&idl, folder);
    // The guest in Python is of a definition that says so.
    let python = folder.join("python.d/docs.proto");
    fs::create_dir(folder.join("python.d")).unwrap();
    let tagged = format!("// metaffi_target_language: \"python3\"\n{IDL}");
    fs::write(&python, tagged).unwrap();
    for (request, door) in [
        (&request, GO.to_guest),
        (&request, GO.from_host),
        (&request, RUST.from_host),
        (&Request::new(&python, folder), PYTHON.to_guest),
    ] {
        request.run(door).unwrap_or_else(|found| panic!("{found}"));
    }
    let mut all: Vec<_> = [
        ("docsMetaFFIGuest.go", "// "),
        ("docsMetaFFIHost.go", "// "),
        ("docs_host.rs", "/// "),
        ("docsMetaFFIGuest.py", ""),
    ]
    .map(|(name, mark)| (name, mark, read(folder, name)))
    .into();
    for (language, name, mark) in [
        ("c", "docs.h", ""),
        ("rust-guest", "docs.rs", "/// "),
        ("python", "docs/__init__.py", ""),
        ("python", "docs/__init__.pyi", ""),
    ] {
        all.push((name, mark, generated(folder, language, name)));
    }
    all
}

#[test]
fn comments_of_types_are_carried_over() {
    if !has_go() {
        return;
    }
    let folder = folder();
    for (name, mark, text) in all(folder.path()) {
        for words in [
            "About the enum.",
            "About no color.",
            "About the message.",
            "About the field.",
            "Behind the field.",
            "About the member.",
        ] {
            let line = format!("{mark}{words}");
            let is_there = |found: &str| match mark {
                "" => found.contains(words),
                _ => found.trim() == line,
            };
            assert!(text.lines().any(is_there), "{name}: {words}\n{text}");
        }
        assert!(
            text.contains("About the choice."),
            "{name}: the choice\n{text}"
        );
        for words in ["a color", "a member", "a field"] {
            let words = format!("About {words} of before.");
            let notes = text.split(&words).skip(1).map(|rest| {
                let near = rest.split("About").next().unwrap_or_default();
                near.contains("Deprecated")
            });
            let notes: Vec<_> = notes.collect();
            assert!(notes.contains(&true), "{name}: {words}\n{text}");
        }
        assert!(
            !text.contains("metaffi_function_path"),
            "tags are no documentation: {name}"
        );
    }
}

#[test]
fn comments_of_services_and_of_what_rpcs_take_and_give_are_carried_over() {
    if !has_go() {
        return;
    }
    let folder = folder();
    let all = all(folder.path());
    for (name, mark, text) in &all {
        for words in [
            "Behind the service.",
            "in two lines.",
            "Behind the function.",
            "About the question,",
            "and more of it.",
            "Behind the question.",
            "How many there are.",
            "About the answer.",
            "Behind the words.",
            "About what is said.",
        ] {
            let line = |line: &str| line.contains(mark.trim()) && line.contains(words);
            assert!(text.lines().any(line), "{name}: {words}\n{text}");
        }
    }
    for (file, lines) in [
        (
            "docsMetaFFIGuest.go",
            "// docs_invoke_S_do_it calls the function behind S.do_it:\n//\n// DoIt does what its comment says,\n// in two lines. */ and more\n//\n// Behind the function.\n//\n// Parameters:\n//   - question: About the question,\n",
        ),
        (
            "docsMetaFFIGuest.go",
            "// About the file.\n//\n// # S\n//\n// About the service. \"\"\" and */\n//\n// Behind the service.\npackage main\n",
        ),
        (
            "docsMetaFFIHost.go",
            "// About the file.\n//\n// # S\n//\n// About the service. \"\"\" and */\n//\n// Behind the service.\npackage main\n",
        ),
        (
            "docsMetaFFIHost.go",
            "// DoIt does what its comment says,\n// in two lines. */ and more\n//\n// Behind the function.\n//\n// Parameters:\n//   - question: About the question,\n//     and more of it.\n//     Behind the question.\n//   - howMany: How many there are.\n//\n// Results:\n//   - answer: About the answer.\n//   - words: Behind the words.\nfunc DoIt(",
        ),
        (
            "docs_host.rs",
            "/// About the service. \"\"\" and */\n///\n/// Behind the service.\n///\n/// The service `S` of a module. Any thread may call it.\npub struct S {",
        ),
        (
            "docs.rs",
            "/// About the service. \"\"\" and */\n///\n/// Behind the service.\n///\n/// The service `S`: implement it and pass the value to `export!`.\npub trait S {",
        ),
        (
            "docs_host.rs",
            "    /// Behind the function.\n    ///\n    /// # Parameters\n    /// - `question`: About the question,\n    ///   and more of it.\n    ///\n    ///   Behind the question.\n    /// - `how_many`: How many there are.\n    ///\n    /// # Results\n    /// - `answer`: About the answer.\n    /// - `words`: Behind the words.\n    ///\n    /// # Errors\n",
        ),
        (
            "docs/__init__.pyi",
            "    Behind the function.\n\n    Args:\n        question: About the question,\n            and more of it.\n\n            Behind the question.\n        how_many: How many there are.\n\n    Returns:\n        answer: About the answer.\n        words: Behind the words.\n    \"\"\"",
        ),
        (
            "docs/__init__.pyi",
            "    \"\"\"Args:\n        said: About what is said.\n\n    Returns:\n        About what is said.\n    \"\"\"",
        ),
        (
            "docsMetaFFIGuest.py",
            "    # Args:\n    #     said: About what is said.\n    #\n    # Returns:\n    #     About what is said.\n    \"S.say\": (",
        ),
    ] {
        let text = all.iter().find(|(name, ..)| *name == file);
        let text = &text.unwrap().2;
        assert!(text.contains(lines), "{file} lacks\n{lines}\nin\n{text}");
    }
    go_mod(folder.path());
    fs::remove_file(folder.path().join("code.go")).unwrap();
    is_clean(folder.path(), "");
}
