//! A backend that is not in the table: what a language must have, and no more. `cargo xtask new-backend` copies it.

#[path = "support/built.rs"]
mod built;
mod toy;

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
