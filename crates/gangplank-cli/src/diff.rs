//! `gangplank diff`: what has become of an interface from one library to the next.
//!
//! Comes in: two library or `.proto` files, which are read and never run. Goes out: the changes as text or JSON, and an exit code
//! that says whether hosts of the old library work with the new one. What a change means is decided in
//! `gangplank_model::diff`; here are only words.

use std::fmt::Write;

use gangplank_model::diff::{Change, Diff, Judgement, Side, What, diff as compare};
use gangplank_model::model::Library;
use serde_json::{Value, json};

use crate::args::{DiffArgs, Format};
use crate::failure::{Outcome, Report};
use crate::generate::diagnostics;
use crate::interface;

/// The version of `docs/diff-json.md`. Raised when a program that reads one version would misread the next.
const SCHEMA_VERSION: u32 = 1;

/// Reads, compares and renders.
///
/// # Errors
/// One of the files cannot be read, is not a library, or carries no interface.
pub(crate) fn diff(args: &DiffArgs) -> Outcome<Report> {
    interface::check_includes(&[&args.old, &args.new], &args.includes)?;
    let old = interface::read(&args.old, &args.includes)?;
    let new = interface::read(&args.new, &args.includes)?;
    let found = compare(&old, &new).map_err(|found| diagnostics(&found, None))?;
    let text = match args.format {
        Format::Text => text(&old.library, &new.library, &found),
        Format::Json => json(&old.library, &new.library, &found),
    };
    Ok(match found.judgement() {
        Judgement::Same => Report::done(text),
        Judgement::Additive => Report::additive(text),
        Judgement::Breaking => Report::breaking(text),
    })
}

/// One block per change, breaking ones first, then the judgement.
fn text(old: &Library, new: &Library, diff: &Diff) -> String {
    let mut text = String::new();
    for judgement in [Judgement::Breaking, Judgement::Additive] {
        let changes = diff.changes.iter();
        for change in changes.filter(|change| change.what.judgement() == judgement) {
            block(&mut text, judgement, change);
        }
    }
    let of = |wanted: &dyn Fn(What) -> bool| {
        let changes = diff.changes.iter();
        changes.filter(|change| wanted(change.what)).count()
    };
    let breaking = of(&|what| what.judgement() == Judgement::Breaking);
    let additive = of(&|what| what.judgement() == Judgement::Additive);
    let counts: Vec<_> = [
        (What::Added, "new"),
        (What::Annotated, "with another default or deprecation"),
    ]
    .into_iter()
    .map(|(wanted, words)| (of(&|what| what == wanted), words))
    .filter(|(count, _)| *count > 0)
    .map(|(count, words)| format!("{count} {words}"))
    .collect();
    // A `.proto` file has no version.
    let named = |library: &Library| format!("{} {}", library.name, library.version);
    let from_to = format!("{} -> {}", named(old).trim_end(), named(new).trim_end());
    let last = match diff.judgement() {
        Judgement::Same => format!("same: {from_to}"),
        Judgement::Additive => format!(
            "additive: {from_to}: {}; packages of the old library work with the new one",
            counts.join(", ")
        ),
        Judgement::Breaking => format!(
            "breaking: {from_to}: {breaking} breaking, {additive} additive; packages must be generated again"
        ),
    };
    text + &last + "\n"
}

fn block(text: &mut String, judgement: Judgement, change: &Change) {
    let at = [&change.new, &change.old]
        .into_iter()
        .flatten()
        .map(|side| side.location.to_string())
        .find(|location| !location.is_empty());
    let at = at.map_or(String::new(), |location| format!(" ({location})"));
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{}: {} {} {}{at}",
        word(judgement),
        change.kind,
        change.path,
        happened(change.what)
    );
    for (sign, side) in [('-', &change.old), ('+', &change.new)] {
        if let Some(side) = side {
            let _ = writeln!(text, "  {sign} {}", side.shape);
        }
    }
}

fn word(judgement: Judgement) -> &'static str {
    match judgement {
        Judgement::Same => "same",
        Judgement::Additive => "additive",
        Judgement::Breaking => "breaking",
    }
}

fn happened(what: What) -> &'static str {
    match what {
        What::Added => "is new",
        What::Removed => "is gone",
        What::Changed => "has changed",
        What::Renamed => "has another name in the packages",
        What::Abi => "has another ABI",
        What::Annotated => "has another default or deprecation",
    }
}

/// By the schema of `docs/diff-json.md`.
fn json(old: &Library, new: &Library, diff: &Diff) -> String {
    let library = |library: &Library| json!({ "name": library.name, "version": library.version, "abi": library.abi });
    let value = json!({
        "schema": SCHEMA_VERSION,
        "old": library(old),
        "new": library(new),
        "judgement": word(diff.judgement()),
        "changes": diff.changes.iter().map(change_value).collect::<Vec<_>>(),
    });
    format!("{value:#}\n")
}

fn change_value(change: &Change) -> Value {
    let side = |side: &Option<Side>| {
        side.as_ref()
            .map(|side| json!({ "shape": side.shape, "location": side.location.to_string() }))
    };
    let what = match change.what {
        What::Added => "added",
        What::Removed => "removed",
        What::Changed => "changed",
        What::Renamed => "renamed",
        What::Abi => "abi",
        What::Annotated => "annotated",
    };
    json!({
        "path": change.path,
        "kind": change.kind,
        "change": what,
        "judgement": word(change.what.judgement()),
        "old": side(&change.old),
        "new": side(&change.new),
    })
}
