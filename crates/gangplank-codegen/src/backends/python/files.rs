//! The files of a package, and of a host that is one file.
//!
//! Comes in: the view that the items have filled in. Goes out: files.

use gangplank_model::lowered::Library;
use serde::Serialize;

use super::{names, spell, view};
use crate::backend::File;
use crate::render::{Templates, render};

macro_rules! templates {
    ($($name:literal),* $(,)?) => { &[$(($name, include_str!(concat!("templates/", $name)))),*] };
}

const TEMPLATES: Templates = templates![
    "class.py.j2",
    "constant.py.j2",
    "errors.py.j2",
    "example.py.j2",
    "guest.py.j2",
    "hidden.py.j2",
    "host.py.j2",
    "host.pyi.j2",
    "imports.py.j2",
    "object.py.j2",
    "object.pyi.j2",
    "pyproject.toml.j2",
    "setup.py.j2",
    "text.py.j2",
    "toolkit.pyi.j2",
    "types.py.j2",
];

/// A template's text.
pub(super) fn rendered(name: &str, view: &impl Serialize) -> Result<String, minijinja::Error> {
    render(TEMPLATES, name, view)
}

/// The module and its outline, `<path>.py` and `<path>.pyi`.
pub(super) fn module(view: &mut view::Host, path: &str) -> Result<Vec<File>, minijinja::Error> {
    view.all = offered(view);
    let mut files = Vec::new();
    for (is_stub, template, ending) in [(false, "host.py.j2", "py"), (true, "host.pyi.j2", "pyi")] {
        view.is_stub = is_stub;
        // The outline has it for the levels of the log.
        view.types.imports.typing |= is_stub;
        let text = rendered(template, view)?;
        files.push(File::new(format!("{path}.{ending}"), text));
    }
    Ok(files)
}

/// The whole package of a library, for a wheel.
pub(super) fn package(
    view: &mut view::Host,
    library: &Library,
) -> Result<Vec<File>, minijinja::Error> {
    let package = view.package.clone();
    let mut files = module(view, &format!("{package}/__init__"))?;
    files.push(File::new(format!("{package}/py.typed"), ""));
    let about = view::Project {
        source: view.source.clone(),
        distribution: names::distribution(&package),
        version: view.version.clone(),
        description: spell::text(library.docs.trim().lines().next().unwrap_or_default()),
        package,
    };
    for (template, path) in [
        ("pyproject.toml.j2", "pyproject.toml"),
        ("setup.py.j2", "setup.py"),
    ] {
        files.push(File::new(path, rendered(template, &about)?));
    }
    let example = rendered("example.py.j2", &about)?;
    files.push(File::once("example/main.py", example));
    Ok(files)
}

/// The names that the module offers, as lines of a list.
fn offered(view: &view::Host) -> Vec<String> {
    let types = &view.types;
    let mut all: Vec<&str> = view.toolkit.to_vec();
    all.extend(["library_stats", "load_library", "set_library_log"]);
    let times = [
        ("Timestamp", types.has_timestamp),
        ("Duration", types.has_duration),
        ("Some", types.has_some),
    ];
    all.extend(times.iter().filter(|(_, has)| *has).map(|(name, _)| *name));
    all.extend(types.enums.iter().map(|item| item.name.as_str()));
    all.extend(types.classes.iter().map(|item| item.name.as_str()));
    all.extend(types.variants.iter().map(|item| item.name.as_str()));
    for error in &types.errors {
        all.push(&error.name);
        all.extend(error.cases.iter().map(|case| case.class.name.as_str()));
    }
    all.extend(view.constants.iter().map(|item| item.name.as_str()));
    all.extend(view.objects.iter().map(|item| item.name.as_str()));
    all.extend(view.functions.iter().map(|item| item.name.as_str()));
    all.extend(view.defaults.iter().map(|item| item.name.as_str()));
    all.sort_unstable();
    let mut lines: Vec<String> = vec![String::new()];
    for name in all {
        let literal = format!("{},", spell::text(name));
        match lines.last_mut() {
            Some(line) if line.is_empty() => *line = literal,
            Some(line) if line.len() + literal.len() < WIDTH => {
                line.push(' ');
                line.push_str(&literal);
            }
            _ => lines.push(literal),
        }
    }
    lines
}

/// Letters in a line of the list.
const WIDTH: usize = 112;
