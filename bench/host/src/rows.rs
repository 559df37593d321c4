//! What is measured.
//!
//! Comes in: the guests, and the same functions over gRPC. Goes out: rows, and what each takes.

use std::cell::Cell;
use std::fmt::Display;
use std::hint::black_box;
use std::time::Duration;

use crate::guest::{Echo, Guest, job, plain_job};
use crate::python::Python;
use crate::report::Measured;
use crate::rpc::Rpc;
use crate::sampler::{Variant, sample};

/// What calls of a guest in Go refer to.
const EMPTY: &str = "empty C -> Go call";
/// What those of a guest in Python refer to.
const INTERPRETER: &str = "empty C -> Python call, kept state";

/// How long a batch takes, and how long where another process takes part.
const BATCH: Duration = Duration::from_micros(150);
const LONG_BATCH: Duration = Duration::from_millis(5);

/// A line of the table.
pub(crate) struct Row<'a> {
    name: &'static str,
    /// The row that the ratio refers to.
    base: &'static str,
    /// The most that the ratio may be.
    goal: Option<f64>,
    /// Another process takes part: a batch is longer.
    long: bool,
    /// Makes so many calls.
    run: Box<dyn Fn(usize) + 'a>,
}

impl<'a> Row<'a> {
    fn new(name: &'static str, base: &'static str, run: impl Fn(usize) + 'a) -> Self {
        Row {
            name,
            base,
            goal: None,
            long: false,
            run: Box::new(run),
        }
    }

    fn goal(self, goal: f64) -> Self {
        Row {
            goal: Some(goal),
            ..self
        }
    }

    fn long(self) -> Self {
        Row { long: true, ..self }
    }
}

const DIV: &str = "Rust host -> Go guest: div, prepared, native";
const RECORD: &str = "Rust host -> Go guest: record both ways, native";
const RECORD_BYTES: &str = "Rust host -> Go guest: record both ways, protobuf";

/// The same by hand.
const DIV_BY_HAND: &str = "hand-written: Rust host -> Go guest: div, prepared, native";
const RECORD_BY_HAND: &str = "hand-written: Rust host -> Go guest: record both ways, native";
const RECORD_BYTES_BY_HAND: &str =
    "hand-written: Rust host -> Go guest: record both ways, protobuf";

/// All rows.
pub(crate) fn rows<'a>(guest: &'a Guest, python: &'a Python, rpc: &'a Rpc) -> Vec<Row<'a>> {
    let mut rows = go(guest);
    rows.extend(by_rpc(rpc));
    rows.extend(in_python(python));
    rows.push(Row::new(EMPTY, EMPTY, |calls| {
        for _ in 0..calls {
            (guest.by_hand.empty)();
        }
    }));
    rows
}

/// Calls of the guest in Go.
fn go(guest: &Guest) -> Vec<Row<'_>> {
    // What comes back is what goes there the next time: stubs take values, and a copy is not part of the call.
    let (job, same) = (Cell::new(job()), Cell::new(job()));
    let echo = Echo {
        job: Some(plain_job()),
    };
    let echo_by_hand = echo.clone();
    vec![
        Row::new(DIV, EMPTY, |calls| {
            for _ in 0..calls {
                black_box(done(guest.jobs.div(black_box(10), 2)));
            }
        })
        .goal(1.3),
        Row::new(RECORD, EMPTY, move |calls| {
            for _ in 0..calls {
                job.set(done(guest.jobs.echo(Some(job.take()))));
            }
        })
        .goal(15.0),
        Row::new(RECORD_BYTES, EMPTY, move |calls| {
            for _ in 0..calls {
                black_box(done(guest.echo_bytes(&echo)));
            }
        })
        .goal(50.0),
        Row::new(DIV_BY_HAND, EMPTY, |calls| {
            for _ in 0..calls {
                black_box((guest.by_hand.div)(black_box(10), 2));
            }
        }),
        Row::new(RECORD_BY_HAND, EMPTY, move |calls| {
            for _ in 0..calls {
                same.set(done(guest.by_hand.echo(&same.take())));
            }
        }),
        Row::new(RECORD_BYTES_BY_HAND, EMPTY, move |calls| {
            for _ in 0..calls {
                black_box(done(guest.by_hand.echo_bytes(&echo_by_hand)));
            }
        }),
    ]
}

/// The same functions over gRPC, compared with those calls.
fn by_rpc(rpc: &Rpc) -> Vec<Row<'_>> {
    let echo = Echo {
        job: Some(plain_job()),
    };
    let record = move |calls| {
        for _ in 0..calls {
            black_box(done(rpc.echo(&echo)));
        }
    };
    vec![
        Row::new("gRPC from Rust: div", DIV, |calls| {
            for _ in 0..calls {
                black_box(done(rpc.div(black_box(10), 2)));
            }
        })
        .long(),
        Row::new(
            "gRPC from Rust: record both ways, over native",
            RECORD,
            record.clone(),
        )
        .long(),
        Row::new(
            "gRPC from Rust: record both ways, over protobuf",
            RECORD_BYTES,
            record,
        )
        .long(),
    ]
}

/// Calls of the guest in Python.
fn in_python(python: &Python) -> Vec<Row<'_>> {
    let parts = ["A", "B", "C"].map(str::to_owned);
    vec![
        Row::new("Rust host -> Python guest: div", INTERPRETER, |calls| {
            for _ in 0..calls {
                black_box(done(python.words.div(black_box(10), 2)));
            }
        })
        .goal(1.5),
        Row::new(
            "Rust host -> Python guest: concat_strings",
            INTERPRETER,
            move |calls| {
                for _ in 0..calls {
                    black_box(done(python.words.concat_strings(black_box(parts.to_vec()))));
                }
            },
        ),
        Row::new(
            "by hand: C -> Python: div, kept state",
            INTERPRETER,
            |calls| {
                for _ in 0..calls {
                    black_box(python.div(black_box(10), 2));
                }
            },
        ),
        Row::new(INTERPRETER, INTERPRETER, |calls| {
            for _ in 0..calls {
                python.empty();
            }
        }),
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

/// What each takes. Long batches are a group of their own: what follows one finds cold caches.
pub(crate) fn measure(rows: &[&Row<'_>], few: Duration, many: Duration) -> Vec<Measured> {
    let short = group(rows, false, few);
    let long = group(rows, true, many);
    let measured = rows.iter().filter_map(|row| {
        let group = if row.long { &long } else { &short };
        let named = |name| group.iter().find(|(other, _)| *other == name);
        let ((_, variant), (_, base)) = (named(row.name)?, named(row.base)?);
        Some(Measured {
            name: row.name,
            base: (row.base != EMPTY).then_some(row.base),
            nanos: variant.typical(),
            ratio: variant.typical() / base.typical(),
            goal: row.goal,
            noisy: base.is_noisy(),
        })
    });
    measured.collect()
}

/// Samples the rows with batches of one length, and what those refer to.
fn group<'r>(
    rows: &[&'r Row<'_>],
    long: bool,
    limit: Duration,
) -> Vec<(&'static str, Variant<'r>)> {
    let is_base = |name| rows.iter().any(|row| row.long == long && row.base == name);
    let wanted = rows
        .iter()
        .filter(|row| row.long == long || is_base(row.name));
    let batch = if long { LONG_BATCH } else { BATCH };
    let mut variants: Vec<_> = wanted
        .map(|row| (row.name, Variant::new(&*row.run)))
        .collect();
    sample(&mut variants, batch, limit);
    variants
}
