//! The one panic guard.
//!
//! Comes in: any code that belongs to a user or may run some: functions, polls, drops, wakers. Goes out: its result, or
//! the panic as a [`Fault`] with text and `file:line:column`. Inside the guard the panic hook only takes down where the
//! panic is; outside it the hook that was there before runs, so a host's own panics look as ever.
//!
//! `gangplank build --debug-info` sets `cfg(gangplank_backtrace)`: then the stack is part of where the panic is.

use std::any::Any;
use std::backtrace::Backtrace;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};

use crate::abi::Status;
use crate::rt::Fault;
use crate::rt::fault::Report;

thread_local! {
    /// How many guards this thread is inside, and [`LEFT`].
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// Where the last panic inside a guard happened, until the guard takes it.
    static PLACE: Cell<Option<Place>> = const { Cell::new(None) };
}

/// In [`DEPTH`]: `PLACE` may hold something. So an outermost guard has to look at one number only.
const LEFT: u32 = 1 << 31;

/// Where a panic happened.
#[derive(Default)]
struct Place {
    /// `file:line:column`.
    location: String,
    /// The stack at that moment, in a library that was built to keep it.
    stack: Option<Backtrace>,
}

impl Place {
    fn of(info: &PanicHookInfo<'_>) -> Option<Self> {
        info.location().map(|location| Self {
            location: location.to_string(),
            stack: cfg!(gangplank_backtrace).then(Backtrace::force_capture),
        })
    }
}

/// Runs `f`; a panic in it becomes a fault with status `Panic`.
#[inline]
pub fn guard<R>(f: impl FnOnce() -> Result<R, Fault>) -> Result<R, Fault> {
    guard_or(f, Err)
}

/// Runs `f`; after a panic in it, `otherwise` makes the result of the fault.
#[inline(always)]
pub(crate) fn guard_or<R>(f: impl FnOnce() -> R, otherwise: impl FnOnce(Fault) -> R) -> R {
    let inside = Inside::enter();
    // Unwind safety: what `f` touched is either dropped with it or guarded by the state machines of the runtime.
    let result = catch_unwind(AssertUnwindSafe(f));
    drop(inside);
    match result {
        Ok(result) => result,
        Err(payload) => otherwise(caught(payload)),
    }
}

/// [`guard`] for what runs inside a guard of this thread already, which counts for both.
#[inline(always)]
pub(crate) fn within<R>(f: impl FnOnce() -> R) -> Result<R, Fault> {
    debug_assert!(DEPTH.get() & !LEFT > 0, "there is a guard around it");
    catch_unwind(AssertUnwindSafe(f)).map_err(caught)
}

/// Runs something whose panic nobody can be told: it is written to standard error, because nothing may get lost.
pub(crate) fn report(what: &str, f: impl FnOnce()) {
    if let Err(fault) = guard(|| {
        f();
        Ok(())
    }) {
        report_fault(what, &fault);
    }
}

/// The line of [`report`] for a fault that was caught elsewhere.
#[cold]
pub(crate) fn report_fault(what: &str, fault: &Fault) {
    tell(&format!(
        "{what} panicked at {}: {}",
        fault.location, fault.message
    ));
}

/// Writes a line to standard error: for what went wrong where no call is there to say so.
#[cold]
pub(crate) fn tell(text: &str) {
    use std::io::Write;
    // A host without standard error is no reason to fail; `eprintln!` would panic there.
    let _ = writeln!(std::io::stderr(), "gangplank: {text}");
}

/// Counts this thread into a guard for as long as it lives.
struct Inside;

impl Inside {
    #[inline]
    fn enter() -> Self {
        let depth = DEPTH.with(|depth| depth.replace(depth.get() + 1));
        if depth == LEFT {
            forget_place();
        }
        Self
    }
}

/// What a panic left that the user's own code has caught is no longer true.
#[cold]
fn forget_place() {
    swap_place(None);
    DEPTH.with(|depth| depth.set(depth.get() & !LEFT));
}

impl Drop for Inside {
    #[inline]
    fn drop(&mut self) {
        DEPTH.with(|depth| depth.set(depth.get() - 1));
    }
}

/// Turns a panic's payload into a fault and gets rid of the payload, whose own drop may panic again.
#[cold]
fn caught(payload: Box<dyn Any + Send>) -> Fault {
    let place = swap_place(None).unwrap_or_default();
    let message = text_of(&*payload);
    let inside = Inside::enter();
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        // Dropping this one could go on for ever; losing a few bytes cannot.
        std::mem::forget(second);
        swap_place(None);
    }
    drop(inside);
    Fault::from(Report {
        status: Status::Panic,
        message,
        location: place.location,
        backtrace: place
            .stack
            .map_or_else(String::new, |stack| stack.to_string()),
        causes: Vec::new(),
    })
}

fn text_of(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&'static str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "panic with a payload that is not text".to_owned()
    }
}

/// Puts the hook in front of the present one. Called once; not from a panicking thread, where `set_hook` panics.
pub(crate) fn install_hook() {
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !taken_down(info) {
            previous(info);
        }
    }));
}

/// Remembers where a panic inside a guard happened. False: the previous hook has to speak, because the panic is not
/// ours, because the process is about to abort, or because the last one was not caught by a guard (it may be the second
/// panic of an unwinding that ends the process).
fn taken_down(info: &PanicHookInfo<'_>) -> bool {
    if cfg!(panic = "abort") || DEPTH.with(Cell::get) & !LEFT == 0 {
        return false;
    }
    DEPTH.with(|depth| depth.set(depth.get() | LEFT));
    swap_place(Place::of(info)).is_none()
}

/// Replaces what the last panic left; a thread that is ending has no place for it any more.
fn swap_place(place: Option<Place>) -> Option<Place> {
    PLACE.try_with(|last| last.replace(place)).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rt::started;

    fn panic_of(f: impl FnOnce()) -> Fault {
        started().expect("runtime");
        guard(|| {
            f();
            Ok(())
        })
        .expect_err("a panic")
    }

    #[test]
    fn text_and_location() {
        let fault = panic_of(|| panic!("boom {}", 7));
        assert_eq!(
            (fault.status, fault.message.as_str()),
            (Status::Panic, "boom 7")
        );
        let mut parts = fault.location.rsplitn(3, ':');
        assert!(
            parts.all(|part| part.ends_with(".rs") || part.parse::<u32>().is_ok()),
            "{}",
            fault.location
        );
        assert!(fault.location.contains("guard.rs:"));
    }

    #[test]
    fn static_text_and_no_text() {
        assert_eq!(panic_of(|| panic!("plain")).message, "plain");
        assert_eq!(
            panic_of(|| std::panic::panic_any(17_u8)).message,
            "panic with a payload that is not text"
        );
    }

    struct Mine(u32);

    impl Drop for Mine {
        fn drop(&mut self) {
            if self.0 > 0 {
                std::panic::panic_any(Mine(self.0 - 1));
            }
        }
    }

    #[test]
    fn a_payload_that_panics_when_dropped() {
        for depth in 0..3 {
            let fault = panic_of(|| std::panic::panic_any(Mine(depth)));
            assert_eq!(fault.status, Status::Panic);
            assert!(!fault.location.is_empty());
        }
        assert_eq!(DEPTH.get() & !LEFT, 0);
    }

    #[test]
    fn guards_nest_and_errors_pass() {
        started().expect("runtime");
        let result = guard(|| {
            let inner = guard(|| -> Result<(), Fault> { panic!("inner") });
            assert_eq!(inner.expect_err("a panic").message, "inner");
            Err::<(), _>(Fault::new(Status::Limit, "outer"))
        });
        assert_eq!(result, Err(Fault::new(Status::Limit, "outer")));
        assert_eq!(guard(|| Ok(3)), Ok(3));
    }
}
