//! `gangplank new`: a library to start from, and a program that calls it.
//!
//! Comes in: a name. Goes out: a folder with a crate of one function and a Go program that calls it; `gangplank generate`
//! puts the package between them. The files are the three beside this one. Either the whole folder appears or nothing.

mod name;

use std::path::{Path, PathBuf};

use gangplank_codegen::backends::go;

use crate::args::{Guest, NewArgs};
use crate::failure::{Failure, Outcome};
use crate::{lines, progress};

const MANIFEST: &str = include_str!("Cargo.toml.txt");
const LIBRARY: &str = include_str!("lib.rs.txt");
const PROGRAM: &str = include_str!("main.go.txt");

/// What a crate inside somebody's workspace needs to stand on its own.
const OWN_WORKSPACE: &str =
    "\n# A folder above has a workspace; this crate does not belong to it.\n[workspace]\n";

/// Writes the folder; the result is the list of files.
///
/// # Errors
/// The name cannot be a crate's or a package's, the folder is there already, or the toolkit is not where it was said to
/// be.
pub(crate) fn new(args: &NewArgs) -> Outcome<String> {
    let Guest::Rust = args.guest;
    name::check(&args.name)?;
    let folder = PathBuf::from(&args.name);
    if folder.symlink_metadata().is_ok() {
        return Err(Failure::Diagnostics(format!(
            "error: {} is there already\n  help: choose another name, or remove it",
            folder.display()
        )));
    }
    let toolkit = toolkit(args.gangplank_path.as_deref())?;
    let files = files(&args.name, &toolkit.dependency());
    write(&folder, &files)?;
    progress::step(
        "Created",
        &format!("{} with {}", args.name, toolkit.words()),
    );
    progress::step(
        "Next",
        &format!(
            "cd {} && gangplank generate go . && go run -C go/example .",
            args.name
        ),
    );
    let paths: Vec<PathBuf> = files.iter().map(|(path, _)| folder.join(path)).collect();
    Ok(lines(&paths))
}

/// Where the crate `gangplank` comes from.
enum Toolkit {
    Folder(PathBuf),
    Registry,
}

impl Toolkit {
    /// The line of the manifest.
    fn dependency(&self) -> String {
        match self {
            // A Rust string is a TOML string, but for control characters that no path has.
            Toolkit::Folder(folder) => {
                format!(
                    "gangplank = {{ path = {:?} }}",
                    folder.display().to_string()
                )
            }
            Toolkit::Registry => format!("gangplank = \"{}\"", env!("CARGO_PKG_VERSION")),
        }
    }

    fn words(&self) -> String {
        match self {
            Toolkit::Folder(folder) => format!("a path dependency on {}", folder.display()),
            Toolkit::Registry => {
                format!(
                    "a registry dependency on gangplank {}",
                    env!("CARGO_PKG_VERSION")
                )
            }
        }
    }
}

/// The folder that was named; else the checkout that this program was built from, if it is still there; else the
/// registry.
fn toolkit(named: Option<&Path>) -> Outcome<Toolkit> {
    let is_it = |folder: &Path| {
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml"));
        manifest.is_ok_and(|text| {
            text.lines()
                .any(|line| line.trim() == "name = \"gangplank\"")
        })
    };
    let absolute = |folder: &Path| {
        let folder = folder.canonicalize();
        folder.map(Toolkit::Folder)
    };
    if let Some(folder) = named {
        if !is_it(folder) {
            return Err(Failure::Diagnostics(format!(
                "error: there is no crate `gangplank` in {}\n  help: name the folder crates/gangplank of a checkout",
                folder.display()
            )));
        }
        return absolute(folder).map_err(|error| Failure::file("open", folder, &error));
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gangplank");
    if is_it(&source) {
        return absolute(&source).map_err(|error| Failure::file("open", &source, &error));
    }
    Ok(Toolkit::Registry)
}

/// Path in the folder and contents.
fn files(name: &str, dependency: &str) -> Vec<(&'static str, String)> {
    let package = go::package_name(&name.replace('-', "_"));
    let fill = |text: &str| {
        text.replace("@NAME@", name)
            .replace("@PACKAGE@", &package)
            .replace("@DEPENDENCY@", dependency)
    };
    let mut manifest = fill(MANIFEST);
    if inside_workspace() {
        manifest.push_str(OWN_WORKSPACE);
    }
    vec![
        ("Cargo.toml", manifest),
        ("src/lib.rs", fill(LIBRARY)),
        ("go/example/main.go", fill(PROGRAM)),
        (".gitignore", "/target\n".to_owned()),
    ]
}

/// Whether cargo would find a workspace above the new folder.
fn inside_workspace() -> bool {
    let Ok(here) = std::env::current_dir() else {
        return false;
    };
    here.ancestors().any(|folder| {
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml"));
        let table = manifest
            .ok()
            .and_then(|text| text.parse::<toml::Table>().ok());
        table.is_some_and(|table| table.contains_key("workspace"))
    })
}

/// Writes everything beside its place and gives it its name at the end.
fn write(folder: &Path, files: &[(&str, String)]) -> Outcome<()> {
    let failed = |error: std::io::Error| Failure::file("make", folder, &error);
    let parent = folder
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let staging = tempfile::Builder::new()
        .prefix(".gangplank-new")
        .tempdir_in(parent.unwrap_or(Path::new(".")))
        .map_err(failed)?;
    let root = staging.path().join("new");
    for (path, contents) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(&root)).map_err(failed)?;
        std::fs::write(&path, contents).map_err(failed)?;
    }
    std::fs::rename(&root, folder).map_err(failed)
}
