//! A backend that is not in the table: what a language must have, and no more. `cargo xtask new-backend` copies it.

#[path = "support/built.rs"]
mod built;
mod toy;

use gangplank_codegen::compile::Request;
use gangplank_codegen::config::Config;
use gangplank_codegen::{Input, generate};

/// The outline of a library.
fn outline(name: &str) -> String {
    let library = built::build(name);
    let write = || {
        let input = Input::LibraryFile(&library);
        let files = generate(input, &toy::LANGUAGE, &Config::default());
        files.unwrap_or_else(|found| panic!("{found}"))
    };
    let files = write();
    assert_eq!(files, write(), "not the same twice");
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].path, format!("{name}.txt"));
    files[0].contents.clone()
}

#[test]
fn a_folder_and_a_line_are_a_language() {
    insta::assert_snapshot!(outline("my_timer"));
}

#[test]
fn every_kind_of_item_has_an_answer() {
    let outline = outline("kitchen_sink");
    for line in [
        "    # The others again, backwards.\n    pass_all (others: list of cellar.Cellar) gives list of cellar.Cellar\n",
        " asks the host for ",
        " tells listeners\n",
        "\nerror ",
        "\nconstant ",
        "\nvariant ",
    ] {
        assert!(outline.contains(line), "{line}\n{outline}");
    }
}

#[test]
fn a_compiler_is_a_line_of_the_same_folder() {
    let folder = tempfile::tempdir().unwrap();
    let calc = built::root().join("tests/fixtures/calc/calc.proto");
    let request = Request::new(&calc, folder.path());
    let made = request.run(toy::COMPILER.from_host).unwrap();
    assert_eq!(made, [folder.path().join("calc.txt")]);
    let text = std::fs::read_to_string(&made[0]).unwrap();
    let line =
        "# Divides x by y; y = 0 is an error.\nfunction Calc.div (x: i32, y: i32) gives f32\n";
    assert!(text.contains(line), "{text}");
    let refused = request.run(toy::COMPILER.to_guest).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("nobody implements functions in Toy")
    );
    assert_eq!(request.run(toy::COMPILER.serialization).unwrap().len(), 0);
}
