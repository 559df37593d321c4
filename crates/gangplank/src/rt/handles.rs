//! Objects behind handles: insert, enter, close, release.
//!
//! Comes in: objects and raw handles. Goes out: entered objects that stay alive while they are used. A handle is
//! `tag 16 | generation 24 | slot 24`; whatever number arrives, it either names an open object of this library or is an
//! error. An object is dropped by the last one to leave it once it is closing, wherever that happens.

use std::any::TypeId;
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Duration;

use super::closing::{self, Waiter};
use super::slots::{self, Body, SLOT_BITS, Slot};
use super::word::{NotOpen, Refused};
use super::{Context, Fault, FnMeta, executor, guard, running, shares, state};
use crate::abi::Status;

/// What an exported object type is to the table.
pub trait Object: Send + Sync + 'static {
    /// The exposed name (`Timer`), for messages.
    const NAME: &'static str;
}

const SLOTS: u64 = (1 << SLOT_BITS) - 1;

const fn pack(tag: u64, generation: u32, slot: u32) -> u64 {
    tag << 48 | (generation as u64) << SLOT_BITS | slot as u64
}

/// Slot number and generation.
#[inline]
const fn unpack(handle: u64) -> (u32, u32) {
    (
        (handle & SLOTS) as u32,
        (handle >> SLOT_BITS & SLOTS) as u32,
    )
}

/// Puts an object behind a new handle. `context` is the one its constructor was given.
pub fn insert<T: Object>(value: Arc<T>, context: Arc<Context>) -> Result<u64, Fault> {
    unsafe fn drop_arc<T>(value: *const ()) {
        // SAFETY: `value` is the `Arc::into_raw` of an `Arc<T>`, and this is called once.
        drop(unsafe { Arc::from_raw(value.cast::<T>()) });
    }
    let (number, slot) = slots::take()?;
    let value = Arc::into_raw(value).cast();
    let body = Body {
        type_id: TypeId::of::<T>(),
        name: T::NAME,
        value,
        drop: drop_arc::<T>,
        context,
    };
    // SAFETY: `take` gave the free slot to this thread alone.
    let generation = unsafe { slot.publish(body) };
    let handle = pack(state::tag(), generation, number);
    shares::add(value, handle);
    Ok(handle)
}

/// Gives an object to the host: by the handle that it has, with one share more, or behind a new one. A new one has no
/// host functions and no events of its own: those belong to the handle that a constructor made.
pub fn hand_out<T: Object>(value: Arc<T>) -> Result<u64, Fault> {
    match shares::again(Arc::as_ptr(&value).cast(), is_open) {
        Some(handle) => Ok(handle),
        None => insert(value, Context::new(&[], &[])),
    }
}

/// One share more of a handle, for a host that keeps an object it was only lent.
pub fn share(handle: u64) -> Result<(), Fault> {
    let held = hold(handle).map_err(|refused| refusal(refused, handle, "object", "share"))?;
    match shares::again(held.body().value, |shared| {
        shared == handle && is_open(shared)
    }) {
        Some(_) => Ok(()),
        None => Err(refusal(Refused::Closed, handle, "object", "share")),
    }
}

/// Whether the handle names an object that nobody closes.
fn is_open(handle: u64) -> bool {
    locate(handle).is_some_and(|(slot, generation)| slot.word.is_open(generation))
}

/// The object behind `handle`, shared. It outlives the handle for as long as the share is kept.
pub fn object<T: Object>(handle: u64) -> Result<Arc<T>, Fault> {
    static META: FnMeta = FnMeta {
        path: "an argument",
    };
    let entered = enter::<T>(handle, &META)?;
    let value = entered.value.as_ptr().cast_const();
    // SAFETY: `value` is the `Arc::into_raw` of the slot's `Arc<T>`, which `entered` keeps alive.
    Ok(unsafe {
        Arc::increment_strong_count(value);
        Arc::from_raw(value)
    })
}

/// An object that cannot be dropped while this lives.
pub struct Entered<T: Object> {
    held: Held,
    value: NonNull<T>,
    object: PhantomData<Arc<T>>,
}

// SAFETY: it gives shared access to a `T: Sync`, and the last one to leave may drop the `T: Send` on any thread.
unsafe impl<T: Object> Send for Entered<T> {}
// SAFETY: as above.
unsafe impl<T: Object> Sync for Entered<T> {}

impl<T: Object> Entered<T> {
    /// The handle it was entered by.
    pub fn handle(&self) -> u64 {
        self.held.handle
    }
}

impl<T: Object> Deref for Entered<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: `value` points into the slot's `Arc<T>`, which lives while `held` has its reference.
        unsafe { self.value.as_ref() }
    }
}

/// One reference on a slot.
struct Held {
    slot: &'static Slot,
    handle: u64,
}

impl Held {
    #[inline]
    fn body(&self) -> &Body {
        // SAFETY: this is a reference, and the result does not outlive it.
        unsafe { self.slot.body() }
    }
}

impl Drop for Held {
    #[inline]
    fn drop(&mut self) {
        if self.slot.word.leave() {
            // SAFETY: the word made this thread the last to leave.
            unsafe { finalize(self.slot, self.handle) };
        }
    }
}

/// Enters the object behind `handle` for a call of `meta`.
#[inline(always)]
pub fn enter<T: Object>(handle: u64, meta: &'static FnMeta) -> Result<Entered<T>, Fault> {
    let held = match hold(handle) {
        Ok(held) => held,
        Err(refused) => return Err(refusal(refused, handle, T::NAME, meta.path)),
    };
    let body = held.body();
    if body.type_id != TypeId::of::<T>() {
        return Err(wrong_type(body.name, T::NAME, meta.path));
    }
    // SAFETY: `Arc::into_raw` never gives NULL; the type was compared above.
    let value = unsafe { NonNull::new_unchecked(body.value.cast::<T>().cast_mut()) };
    Ok(Entered {
        held,
        value,
        object: PhantomData,
    })
}

/// What belongs to the object behind `handle`, whatever its type.
pub(crate) fn context(handle: u64) -> Result<Arc<Context>, Fault> {
    let held = hold(handle).map_err(|refused| refusal(refused, handle, "object", "its handle"))?;
    Ok(held.body().context.clone())
}

#[inline]
fn hold(handle: u64) -> Result<Held, Refused> {
    let (slot, generation) = locate(handle).ok_or(Refused::Never)?;
    slot.word.enter(generation)?;
    Ok(Held { slot, handle })
}

#[inline]
fn locate(handle: u64) -> Option<(&'static Slot, u32)> {
    if handle >> 48 != state::tag() {
        return None;
    }
    let (slot, generation) = unpack(handle);
    slots::find(slot).map(|slot| (slot, generation))
}

/// Drops the object behind a closing slot and frees the slot.
///
/// # Safety
/// The slot's word made the caller the last to leave.
#[cold]
unsafe fn finalize(slot: &'static Slot, handle: u64) {
    // SAFETY: the caller is the last to leave.
    let body = unsafe { slot.take() };
    shares::forget(body.value, handle);
    let outcome = guard::guard(|| {
        // SAFETY: `drop` belongs to `value`, which was just taken out of the slot.
        unsafe { (body.drop)(body.value) };
        Ok(())
    });
    drop(body.context);
    slots::give_back(unpack(handle).0, slot.word.retire());
    let heard = closing::report(handle, &outcome);
    if let (Err(fault), false) = (outcome, heard) {
        guard::report_fault(&format!("the drop of a {}", body.name), &fault);
    }
}

/// Closes an object: no call enters it any more, pending ones are cancelled, running ones are waited for. Inside a call
/// of the same object it does not wait: the last call to leave drops the object. An object that is already closed is
/// closed.
pub fn close(handle: u64, timeout: Duration) -> Result<(), Fault> {
    let waiter = Waiter::register(handle);
    let name = match mark_closing(handle) {
        Ok(name) => name,
        Err(NotOpen::Closing) => "object",
        Err(NotOpen::Gone) => return Ok(()),
        Err(NotOpen::Never) => return Err(refusal(Refused::Never, handle, "object", "close")),
    };
    if running::inside(handle) {
        return Ok(());
    }
    match executor::blocking(|| waiter.wait(timeout)) {
        Some(outcome) => outcome,
        None => Err(stuck(handle, name, timeout)),
    }
}

/// Gives one share back; the last one closes without waiting. What is not open is left alone. For finalizers.
pub fn release(handle: u64) {
    let Ok(held) = hold(handle) else { return };
    let last = shares::less(held.body().value, handle);
    drop(held);
    if last {
        // Somebody else may have closed it meanwhile, which is as good.
        let _ = mark_closing(handle);
    }
}

/// Marks the object and ends what belongs to it; the name of its type.
fn mark_closing(handle: u64) -> Result<&'static str, NotOpen> {
    let (slot, generation) = locate(handle).ok_or(NotOpen::Never)?;
    slot.word.close(generation)?;
    // `close` left a reference for us.
    let held = Held { slot, handle };
    let Body {
        name, ref context, ..
    } = *held.body();
    context.close();
    Ok(name)
}

#[cold]
fn refusal(refused: Refused, handle: u64, name: &str, path: &str) -> Fault {
    match refused {
        Refused::Closed => Fault::new(Status::Closed, format!("{path}: this {name} is closed")),
        Refused::Never => Fault::new(
            Status::StaleHandle,
            format!("{path}: {handle:#x} is not the handle of a {name} of this library"),
        ),
        Refused::Full => Fault::new(
            Status::Limit,
            format!("{path}: too many calls are inside this {name}"),
        ),
    }
}

#[cold]
fn wrong_type(found: &str, wanted: &str, path: &str) -> Fault {
    Fault::new(
        Status::WrongType,
        format!("{path}: the handle is that of a {found}, not of a {wanted}"),
    )
}

#[cold]
fn stuck(handle: u64, name: &str, timeout: Duration) -> Fault {
    let running = running::paths(handle);
    let what = if running.is_empty() {
        "a call that does not end".to_owned()
    } else {
        running.join(", ")
    };
    Fault::new(
        Status::Stuck,
        format!("closing this {name} gave up after {timeout:?}: still running: {what}"),
    )
}
