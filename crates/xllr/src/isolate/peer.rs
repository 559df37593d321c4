//! The helper of one module: asked, and started ([`super::restart`]) when it is not there.
//!
//! A question is asked once. When its helper dies it fails, whatever the helper had done by then.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use super::process::Process;
use super::restart::{State, start};
use super::wire::{self, Frame, Header, Word, garbage};
use crate::error::{Error, Kind};

/// What a function that looks at its time may take to say that it is over.
const GRACE: Duration = Duration::from_millis(100);

/// What a helper loads, and what it is given.
pub(super) struct Plan {
    pub(super) program: PathBuf,
    pub(super) runtime: String,
    pub(super) location: String,
    /// The options of these names; the variables are the helper's as well.
    pub(super) package: Option<PathBuf>,
    pub(super) python: Option<PathBuf>,
    /// Bytes of data; 0: no limit.
    pub(super) memory: u64,
    /// For calls that bring none.
    pub(super) timeout: Option<Duration>,
}

/// The module's helper.
pub(super) struct Helper {
    pub(super) plan: Plan,
    /// What the first one has said of the module.
    pub(super) facts: Facts,
    pub(super) state: Mutex<State>,
    /// A start has ended.
    pub(super) started: Condvar,
    /// Starts since the last call that succeeded.
    pub(super) starts: AtomicU32,
    last_id: AtomicU64,
}

/// An answer, and whose it is.
pub(super) struct Answer {
    pub(super) frame: Frame,
    process: Arc<Process>,
}

/// What a helper says when it has loaded the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) fingerprint: u64,
    pub(super) functions: Vec<String>,
    /// Of a module whose file says nothing: what its functions report.
    pub(super) items: Vec<Vec<u8>>,
}

impl Facts {
    pub(super) fn encode(&self) -> Vec<u8> {
        let names = self.functions.join("\n");
        let mut bytes = self.fingerprint.to_ne_bytes().to_vec();
        let items = self.items.iter().map(Vec::as_slice);
        for part in [names.as_bytes()].into_iter().chain(items) {
            bytes.extend_from_slice(&(part.len() as u64).to_ne_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (fingerprint, mut rest) = bytes.split_first_chunk()?;
        let mut parts = Vec::new();
        while !rest.is_empty() {
            let (len, behind) = rest.split_first_chunk()?;
            let len = usize::try_from(u64::from_ne_bytes(*len)).ok()?;
            let (part, behind) = behind.split_at_checked(len)?;
            parts.push(part);
            rest = behind;
        }
        let (names, items) = parts.split_first()?;
        let names = str::from_utf8(names).ok()?;
        Some(Self {
            fingerprint: u64::from_ne_bytes(*fingerprint),
            functions: names.lines().map(str::to_owned).collect(),
            items: items.iter().map(|item| item.to_vec()).collect(),
        })
    }
}

impl Helper {
    pub(super) fn start(plan: Plan) -> Result<Self, Error> {
        let (process, facts) = start(&plan)?;
        Ok(Self {
            plan,
            facts,
            state: Mutex::new(State::new(process)),
            started: Condvar::new(),
            starts: AtomicU32::new(1),
            last_id: AtomicU64::new(0),
        })
    }

    /// Asks, and waits for the answer. `timeout` is that of this question; else the helper's counts.
    pub(super) fn ask(
        self: &Arc<Self>,
        mut header: Header,
        payload: &[u8],
        timeout: Option<Duration>,
    ) -> Result<Answer, Error> {
        // What a start takes is the caller's time when the caller has set it, and else nobody's.
        let until = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let process = self.process(until)?;
        let begun = Instant::now();
        let late = until.is_some_and(|until| until <= begun);
        let Some(process) = process.filter(|_| !late) else {
            let (timeout, name) = (timeout.unwrap_or_default(), self.name(&header));
            let text = format!("deadline: {timeout:?} were over before {name} could be called");
            return Err(Error::new(Kind::Deadline, text));
        };
        let timeout = timeout.or(self.plan.timeout);
        let until = until.or_else(|| begun.checked_add(self.plan.timeout?));
        header.id = self.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        header.deadline_ns = until.map_or(0, |until| {
            let left = until.saturating_duration_since(begun);
            i64::try_from(left.as_nanos()).unwrap_or(i64::MAX)
        });
        // The function of a native call may look at its time; then it answers, and its process lives on.
        let patience = match header.word {
            Word::Native => until.and_then(|until| until.checked_add(GRACE)),
            _ => until,
        };
        let asked = match process.connection() {
            Ok(connection) => {
                exchange(&connection, &header, payload, patience).map(|frame| (connection, frame))
            }
            Err(error) if is_gone(&error) => Err(error),
            // The host has no socket left: not the helper's fault.
            Err(error) => {
                let text = format!("no connection to the helper process: {error}");
                return Err(Error::new(Kind::Limit, text));
            }
        };
        match asked {
            Ok((connection, frame)) => {
                process.give_back(connection);
                if self.starts.load(Ordering::Relaxed) != 0 {
                    self.starts.store(0, Ordering::Relaxed);
                }
                Ok(Answer { frame, process })
            }
            Err(error) => Err(self.lost(&process, &error, &header, timeout)),
        }
    }

    /// An answer is none: its process is ended.
    pub(super) fn misbehaves(&self, answer: &Answer, what: &str) -> Error {
        let text = lost(&self.plan.location, &answer.process, &garbage(what));
        Error::new(Kind::PeerLost, text)
    }

    /// What a question is for.
    fn name(&self, header: &Header) -> String {
        let name = self.facts.functions.get(header.function as usize);
        match (header.word, name) {
            (Word::Bytes | Word::Native, Some(name)) => format!("`{name}`"),
            _ => "the description of a function".to_owned(),
        }
    }

    /// What the end of a process, or of our patience, is for the question that saw it.
    fn lost(
        &self,
        process: &Process,
        error: &io::Error,
        header: &Header,
        timeout: Option<Duration>,
    ) -> Error {
        let location = &self.plan.location;
        if let (io::ErrorKind::TimedOut, Some(timeout)) = (error.kind(), timeout) {
            let reason = format!("{} did not return within {timeout:?}", self.name(header));
            process.end(Some(&reason));
            let text = format!("deadline: {reason}; the helper process of `{location}` was ended");
            return Error::new(Kind::Deadline, text);
        }
        Error::new(Kind::PeerLost, lost(location, process, error))
    }
}

impl Answer {
    /// The error that it is.
    pub(super) fn error(&self) -> Option<Error> {
        error_of(&self.frame)
    }
}

pub(super) fn lost(location: &str, process: &Process, error: &io::Error) -> String {
    let reason = (!is_gone(error)).then(|| error.to_string());
    let how = process.end(reason.as_deref());
    format!("peer lost: the helper process of `{location}` {how}")
}

/// Whether the other side has closed.
fn is_gone(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    [UnexpectedEof, BrokenPipe, ConnectionReset].contains(&error.kind())
}

pub(super) fn exchange(
    connection: &OwnedFd,
    header: &Header,
    payload: &[u8],
    until: Option<Instant>,
) -> io::Result<Frame> {
    wire::send(connection.as_fd(), header, payload, until)?;
    let frame = wire::recv(connection.as_fd(), until)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    if frame.header.word != Word::Answer || frame.header.id != header.id {
        return Err(garbage("an answer to another question"));
    }
    Ok(frame)
}

/// The kinds of errors that a helper answers with, by their number.
const KINDS: &[Kind] = &[
    Kind::Failed,
    Kind::BadArgument,
    Kind::NotFound,
    Kind::BadModule,
    Kind::Mismatch,
    Kind::Refused,
    Kind::Limit,
    Kind::Panic,
    Kind::PeerLost,
    Kind::Deadline,
];

/// An error as the status of an answer.
pub(super) fn status_of(error: &Error) -> i32 {
    let place = KINDS.iter().position(|kind| *kind == error.kind());
    -1 - place.unwrap_or(0) as i32
}

/// The error that an answer is.
pub(super) fn error_of(frame: &Frame) -> Option<Error> {
    let place = usize::try_from(-1 - i64::from(frame.header.status)).ok()?;
    let kind = KINDS.get(place).copied().unwrap_or(Kind::Failed);
    let text = String::from_utf8_lossy(frame.payload.bytes());
    Some(Error::new(kind, text))
}
