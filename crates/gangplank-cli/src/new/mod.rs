//! `gangplank new`: a library to start from, and a program that calls it.
//!
//! Comes in: a name and the language of the guest. Goes out: a folder with a guest of one function and a host that calls it,
//! by the table of [`starter`]; two commands lead from there to the host's output. Either the whole folder appears or nothing.

mod name;
mod starter;
mod toolkit;

use std::path::{Path, PathBuf};

use gangplank_codegen::backends::go;
use gangplank_codegen::compile;

pub(crate) use starter::{STARTERS, Starter};
use toolkit::Toolkit;

use crate::args::NewArgs;
use crate::failure::{Failure, Outcome};
use crate::{lines, progress};

/// What a crate inside somebody's workspace needs to stand on its own.
const OWN_WORKSPACE: &str =
    "\n# A folder above has a workspace; this crate does not belong to it.\n[workspace]\n";

/// Writes the folder; the result is the list of files.
///
/// # Errors
/// The name cannot be a crate's or a package's, the folder is there already, or the toolkit is not where it was said to
/// be.
pub(crate) fn new(args: &NewArgs) -> Outcome<String> {
    let starter = STARTERS.iter().find(|starter| starter.name == args.guest);
    let starter = starter.ok_or_else(|| {
        // The command line has checked it.
        Failure::Usage(format!("there is no guest in `{}`", args.guest))
    })?;
    name::check(&args.name)?;
    if args.gangplank_path.is_some() && !starter.has_crate {
        return Err(Failure::Usage(format!(
            "--gangplank-path means nothing to a guest in `{}`: no crate is made for it",
            starter.name
        )));
    }
    let folder = PathBuf::from(&args.name);
    if folder.symlink_metadata().is_ok() {
        return Err(Failure::Diagnostics(format!(
            "error: {} is there already\n  help: choose another name, or remove it",
            folder.display()
        )));
    }
    let toolkit = Toolkit::find(args.gangplank_path.as_deref())?;
    let files = files(starter, &args.name, &toolkit);
    write(&folder, &files)?;
    say(starter, args, &toolkit);
    let paths: Vec<PathBuf> = files.iter().map(|(path, _)| folder.join(path)).collect();
    Ok(lines(&paths))
}

/// What there is now, and what comes next.
fn say(starter: &Starter, args: &NewArgs, toolkit: &Toolkit) {
    let with = match starter.has_crate {
        true => format!(" with {}", toolkit.words()),
        false => String::new(),
    };
    progress::step("Created", &format!("{}{with}", args.name));
    let libraries = toolkit::libraries(starter.libraries);
    let shown = libraries.as_deref().map_or("DIR".into(), quoted);
    let fill = |command: &&str| {
        command
            .replace("@LIB@", &lib(&args.name))
            .replace("@LIBRARIES@", &format!("GANGPLANK_PATH={shown} "))
    };
    let commands: Vec<String> = starter.next.iter().map(fill).collect();
    let text = format!("cd {} && {}", args.name, commands.join(" && "));
    progress::step("Next", &text);
    if libraries.is_none() {
        let packages: Vec<String> = starter
            .libraries
            .iter()
            .map(|name| name.replace('_', "-"))
            .collect();
        let packages = packages.join(" -p ");
        progress::step(
            "Note",
            &format!(
                "DIR is where `cargo build --release -p {packages}` in the toolkit's source puts its libraries"
            ),
        );
    }
}

/// As a shell takes it.
pub(crate) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    match text.chars().all(plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

/// The name where `-` is no letter.
fn lib(name: &str) -> String {
    name.replace('-', "_")
}

/// Path in the folder and contents.
fn files(starter: &Starter, name: &str, toolkit: &Toolkit) -> Vec<(String, String)> {
    let (version, sums) = compile::protobuf_of_go();
    let fill = |text: &str| {
        text.replace("@NAME@", name)
            .replace("@LIB@", &lib(name))
            .replace("@PACKAGE@", &go::package_name(&lib(name)))
            .replace("@PROTOBUF@", &version)
            .replace("@PROTOBUF_SUMS@", sums)
    };
    let inside = inside_workspace();
    let file = |(path, text): &(&str, &str)| {
        let mut text = dependencies(&fill(text), toolkit);
        if inside && path.ends_with("Cargo.toml") {
            text.push_str(OWN_WORKSPACE);
        }
        (fill(path), text)
    };
    starter.files.iter().map(file).collect()
}

/// Fills in `@DEPENDENCY crate@`, which is a line of its own.
fn dependencies(text: &str, toolkit: &Toolkit) -> String {
    let line = |line: &str| {
        let name = line.strip_prefix("@DEPENDENCY ");
        let name = name.and_then(|rest| rest.trim_end().strip_suffix('@'));
        name.map_or_else(|| line.to_owned(), |name| toolkit.dependency(name) + "\n")
    };
    text.split_inclusive('\n').map(line).collect()
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
fn write(folder: &Path, files: &[(String, String)]) -> Outcome<()> {
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
