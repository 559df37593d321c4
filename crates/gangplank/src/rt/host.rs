//! Calls of host functions.
//!
//! Comes in: a lowered request, awaited by guest code. Goes out: the host's answer, or why there is none. Each call has
//! an id of its own; whoever takes the id out of the table ends the call: the host's answer, the deadline, the close of
//! the object, or the guest dropping the future. So an answer arrives once, and `cancel` runs at most once, never after
//! an answer and never before the host's function has returned.

use core::ffi::c_void;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::Duration;

use tokio::time::Sleep;

use super::queue::Shown;
use super::registry::Registration;
use super::shards::{HOST_CALLS, Shards};
use super::sync::{lock, modelled};
use super::{Context, Fault, HostError, HostFailure, executor, guard, stats};
use crate::abi::Status;
use crate::memory::Lowered;

/// What an injected `Host<dyn Trait>` holds.
#[derive(Clone)]
pub struct HostLink(Arc<Context>);

impl HostLink {
    /// A link to the host functions of one object.
    pub fn new(context: &Arc<Context>) -> Self {
        Self(context.clone())
    }
}

/// Turns the host's answer into a value: `status` is `GP_OK` or `GP_ERR`, `result` the C struct of `len` bytes. Copies
/// what it keeps. An error says why the answer is not of the declared type; the function's name is added here.
pub type Lift<T> =
    unsafe fn(status: i32, result: *const c_void, len: usize) -> Result<T, HostError>;

/// Calls host function `name`. Nothing happens before the first poll; dropping the future cancels the call.
/// `deadline_ms` is 0 for none.
pub fn host_call<T: Send + 'static>(
    link: &HostLink,
    name: &'static str,
    deadline_ms: u64,
    request: Lowered,
    lift: Lift<T>,
) -> impl Future<Output = Result<T, HostError>> + Send + 'static {
    HostCall {
        context: link.0.clone(),
        name,
        deadline_ms,
        lift,
        request: Some(request),
        waiting: None,
    }
}

struct HostCall<T: Send + 'static> {
    context: Arc<Context>,
    name: &'static str,
    deadline_ms: u64,
    lift: Lift<T>,
    request: Option<Lowered>,
    waiting: Option<Waiting<T>>,
}

/// A call that the host has been told of.
struct Waiting<T> {
    id: u64,
    slot: Arc<Slot<T>>,
    sleep: Option<Pin<Box<Sleep>>>,
}

/// Where the answer arrives.
struct Slot<T> {
    name: &'static str,
    lift: Lift<T>,
    context: Arc<Context>,
    registration: Arc<Registration>,
    /// Borrowed by the host until it answers or is cancelled.
    request: Lowered,
    state: Mutex<State<T>>,
}

struct State<T> {
    answer: Option<Result<T, HostError>>,
    waker: Option<Waker>,
    /// The host's function has not returned yet.
    calling: bool,
    /// Why the call ended meanwhile, which the host has to be told.
    cancel: Option<Status>,
}

/// A slot without its type.
trait Outstanding: Send + Sync {
    /// Takes the host's answer; an error says why it was not of the declared type.
    ///
    /// # Safety
    /// As [`complete`].
    unsafe fn answer(&self, status: i32, result: *const c_void, len: usize) -> Result<(), Fault>;
    /// Ends the call with `error` and tells the host why.
    fn give_up(self: Arc<Self>, id: u64, why: Status, error: Option<HostError>);
    /// What the error of a closed object is called here.
    fn closed(&self) -> HostError;
    /// Whether this is a call of the object with this context.
    fn is_of(&self, context: &Context) -> bool;
}

modelled::shared! {
    static OUTSTANDING: Shards<Arc<dyn Outstanding>, HOST_CALLS> = Shards::new();
}

/// How many calls the host has not answered.
pub(crate) fn outstanding() -> usize {
    OUTSTANDING.len()
}

fn take(id: u64) -> Option<Arc<dyn Outstanding>> {
    OUTSTANDING.remove(id)
}

/// The host's answer to call `id`.
///
/// # Safety
/// `result` is what the status promises: the C struct of `len` bytes, or UTF-8 text, or NULL with 0.
pub(crate) unsafe fn complete(
    id: u64,
    status: i32,
    result: *const c_void,
    len: usize,
) -> Result<(), Fault> {
    let Some(slot) = take(id) else {
        stats::late_completion();
        return Err(Fault::new(
            Status::NotFound,
            format!("nobody waits for host call {id}"),
        ));
    };
    // SAFETY: the caller promises the same.
    unsafe { slot.answer(status, result, len) }
}

/// Fails the calls of an object that is being closed.
pub(crate) fn fail_closed(context: &Context) {
    OUTSTANDING.extract(
        |slot| slot.is_of(context),
        |id, slot| {
            let error = slot.closed();
            slot.give_up(id, Status::Closed, Some(error));
        },
    );
}

impl<T: Send + 'static> Slot<T> {
    /// Stores an answer and wakes who waits for it.
    fn store(&self, answer: Result<T, HostError>) {
        let mut state = lock(&self.state);
        state.answer = Some(answer);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            guard::report("a waker", || waker.wake());
        }
    }

    fn failure(&self, text: &str) -> HostFailure {
        HostFailure {
            function: self.name.to_owned(),
            text: text.to_owned(),
        }
    }
}

impl<T: Send + 'static> Outstanding for Slot<T> {
    unsafe fn answer(&self, status: i32, result: *const c_void, len: usize) -> Result<(), Fault> {
        self.context.host_call_ends();
        let own = status == Status::Ok as i32 || status == Status::Err as i32;
        let lifted = guard::guard(|| {
            if own {
                // SAFETY: the caller passes what the status promises.
                return Ok(unsafe { (self.lift)(status, result, len) });
            }
            // SAFETY: as above; NULL and 0 are an empty slice.
            let text = unsafe {
                crate::abi::RawStr {
                    ptr: result.cast(),
                    len,
                }
                .as_slice()
            };
            Ok(Err(HostError::from_status(
                status,
                self.name,
                &String::from_utf8_lossy(text),
            )))
        });
        let answer = match lifted {
            Ok(answer) => answer.map_err(|error| error.of(self.name)),
            Err(fault) => Err(HostError::BadValue(self.failure(&fault.message))),
        };
        let refused = match &answer {
            Err(error) if own => Err(Fault::new(Status::BadArgument, error.to_string())),
            _ => Ok(()),
        };
        self.store(answer);
        refused
    }

    fn give_up(self: Arc<Self>, id: u64, why: Status, error: Option<HostError>) {
        self.context.host_call_ends();
        let calling = {
            let mut state = lock(&self.state);
            state.cancel = state.calling.then_some(why);
            state.calling
        };
        if !calling {
            self.registration.cancel(id, why, self.clone());
        }
        if let Some(error) = error {
            self.store(Err(error));
        }
    }

    fn closed(&self) -> HostError {
        HostError::Closed(self.failure(""))
    }

    fn is_of(&self, context: &Context) -> bool {
        std::ptr::eq(Arc::as_ptr(&self.context), context)
    }
}

impl<T: Send + 'static> Shown for Slot<T> {
    fn as_ptr(&self) -> *const c_void {
        self.request.as_ptr()
    }
}

impl<T: Send + 'static> HostCall<T> {
    /// Calls the host.
    fn begin(&mut self, request: Lowered) -> Result<Waiting<T>, HostError> {
        let failure = || HostFailure {
            function: self.name.to_owned(),
            text: String::new(),
        };
        let registration = self
            .context
            .registration(self.name)
            .map_err(|_| HostError::Closed(failure()))?;
        let registration = registration.ok_or_else(|| HostError::NotRegistered(failure()))?;
        let state = State {
            answer: None,
            waker: None,
            calling: true,
            cancel: None,
        };
        let slot = Arc::new(Slot {
            name: self.name,
            lift: self.lift,
            context: self.context.clone(),
            registration,
            request,
            state: Mutex::new(state),
        });
        self.context.host_call_begins();
        let Some(id) = OUTSTANDING.insert(usize::MAX, slot.clone()) else {
            self.context.host_call_ends();
            return Err(HostError::Other(HostFailure {
                function: self.name.to_owned(),
                text: "too many calls wait for the host".to_owned(),
            }));
        };
        if self.context.is_closed() {
            if take(id).is_some() {
                self.context.host_call_ends();
            }
            return Err(HostError::Closed(failure()));
        }
        slot.registration.call(id, slot.clone());
        let cancel = {
            let mut state = lock(&slot.state);
            state.calling = false;
            state.cancel
        };
        if let Some(why) = cancel {
            slot.registration.cancel(id, why, slot.clone());
        }
        Ok(Waiting {
            id,
            slot,
            sleep: None,
        })
    }
}

impl<T: Send + 'static> Future for HostCall<T> {
    type Output = Result<T, HostError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Some(request) = this.request.take() {
            this.waiting = Some(match this.begin(request) {
                Ok(waiting) => waiting,
                Err(error) => return Poll::Ready(Err(error)),
            });
        }
        // A future that is polled after its end stays pending.
        let Some(waiting) = &mut this.waiting else {
            return Poll::Pending;
        };
        let polled = match waiting.poll_answer(context) {
            Poll::Pending if this.deadline_ms > 0 => {
                waiting.poll_deadline(context, this.deadline_ms)
            }
            polled => polled,
        };
        if polled.is_ready() {
            this.waiting = None;
        }
        polled
    }
}

impl<T: Send + 'static> Waiting<T> {
    fn poll_answer(&self, context: &TaskContext<'_>) -> Poll<Result<T, HostError>> {
        let mut state = lock(&self.slot.state);
        match state.answer.take() {
            Some(answer) => Poll::Ready(answer),
            None => {
                if !state
                    .waker
                    .as_ref()
                    .is_some_and(|waker| waker.will_wake(context.waker()))
                {
                    state.waker = Some(context.waker().clone());
                }
                Poll::Pending
            }
        }
    }

    /// Ends the call if its time is up and no answer is on its way in.
    fn poll_deadline(
        &mut self,
        context: &mut TaskContext<'_>,
        deadline_ms: u64,
    ) -> Poll<Result<T, HostError>> {
        if self.sleep.is_none() {
            // The guest may poll from a thread of its own.
            let Ok(_inside) = executor::enter() else {
                return Poll::Pending;
            };
            self.sleep = Some(Box::pin(tokio::time::sleep(Duration::from_millis(
                deadline_ms,
            ))));
        }
        let Some(sleep) = &mut self.sleep else {
            return Poll::Pending;
        };
        if sleep.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.sleep = None;
        let Some(slot) = take(self.id) else {
            return Poll::Pending;
        };
        slot.give_up(self.id, Status::Deadline, None);
        Poll::Ready(Err(HostError::Deadline(
            self.slot
                .failure(&format!("no answer within {deadline_ms} ms")),
        )))
    }
}

impl<T: Send + 'static> Drop for HostCall<T> {
    fn drop(&mut self) {
        if let Some(waiting) = &self.waiting
            && let Some(slot) = take(waiting.id)
        {
            slot.give_up(waiting.id, Status::Cancelled, None);
        }
    }
}
