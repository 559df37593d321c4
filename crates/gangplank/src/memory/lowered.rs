//! What the host is lent: the request of a host function, an event.
//!
//! Comes in: a value's size pass and write pass. Goes out: its C struct in memory of its own ([`Lowered`]), or on the stack
//! for as long as a callback runs ([`lower`]); or why it cannot be handed over.

use core::ffi::c_void;
use core::mem::{MaybeUninit, size_of};

use super::arena::{Arena, Lent, Refused, give_back};
use super::owned::Owned;

/// A C struct with everything it refers to, in memory of its own: what host functions and listeners read.
pub struct Lowered {
    root: *const c_void,
    _owned: Owned,
    lent: Lent,
}

impl Drop for Lowered {
    fn drop(&mut self) {
        give_back(core::mem::take(&mut self.lent));
    }
}

// SAFETY: a lowered value owns plain bytes and `Send + Sync` buffers; it is never written after it was made.
unsafe impl Send for Lowered {}
// SAFETY: as above.
unsafe impl Sync for Lowered {}

impl Lowered {
    /// Nothing: NULL.
    pub const fn empty() -> Self {
        Self {
            root: core::ptr::null(),
            _owned: Owned::NOTHING,
            lent: Lent::new(),
        }
    }

    /// Lowers one struct; `need` is where the size pass ended when it started after the struct itself.
    ///
    /// # Errors
    /// What [`Arena::fail`] was told; what was lent is given back.
    pub fn new<T: Copy>(need: usize, write: impl FnOnce(&mut Arena) -> T) -> Result<Self, Refused> {
        if size_of::<T>() == 0 {
            return Ok(Self::empty());
        }
        Self::written(Arena::allocated(need), write)
    }

    /// The same for data without objects, which can always be handed over.
    pub fn plain<T: Copy>(need: usize, write: impl FnOnce(&mut Arena) -> T) -> Self {
        match Self::new(need, write) {
            Ok(lowered) => lowered,
            Err(refused) => unreachable!("data without objects: {}", refused.1),
        }
    }

    fn written<T: Copy>(
        mut arena: Arena,
        write: impl FnOnce(&mut Arena) -> T,
    ) -> Result<Self, Refused> {
        let root = arena.one(write);
        let lowered = Self {
            root: root.cast(),
            _owned: arena.owned,
            lent: arena.lent,
        };
        arena.failed.map_or(Ok(lowered), Err)
    }

    /// The struct's address, valid for as long as `self` lives; NULL when there is nothing.
    pub const fn as_ptr(&self) -> *const c_void {
        self.root
    }
}

/// Room on the stack, for what lives as long as a call.
#[repr(C, align(16))]
struct Room([MaybeUninit<u8>; 1024]);

/// Lowers one struct, as [`Lowered::new`] does, for as long as `call` runs: on the stack where it is small. NULL when there
/// is nothing.
///
/// # Errors
/// What [`Arena::fail`] was told; nothing is called then.
#[inline]
pub fn lower<T: Copy, R>(
    need: usize,
    write: impl FnOnce(&mut Arena) -> T,
    call: impl FnOnce(*const c_void) -> R,
) -> Result<R, Refused> {
    if size_of::<T>() == 0 {
        return Ok(call(core::ptr::null()));
    }
    let mut room = Room([MaybeUninit::uninit(); 1024]);
    let mut arena = match need <= size_of::<Room>() {
        true => Arena::over((&raw mut room).cast(), need, Owned::NOTHING),
        false => Arena::allocated(need),
    };
    let root = arena.one(write);
    // Not a `Lowered`: to move one costs more than the rest of a call with numbers only.
    let _borrowed = Borrowed(core::mem::take(&mut arena.lent));
    match arena.failed.take() {
        Some(refused) => Err(refused),
        None => Ok(call(root.cast())),
    }
}

/// Shares that a host has for as long as this lives.
struct Borrowed(Lent);

impl Drop for Borrowed {
    #[inline]
    fn drop(&mut self) {
        if !self.0.is_empty() {
            give_back(core::mem::take(&mut self.0));
        }
    }
}
