//! The package put together: what only the whole library decides, and every file.
//!
//! Comes in: the view that the items have filled in. Goes out: the files. The headers are the C backend's.

use std::collections::BTreeMap;

use gangplank_model::Diagnostic;
use gangplank_model::diagnostics::codes;
use gangplank_model::lowered::{Function, Library, Shape};

use super::{Go, convert, names, spell, view};
use crate::backend::{Context, File};
use crate::backends::c;
use crate::render::{Templates, render};

macro_rules! templates {
    ($($name:literal),* $(,)?) => { &[$(($name, include_str!(concat!("templates/", $name)))),*] };
}

const TEMPLATES: Templates = templates![
    "Makefile.j2",
    "bindings.go.j2",
    "cgo.go.j2",
    "convert_boxed.go.j2",
    "convert_case_texts.go.j2",
    "convert_error.go.j2",
    "convert_flat.go.j2",
    "convert_list.go.j2",
    "convert_map.go.j2",
    "convert_nullable.go.j2",
    "convert_nullable_nil.go.j2",
    "convert_option.go.j2",
    "convert_option_nil.go.j2",
    "convert_record.go.j2",
    "convert_variant.go.j2",
    "crossing.go.j2",
    "doc.go.j2",
    "dynamic.go.j2",
    "enum.go.j2",
    "error.go.j2",
    "event.go.j2",
    "example.go.j2",
    "example.mod.j2",
    "exports.c.j2",
    "function.go.j2",
    "go.mod.j2",
    "host.go.j2",
    "lib.go.j2",
    "missing.go.j2",
    "object.go.j2",
    "record.go.j2",
    "sentinels.go.j2",
    "static.go.j2",
    "table.c.j2",
    "values.go.j2",
    "variant.go.j2",
];

/// When a file of the runtime is part of a package.
enum Part {
    Always,
    WithHostFunctions,
    WithEvents,
}

/// The runtime's files. Their package clause is the only thing that changes.
const RUNTIME: &[(&str, &str, Part)] = &[
    (
        "gangplank_call.go",
        include_str!("runtime/gangplank_call.go"),
        Part::Always,
    ),
    (
        "gangplank_dynamic.go",
        include_str!("runtime/gangplank_dynamic.go"),
        Part::Always,
    ),
    (
        "gangplank_errors.go",
        include_str!("runtime/gangplank_errors.go"),
        Part::Always,
    ),
    (
        "gangplank_events.go",
        include_str!("runtime/gangplank_events.go"),
        Part::WithEvents,
    ),
    (
        "gangplank_frame.go",
        include_str!("runtime/gangplank_frame.go"),
        Part::Always,
    ),
    (
        "gangplank_host.go",
        include_str!("runtime/gangplank_host.go"),
        Part::WithHostFunctions,
    ),
    (
        "gangplank_load.go",
        include_str!("runtime/gangplank_load.go"),
        Part::Always,
    ),
    (
        "gangplank_log.go",
        include_str!("runtime/gangplank_log.go"),
        Part::Always,
    ),
    (
        "gangplank_native.go",
        include_str!("runtime/gangplank_native.go"),
        Part::Always,
    ),
    (
        "gangplank_object.go",
        include_str!("runtime/gangplank_object.go"),
        Part::Always,
    ),
    (
        "gangplank_queue.go",
        include_str!("runtime/gangplank_queue.go"),
        Part::Always,
    ),
    (
        "gangplank_read.go",
        include_str!("runtime/gangplank_read.go"),
        Part::Always,
    ),
];

/// The package clause of the runtime's sources.
const CLAUSE: &str = "\npackage gangplank\n";

/// Every file of the package; none when something was reported.
pub(super) fn files(mut go: Go, cx: &mut Context<'_>) -> Vec<File> {
    let headers = match c::headers(cx.library) {
        Ok(headers) => headers,
        Err(found) => {
            found
                .into_iter()
                .for_each(|diagnostic| cx.report(diagnostic));
            return Vec::new();
        }
    };
    complete(&mut go, cx);
    match written(&go.view) {
        Ok(files) => files.into_iter().chain(headers).collect(),
        Err(error) => {
            cx.report(Diagnostic::new(
                codes::TEMPLATE,
                format!("Go template: {error:#}"),
            ));
            Vec::new()
        }
    }
}

/// Fills in what only the whole library decides.
fn complete(go: &mut Go, cx: &mut Context<'_>) {
    let library = cx.library;
    let docs = super::docs::text(&library.docs, &go.known(cx).clone());
    let conversions = convert::functions(cx, &go.uses);
    let view = &mut go.view;
    view.docs = docs;
    view.lib.clone_from(&library.prefix);
    view.abi = library.abi;
    view.package = cx
        .options
        .package
        .clone()
        .unwrap_or_else(|| names::package(&library.prefix));
    view.module = cx
        .options
        .module
        .clone()
        .unwrap_or_else(|| format!("example.com/{}", view.package));
    if !names::is_package(&view.package) {
        cx.report(
            Diagnostic::new(codes::TARGET_NAME, format!("`{}` cannot name a Go package", view.package))
                .help("set `package` in the section `go` of the configuration: lower-case letters and digits, no word of Go"),
        );
    }
    let symbols = symbols(library);
    view.items = go
        .items
        .iter()
        .map(|item| view::Item {
            path: spell::quoted(item.path.as_bytes()),
            symbol: symbols
                .get(item.path.as_str())
                .map_or("asNeeded".to_owned(), Clone::clone),
            hash: format!("{:#018x}", item.hash),
            abi_hash: match item.abi_hash {
                0 => "0".to_owned(),
                hash => format!("{hash:#018x}"),
            },
            shape: spell::quoted(item.shape_text.as_bytes()),
        })
        .collect();
    view.conversions = conversions;
    view.directs.sort();
    view.directs.dedup();
    let times = library
        .types
        .iter()
        .any(|ty| matches!(ty.shape, Shape::Timestamp | Shape::Duration));
    view.float_text = view.types.iter().any(|ty| ty.float_text);
    let math = view.constants.iter().any(|constant| constant.needs_math)
        || view.types.iter().any(|ty| ty.needs_math)
        || view.float_text;
    view.imports = imports(&[
        ("context", true),
        ("errors", true),
        ("fmt", true),
        ("iter", !view.events.is_empty()),
        ("math", math),
        ("runtime", !view.hosts.is_empty()),
        ("strconv", view.float_text),
        ("time", times),
    ]);
    let compares = |conversion: &view::Conversion| {
        conversion.kind == "error"
            && conversion.lowers
            && conversion.cases.iter().any(|case| case.is_sentinel)
    };
    view.crossing_imports = imports(&[
        (
            "context",
            !view.hosts.is_empty() || view.crossings.iter().any(|crossing| crossing.is_async),
        ),
        ("errors", view.conversions.iter().any(compares)),
        (
            "runtime",
            view.crossings
                .iter()
                .any(|crossing| !crossing.keeps.is_empty()),
        ),
        ("time", true),
        ("unsafe", true),
    ]);
}

/// By the path of an item that is no type: what a package goes by when a library lacks it.
fn symbols(library: &Library) -> BTreeMap<&str, String> {
    let of_objects = library
        .objects
        .iter()
        .flat_map(|object| object.constructors.iter().chain(&object.methods));
    let entry = |function: &'_ Function| spell::quoted(function.entry_symbol.as_bytes());
    let mut symbols: BTreeMap<_, _> = of_objects
        .chain(&library.functions)
        .map(|function| (function.common.path.as_str(), entry(function)))
        .collect();
    for object in &library.objects {
        let events = object.events.iter().map(|event| &event.common);
        let hosts = object
            .host_functions
            .iter()
            .map(|function| &function.common);
        symbols.extend(
            events
                .chain(hosts)
                .map(|common| (common.path.as_str(), "always".to_owned())),
        );
    }
    symbols
}

fn imports(all: &[(&str, bool)]) -> Vec<String> {
    all.iter()
        .filter(|(_, needed)| *needed)
        .map(|(name, _)| (*name).to_owned())
        .collect()
}

fn written(package: &view::Package) -> Result<Vec<File>, minijinja::Error> {
    let lib = &package.lib;
    let mut files = Vec::new();
    for (path, template) in [
        ("doc.go".to_owned(), "doc.go.j2"),
        (format!("{}.go", names::public_file(lib)), "lib.go.j2"),
        (format!("{lib}_cgo.go"), "cgo.go.j2"),
        (format!("{lib}_static.go"), "static.go.j2"),
        (format!("{lib}_missing.go"), "missing.go.j2"),
        (format!("{lib}_dynamic.go"), "dynamic.go.j2"),
        ("go.mod".to_owned(), "go.mod.j2"),
        ("Makefile".to_owned(), "Makefile.j2"),
    ] {
        files.push(File::new(path, render(TEMPLATES, template, package)?));
    }
    for (path, template) in [
        ("example/main.go", "example.go.j2"),
        ("example/go.mod", "example.mod.j2"),
    ] {
        files.push(File::once(path, render(TEMPLATES, template, package)?));
    }
    let clause = format!("\npackage {}\n", package.package);
    for (path, source, part) in RUNTIME {
        let wanted = match part {
            Part::Always => true,
            Part::WithHostFunctions => !package.hosts.is_empty(),
            Part::WithEvents => !package.events.is_empty(),
        };
        if wanted {
            files.push(File::new(*path, source.replacen(CLAUSE, &clause, 1)));
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_runtime_file_has_the_clause_once() {
        for (path, source, _) in RUNTIME {
            assert_eq!(source.matches(CLAUSE).count(), 1, "{path}");
        }
    }

    #[test]
    fn templates_stay_short() {
        for (name, source) in TEMPLATES {
            assert!(source.lines().count() <= 120, "{name}");
        }
    }
}
