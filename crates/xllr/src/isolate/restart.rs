//! The start of a module's helper, and the next when it was lost: who waits for it, how long, and what it has to say.
//!
//! Comes in: what a helper loads, and until when somebody waits. Goes out: a process that has loaded it. Of those who ask at
//! once one starts it, and all share what comes of that.

use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::peer::{Facts, Helper, Plan, error_of, exchange, lost};
use super::process::{Blocked, Process, locked};
use super::wire::{Header, Word, garbage};
use crate::error::{Error, Kind};

/// The most that a start may take: the module's own start code runs in it.
const START: Duration = Duration::from_secs(60);
/// Before the second start in a row that no call has succeeded after; it doubles up to `LONGEST`.
const PAUSE: Duration = Duration::from_millis(2);
const LONGEST: Duration = Duration::from_secs(1);

/// The helper that there is, and the start of the next.
pub(super) struct State {
    process: Arc<Process>,
    /// When the last start began.
    begun: Instant,
    /// Whether there is one under way.
    starting: bool,
    /// Starts that have failed, and why the last of them.
    failures: u64,
    failure: Option<Error>,
}

impl State {
    pub(super) fn new(process: Arc<Process>) -> Self {
        Self {
            process,
            begun: Instant::now(),
            starting: false,
            failures: 0,
            failure: None,
        }
    }
}

impl Helper {
    /// The process, started again when the last one is gone; `None` when there is none by then. A start goes on for those
    /// who have more time.
    pub(super) fn process(
        self: &Arc<Self>,
        until: Option<Instant>,
    ) -> Result<Option<Arc<Process>>, Error> {
        let mut state = locked(&self.state);
        let failures = state.failures;
        loop {
            if state.process.is_there() {
                return Ok(Some(Arc::clone(&state.process)));
            }
            if let Some(failure) = state.failure.clone().filter(|_| state.failures != failures) {
                return Err(failure);
            }
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                return Ok(None);
            }
            if !state.starting {
                state.starting = true;
                drop(state);
                match until {
                    None => self.restart(),
                    Some(_) => self.restart_apart()?,
                }
                state = locked(&self.state);
                continue;
            }
            state = match left {
                None => {
                    let waited = self.started.wait(state);
                    waited.unwrap_or_else(PoisonError::into_inner)
                }
                Some(left) => {
                    let waited = self.started.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// Starts it, and says so to all who wait.
    fn restart(&self) {
        let outcome = catch_unwind(AssertUnwindSafe(|| self.started_again()));
        let panicked = |_| Err(Error::new(Kind::Panic, "panic in xllr"));
        self.has_started(outcome.unwrap_or_else(panicked));
    }

    /// The same on a thread of its own: whoever asks may have less time than it takes.
    fn restart_apart(self: &Arc<Self>) -> Result<(), Error> {
        let helper = Arc::clone(self);
        let spawned = {
            let _blocked = Blocked::all();
            let thread = thread::Builder::new().name("xllr-start".to_owned());
            thread.spawn(move || helper.restart())
        };
        spawned.map(drop).map_err(|error| {
            let text = format!("no thread to start the helper process on: {error}");
            let error = Error::new(Kind::Limit, text);
            self.has_started(Err(error.clone()));
            error
        })
    }

    fn has_started(&self, outcome: Result<Arc<Process>, Error>) {
        let mut state = locked(&self.state);
        state.starting = false;
        match outcome {
            Ok(process) => state.process = process,
            Err(error) => {
                state.failures += 1;
                state.failure = Some(error);
            }
        }
        self.started.notify_all();
    }

    /// A process that has loaded the same, after a pause where starts fail one after the other.
    fn started_again(&self) -> Result<Arc<Process>, Error> {
        let starts = self.starts.fetch_add(1, Ordering::Relaxed);
        if starts > 0 {
            let pause = PAUSE.saturating_mul(1 << starts.min(16)).min(LONGEST);
            let begun = locked(&self.state).begun;
            thread::sleep(pause.saturating_sub(begun.elapsed()));
        }
        locked(&self.state).begun = Instant::now();
        let (process, facts) = start(&self.plan)?;
        if facts != self.facts {
            process.end(None);
            let text = format!(
                "`{}` has changed since it was loaded; free it and load it again",
                self.plan.location
            );
            return Err(Error::new(Kind::Mismatch, text));
        }
        Ok(process)
    }
}

/// Starts a helper and lets it load the module.
pub(super) fn start(plan: &Plan) -> Result<(Arc<Process>, Facts), Error> {
    let process = Process::start(&plan.program).map_err(|error| {
        let program = plan.program.display();
        Error::new(
            Kind::Refused,
            format!("`{program}` cannot be started: {error}"),
        )
    })?;
    let mut payload = plan.memory.to_ne_bytes().to_vec();
    payload.extend_from_slice(format!("{}\0{}", plan.runtime, plan.location).as_bytes());
    for option in [&plan.package, &plan.python] {
        let option = option.as_deref().map_or("".as_ref(), Path::as_os_str);
        payload.push(0);
        payload.extend_from_slice(option.as_bytes());
    }
    let until = Instant::now() + START;
    let asked = {
        let control = locked(&process.control);
        exchange(&control, &Header::new(Word::Load), &payload, Some(until))
    };
    let answer = asked.and_then(|frame| match error_of(&frame) {
        Some(error) => Ok(Err(error)),
        None => Facts::decode(frame.payload.bytes())
            .map(Ok)
            .ok_or_else(|| garbage("no list of functions")),
    });
    let process = Arc::new(process);
    match answer {
        Ok(facts) => facts.map(|facts| (process, facts)),
        Err(error) => {
            let text = lost(&plan.location, &process, &error);
            Err(Error::new(Kind::PeerLost, text))
        }
    }
}
