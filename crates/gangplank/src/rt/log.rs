//! The guest's log: `tracing` records on their way to the host.
//!
//! Comes in: what the guest's code, and the crates that it uses, write with `tracing`; the function that a host wants it
//! passed to. Goes out: calls of that function, or records of the queue. Nothing is installed before a host asks, and
//! what is installed then answers "not wanted" at once whenever nobody listens: a call site that is off costs a load and
//! a comparison.
//!
//! Spans are not passed on. What is written from inside the host's function, on the same thread, is dropped: it would
//! call the function again.

use core::ffi::c_void;
use std::cell::Cell;
use std::fmt::{Debug, Write as _};
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex};

use tracing_core::field::{Field, Visit};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::subscriber::{Interest, Subscriber};
use tracing_core::{Dispatch, Event, Level, LevelFilter, Metadata, callsite, dispatcher};

use super::sync::{Ordering, lock};
use super::user::UserData;
use super::{Fault, started, stats};
use crate::abi::{RawLog, RawLogRecord, RawStr, Status};
use crate::memory::{Lowered, align_up};

/// How many log records wait in the queue; more are dropped and counted.
pub(crate) const MOST: usize = 1024;

/// A host's function and how much it wants to hear.
struct Sink {
    max_level: u32,
    function: unsafe extern "C" fn(u32, RawStr, RawStr, *mut c_void),
    user: UserData,
}

/// Who listens. An invocation holds the sink that it uses, so `user_data` is released after the last one.
static SINK: Mutex<Option<Arc<Sink>>> = Mutex::new(None);
/// What the call sites are told: the level of [`SINK`], 0 without one.
static LEVEL: AtomicU32 = AtomicU32::new(0);
/// Held while the two are changed and the call sites are told; says whether [`Forward`] is installed.
static SETTING: Mutex<bool> = Mutex::new(false);

/// Passes records up to `max_level` to `function`, instead of to the one before; `None`: to nobody.
pub(crate) fn set(max_level: u32, function: RawLog, user: UserData) -> Result<(), Fault> {
    let sink = match function {
        None => None,
        Some(_) if !(1..=5).contains(&max_level) => {
            let text = format!("max_level: {max_level} is not one of 1 (error) to 5 (trace)");
            return Err(Fault::new(Status::BadArgument, text));
        }
        Some(function) => Some(Arc::new(Sink {
            max_level,
            function,
            user,
        })),
    };
    let mut installed = lock(&SETTING);
    if sink.is_some() && !*installed {
        install()?;
        *installed = true;
    }
    let level = sink.as_ref().map_or(0, |sink| sink.max_level);
    let before = std::mem::replace(&mut *lock(&SINK), sink);
    LEVEL.store(level, Ordering::Relaxed);
    if *installed {
        callsite::rebuild_interest_cache();
    }
    drop(installed);
    // Here, where no lock is held: it may be the last user, whose release callback runs now.
    drop(before);
    Ok(())
}

/// Makes [`Forward`] what the whole library's records go to, once and for good.
fn install() -> Result<(), Fault> {
    dispatcher::set_global_default(Dispatch::new(Forward)).map_err(|_| {
        Fault::new(
            Status::Limit,
            "the library passes its log to a `tracing` subscriber of its own",
        )
    })
}

/// The library's `tracing` subscriber.
struct Forward;

/// 1 error … 5 trace.
fn number(level: Level) -> u32 {
    match level {
        Level::ERROR => 1,
        Level::WARN => 2,
        Level::INFO => 3,
        Level::DEBUG => 4,
        Level::TRACE => 5,
    }
}

impl Subscriber for Forward {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.enabled(metadata) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && number(*metadata.level()) <= LEVEL.load(Ordering::Relaxed)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(match LEVEL.load(Ordering::Relaxed) {
            0 => LevelFilter::OFF,
            1 => LevelFilter::ERROR,
            2 => LevelFilter::WARN,
            3 => LevelFilter::INFO,
            4 => LevelFilter::DEBUG,
            _ => LevelFilter::TRACE,
        })
    }

    fn event(&self, event: &Event<'_>) {
        let level = number(*event.metadata().level());
        // Not in a forked child, where the lock may be held for ever.
        if started().is_err() {
            return;
        }
        let sink = lock(&SINK)
            .as_ref()
            .filter(|sink| level <= sink.max_level)
            .cloned();
        let (Some(sink), Some(_writing)) = (sink, Writing::begin()) else {
            return;
        };
        let mut line = Line::default();
        event.record(&mut line);
        let (target, message) = (event.metadata().target(), line.text());
        // SAFETY: the host registered the function together with its `user_data`, which is not released while `sink`
        // lives; both texts live until it returns.
        unsafe {
            (sink.function)(
                level,
                RawStr::of(target.as_bytes()),
                RawStr::of(message.as_bytes()),
                sink.user.get(),
            );
        }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        // Only for whoever asks although spans are off.
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// This thread is on its way to the host's function.
struct Writing(());

thread_local! {
    static WRITING: Cell<bool> = const { Cell::new(false) };
}

impl Writing {
    /// `None` when it is already, or is ending.
    fn begin() -> Option<Self> {
        let already = WRITING.try_with(|writing| writing.replace(true));
        // Made only where it is the first: dropping one says that the thread is through.
        (already == Ok(false)).then(|| Self(()))
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        let _ = WRITING.try_with(|writing| writing.set(false));
    }
}

/// A record as text: its message, then its fields as ` key=value`.
#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Line {
    fn text(mut self) -> String {
        if self.message.is_empty() {
            return self.fields.split_off(1.min(self.fields.len()));
        }
        self.message.push_str(&self.fields);
        self.message
    }
}

impl Visit for Line {
    /// Everything comes here: texts are quoted as `Debug` does it, errors and `%values` are not.
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // Writing to a `String` fails only if the value's own `fmt` does; what it wrote before stays.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => {
                let name = name.strip_prefix("r#").unwrap_or(name);
                write!(self.fields, " {name}={value:?}")
            }
        };
    }
}

/// How many log records wait in the queue.
static WAITING: AtomicUsize = AtomicUsize::new(0);
/// How many were dropped since the last that was not.
static DROPPED: AtomicU64 = AtomicU64::new(0);

/// A log record that waits in the queue.
pub(crate) struct Waiting {
    pub(crate) key: u64,
    /// How many were dropped before it.
    pub(crate) dropped: u64,
    /// A [`RawLogRecord`].
    pub(crate) record: Arc<Lowered>,
    _place: Place,
}

impl Waiting {
    /// `None` when too many wait: this one is dropped.
    pub(crate) fn new(key: u64, level: u32, target: &[u8], message: &[u8]) -> Option<Self> {
        let Some(place) = Place::take() else {
            DROPPED.fetch_add(1, Ordering::Relaxed);
            stats::dropped_log();
            return None;
        };
        let need = align_up::<RawLogRecord>(size_of::<RawLogRecord>());
        let record = Lowered::plain(need + target.len() + message.len(), |arena| RawLogRecord {
            level,
            target: arena.copy(target),
            message: arena.copy(message),
        });
        Some(Self {
            key,
            dropped: DROPPED.swap(0, Ordering::Relaxed),
            record: Arc::new(record),
            _place: place,
        })
    }
}

/// One of the [`MOST`] places; given back when dropped.
struct Place(());

impl Place {
    fn take() -> Option<Self> {
        if WAITING.fetch_add(1, Ordering::Relaxed) < MOST {
            return Some(Self(()));
        }
        WAITING.fetch_sub(1, Ordering::Relaxed);
        None
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::Relaxed);
    }
}
