//! What is measured.
//!
//! Comes in: the guests. Goes out: rows, and what each takes.

use std::cell::Cell;
use std::fmt::Display;
use std::hint::black_box;
use std::time::Duration;

use crate::guest::{Echo, Guest, job, plain_job};
use crate::python::Python;
use crate::report::Measured;
use crate::sampler::{Variant, sample};

/// What calls of a guest in Go refer to.
const EMPTY: &str = "empty C -> Go call";
/// What those of a guest in Python refer to.
const INTERPRETER: &str = "empty C -> Python call, kept state";

/// How long a batch takes.
const BATCH: Duration = Duration::from_micros(150);

/// A line of the table.
pub(crate) struct Row<'a> {
    name: &'static str,
    /// The row that the ratio refers to.
    base: &'static str,
    /// The most that the ratio may be.
    goal: Option<f64>,
    /// Makes so many calls.
    run: Box<dyn Fn(usize) + 'a>,
}

/// All rows.
pub(crate) fn rows<'a>(guest: &'a Guest, python: &'a Python) -> Vec<Row<'a>> {
    let parts = ["A", "B", "C"].map(str::to_owned);
    // What comes back is what goes there the next time: stubs take values, and a copy is not part of the call.
    let job = Cell::new(job());
    let echo = Echo {
        job: Some(plain_job()),
    };
    vec![
        Row {
            name: "Rust host -> Go guest: div, prepared, native",
            base: EMPTY,
            goal: Some(1.3),
            run: Box::new(|calls| {
                for _ in 0..calls {
                    black_box(done(guest.jobs.div(black_box(10), 2)));
                }
            }),
        },
        Row {
            name: "Rust host -> Go guest: record both ways, native",
            base: EMPTY,
            goal: Some(15.0),
            run: Box::new(move |calls| {
                for _ in 0..calls {
                    job.set(done(guest.jobs.echo(Some(job.take()))));
                }
            }),
        },
        Row {
            name: "Rust host -> Go guest: record both ways, protobuf",
            base: EMPTY,
            goal: Some(50.0),
            run: Box::new(move |calls| {
                for _ in 0..calls {
                    black_box(done(guest.echo_bytes(&echo)));
                }
            }),
        },
        Row {
            name: "Rust host -> Python guest: div",
            base: INTERPRETER,
            goal: Some(1.5),
            run: Box::new(|calls| {
                for _ in 0..calls {
                    black_box(done(python.words.div(black_box(10), 2)));
                }
            }),
        },
        Row {
            name: "Rust host -> Python guest: concat_strings",
            base: INTERPRETER,
            goal: None,
            run: Box::new(move |calls| {
                for _ in 0..calls {
                    black_box(done(python.words.concat_strings(black_box(parts.to_vec()))));
                }
            }),
        },
        Row {
            name: "by hand: C -> Python: div, kept state",
            base: INTERPRETER,
            goal: None,
            run: Box::new(|calls| {
                for _ in 0..calls {
                    black_box(python.div(black_box(10), 2));
                }
            }),
        },
        Row {
            name: INTERPRETER,
            base: INTERPRETER,
            goal: None,
            run: Box::new(|calls| {
                for _ in 0..calls {
                    python.empty();
                }
            }),
        },
        Row {
            name: EMPTY,
            base: EMPTY,
            goal: None,
            run: Box::new(|calls| {
                for _ in 0..calls {
                    (guest.empty)();
                }
            }),
        },
    ]
}

/// A call that has to succeed.
fn done<T, E: Display>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| {
        eprintln!("bench: {error}");
        std::process::exit(1)
    })
}

/// The rows with a word in their names, and what those refer to.
pub(crate) fn choose<'r, 'a>(rows: &'r [Row<'a>], word: &str) -> Vec<&'r Row<'a>> {
    let named: Vec<&Row<'_>> = rows.iter().filter(|row| row.name.contains(word)).collect();
    let is_base = |row: &&Row<'_>| named.iter().any(|named| named.base == row.name);
    let is_named = |row: &&Row<'_>| row.name.contains(word);
    rows.iter()
        .filter(|row| is_named(row) || is_base(row))
        .collect()
}

/// What each takes.
pub(crate) fn measure(rows: &[&Row<'_>], limit: Duration) -> Vec<Measured> {
    let mut variants: Vec<_> = rows.iter().map(|row| Variant::new(&*row.run)).collect();
    sample(&mut variants, BATCH, limit);
    let measured = rows.iter().zip(&variants).map(|(row, variant)| {
        let base = rows.iter().position(|base| base.name == row.base);
        // A base is among the rows: `choose` takes it with its rows.
        let base = base.map_or(variant, |base| &variants[base]);
        Measured {
            name: row.name,
            base: (row.base != EMPTY).then_some(row.base),
            nanos: variant.typical(),
            ratio: variant.typical() / base.typical(),
            goal: row.goal,
            noisy: base.is_noisy(),
        }
    });
    measured.collect()
}
