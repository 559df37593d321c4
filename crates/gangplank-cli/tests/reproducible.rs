//! The same crate in two folders gives the same library, to the byte.

mod support;

use std::path::{Path, PathBuf};

use support::{crate_in, folder, gangplank, repository, succeed, write};

const SOURCE: &str = r#"//! Says where it is.
gangplank::library!();

mod inner;

/// A place.
#[gangplank::record]
pub struct Place {
    pub name: String,
    pub file: String,
}

/// Where this was compiled.
#[gangplank::function]
pub fn place() -> Place {
    Place { name: module_path!().into(), file: file!().into() }
}

/// Panics where it likes to.
#[gangplank::function]
pub async fn fail(text: String) -> i64 {
    inner::number(&text)
}
"#;

const INNER: &str =
    "pub fn number(text: &str) -> i64 {\n    text.parse().expect(\"a number\")\n}\n";

/// Builds the crate in `place` below `folder`; the archive and the shared library.
fn built(folder: &Path, place: &str) -> [PathBuf; 2] {
    let folder = folder.join(place);
    let runtime = repository().join("crates/gangplank");
    let manifest = format!("[dependencies]\ngangplank = {{ path = {runtime:?} }}\n");
    let root = crate_in(&folder, "placed", &manifest, SOURCE);
    write(&root.join("src/inner.rs"), INNER);
    let mut command = gangplank(&folder);
    // All of it twice, not only the crate.
    command.env("CARGO_TARGET_DIR", folder.join("target"));
    succeed(command.arg("build").arg(&root));
    ["libplaced.a", "libplaced.so"].map(|name| folder.join("target/gangplank").join(name))
}

#[test]
fn the_same_crate_in_two_folders_gives_the_same_bytes() {
    let folder = folder("reproducible");
    let [one, other] = ["one", "quite/another place"].map(|place| built(&folder, place));
    for (one, other) in one.iter().zip(&other) {
        let [a, b] = [one, other].map(|path| std::fs::read(path).unwrap());
        let path = folder.to_str().unwrap().as_bytes();
        assert!(
            !a.windows(path.len()).any(|part| part == path),
            "{} names its folder",
            one.display()
        );
        let first = a.iter().zip(&b).position(|(a, b)| a != b);
        assert!(
            a.len() == b.len() && first.is_none(),
            "{} and {} differ: {} and {} bytes, first at {first:?}",
            one.display(),
            other.display(),
            a.len(),
            b.len()
        );
    }
}
