//! What an author writes above the items of a library stands in the package of every language.

mod support;

use support::{crate_in, folder, gangplank, repository, succeed};

/// The library that README.md begins with.
fn greeter() -> String {
    let readme = std::fs::read_to_string(repository().join("README.md")).unwrap();
    let (_, source) = readme.split_once("```rust\n").expect("a library");
    let (source, _) = source.split_once("```").expect("its end");
    source.to_owned()
}

#[test]
fn the_docs_of_an_object_are_in_every_package() {
    let folder = folder("docs");
    let gangplank_crate = repository().join("crates/gangplank");
    let manifest = format!(
        "[lib]\ncrate-type = [\"lib\", \"cdylib\", \"staticlib\"]\n\n\
         [dependencies]\ngangplank = {{ path = {gangplank_crate:?} }}\n"
    );
    let source = greeter();
    let words = "Greets people in one style.";
    assert_eq!(source.matches(words).count(), 1);
    crate_in(&folder, "greeter", &manifest, &source);
    for (language, file) in [
        ("c", "greeter.h"),
        ("go", "greeter.go"),
        ("python", "greeter/__init__.py"),
    ] {
        let out = folder.join(language);
        succeed(
            gangplank(&folder)
                .args(["generate", language, "greeter", "-o"])
                .arg(&out),
        );
        let text = std::fs::read_to_string(out.join(file)).unwrap();
        assert!(text.contains(words), "{language}:\n{text}");
    }
}
