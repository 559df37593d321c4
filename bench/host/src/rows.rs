//! What is measured.
//!
//! Comes in: the guest. Goes out: rows, and what each takes.

use std::cell::Cell;
use std::fmt::Display;
use std::hint::black_box;
use std::time::Duration;

use crate::guest::{Echo, Guest, job, plain_job};
use crate::report::Measured;
use crate::sampler::{Variant, sample};

/// The row that ratios refer to.
const EMPTY: &str = "empty C -> Go call";

/// How long a batch takes.
const BATCH: Duration = Duration::from_micros(150);

/// A line of the table.
pub(crate) struct Row<'a> {
    name: &'static str,
    /// The most that the ratio may be.
    goal: Option<f64>,
    /// Makes so many calls.
    run: Box<dyn Fn(usize) + 'a>,
}

/// All rows; the empty call comes last.
pub(crate) fn rows(guest: &Guest) -> Vec<Row<'_>> {
    // What comes back is what goes there the next time: stubs take values, and a copy is not part of the call.
    let job = Cell::new(job());
    let echo = Echo {
        job: Some(plain_job()),
    };
    vec![
        Row {
            name: "Rust host -> Go guest: div, prepared, native",
            goal: Some(1.3),
            run: Box::new(|calls| {
                for _ in 0..calls {
                    black_box(done(guest.jobs.div(black_box(10), 2)));
                }
            }),
        },
        Row {
            name: "Rust host -> Go guest: record both ways, native",
            goal: Some(15.0),
            run: Box::new(move |calls| {
                for _ in 0..calls {
                    job.set(done(guest.jobs.echo(Some(job.take()))));
                }
            }),
        },
        Row {
            name: "Rust host -> Go guest: record both ways, protobuf",
            goal: Some(50.0),
            run: Box::new(move |calls| {
                for _ in 0..calls {
                    black_box(done(guest.echo_bytes(&echo)));
                }
            }),
        },
        Row {
            name: EMPTY,
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

/// The rows with a word in their names, and the empty call.
pub(crate) fn choose<'r, 'a>(rows: &'r [Row<'a>], word: &str) -> Vec<&'r Row<'a>> {
    rows.iter()
        .filter(|row| row.name.contains(word) || row.name == EMPTY)
        .collect()
}

/// What each takes.
pub(crate) fn measure(rows: &[&Row<'_>], limit: Duration) -> Vec<Measured> {
    let mut variants: Vec<_> = rows.iter().map(|row| Variant::new(&*row.run)).collect();
    let limit = match rows.len() {
        1 => Duration::ZERO, // The empty call alone, which the table shows.
        _ => limit,
    };
    sample(&mut variants, BATCH, limit);
    let Some(empty) = variants.last() else {
        return Vec::new();
    };
    let measured = rows.iter().zip(&variants).map(|(row, variant)| Measured {
        name: row.name,
        base: None,
        nanos: variant.typical(),
        ratio: variant.typical() / empty.typical(),
        goal: row.goal,
        noisy: empty.is_noisy(),
    });
    measured.collect()
}
