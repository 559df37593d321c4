//! What a call of a guest in Go or Python costs a host in Rust, against an empty call of the same library or interpreter.
//!
//! Comes in: the guests, and the flags of the bench. Goes out: rows like those of `bench/go`.

gangplank::proto!(
    #[allow(unreachable_pub, reason = "stubs are generated for libraries as well")]
    jobs_host
);
gangplank::proto!(
    #[allow(unreachable_pub, reason = "stubs are generated for libraries as well")]
    words_host
);

mod by_hand;
mod guest;
mod python;
mod report;
mod rows;
mod rpc;
mod sampler;

use std::error::Error;
use std::time::Duration;

/// What was asked for.
#[derive(Default)]
pub(crate) struct Flags {
    quick: bool,
    json: bool,
    /// A word in the names of the rows to be measured.
    only: String,
    /// The library of the guest in Go.
    guest: String,
    /// The file of the guest in Python.
    python: String,
    /// The program that serves the same functions over gRPC.
    server: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let flags = flags()?;
    let guest = guest::Guest::open(&flags.guest)?;
    let python = python::Python::open(&flags.python)?;
    let rpc = rpc::Rpc::start(&flags.server)?;
    let rows = rows::rows(&guest, &python, &rpc);
    let chosen = rows::choose(&rows, &flags.only);
    let (few, many) = if flags.quick { (4, 3) } else { (20, 15) };
    let measured = rows::measure(&chosen, Duration::from_secs(few), Duration::from_secs(many));
    match flags.json {
        true => report::json(&measured),
        false => report::table(&measured),
    }
    Ok(())
}

fn flags() -> Result<Flags, String> {
    let mut flags = Flags::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (&*word, None),
        };
        let mut value = || {
            value
                .clone()
                .or_else(|| words.next())
                .ok_or(format!("{name} wants a value"))
        };
        match name.trim_start_matches('-') {
            "quick" => flags.quick = true,
            "json" => flags.json = true,
            "only" => flags.only = value()?,
            "guest" => flags.guest = value()?,
            "python" => flags.python = value()?,
            "server" => flags.server = value()?,
            _ => return Err(format!("no such flag: {word}")),
        }
    }
    Ok(flags)
}
