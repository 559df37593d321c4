//! The sampler of `bench/go` in Rust: paired and interleaved.
//!
//! Comes in: variants. Goes out: what a call of each takes. Each round runs one batch of every variant, so what slows one
//! of them down slows down all of them.

use std::time::{Duration, Instant};

/// Rounds that are made even if the time is over.
const LEAST_ROUNDS: usize = 5;

/// How long a variant runs untimed before its batch: the variants before it have driven its code and data out of the
/// processor's caches, which is their cost and not its own. What takes longer anyway does without.
const WARM_UP: Duration = Duration::from_micros(20);

/// Something that is measured.
pub(crate) struct Variant<'a> {
    run: &'a dyn Fn(usize),
    calls: usize,
    warm: usize,
    nanos: Vec<f64>,
}

impl<'a> Variant<'a> {
    /// `run` makes so many calls.
    pub(crate) fn new(run: &'a dyn Fn(usize)) -> Self {
        Self {
            run,
            calls: 1,
            warm: 0,
            nanos: Vec::new(),
        }
    }

    /// Runs one batch; the nanoseconds of a call.
    fn once(&self) -> f64 {
        if self.warm > 0 {
            (self.run)(self.warm);
        }
        let start = Instant::now();
        (self.run)(self.calls);
        start.elapsed().as_secs_f64() * 1e9 / self.calls as f64
    }

    /// Finds how many calls fill a batch.
    fn calibrate(&mut self, batch: Duration) {
        self.once(); // Whatever is done at the first use.
        loop {
            let best = self.once().min(self.once()).min(self.once());
            let fill = |time: Duration| (time.as_secs_f64() * 1e9 / best) as usize;
            let want = fill(batch).max(1);
            if want <= 2 * self.calls {
                (self.calls, self.warm) = (want, fill(WARM_UP));
                return;
            }
            self.calls = want.min(16 * self.calls);
        }
    }

    fn percentile(&self, percent: usize) -> f64 {
        self.nanos[self.nanos.len() * percent / 100]
    }

    /// The 10th percentile: what a call takes while nothing else runs.
    pub(crate) fn typical(&self) -> f64 {
        self.percentile(10)
    }

    /// Whether the rounds differ too much for a ratio to this variant to mean something.
    pub(crate) fn is_noisy(&self) -> bool {
        self.percentile(50) > 1.1 * self.typical()
    }
}

/// Measures until the time is over; at once when there is nothing.
pub(crate) fn sample(variants: &mut [(&str, Variant<'_>)], batch: Duration, limit: Duration) {
    for (_, variant) in &mut *variants {
        variant.calibrate(batch);
    }
    if variants.is_empty() {
        return;
    }
    let start = Instant::now();
    let mut rounds = 0;
    while rounds < LEAST_ROUNDS || start.elapsed() < limit {
        for (_, variant) in &mut *variants {
            let nanos = variant.once();
            variant.nanos.push(nanos);
        }
        rounds += 1;
    }
    for (_, variant) in variants {
        variant.nanos.sort_by(f64::total_cmp);
    }
}
