//! The write pass: where the variable part of a value is put.
//!
//! Comes in: how many bytes the size pass counted, and memory for them. Goes out: addresses of what was written, what of it
//! the library owns, the shares of handles in it, and whether all of it can be handed over.

use core::mem::size_of;

use super::owned::{Block, Owned};
use super::{ALIGN, align_up, is_moved};
use crate::abi::{RawCall, RawList, Status};

/// Where the write pass puts the variable part of a value. Invariant 1: `next..end` is writable memory of one block or
/// scratch buffer, `base` is its [`ALIGN`]ed start.
pub struct Arena {
    base: *mut u8,
    at: usize,
    len: usize,
    pub(super) owned: Owned,
    pub(super) failed: Option<Refused>,
    pub(super) lent: Lent,
}

/// Why a value cannot be handed over.
pub type Refused = Box<(Status, String)>;

/// Shares of handles in a value, and how each is given back.
pub(super) type Lent = Vec<(u64, fn(u64))>;

/// Gives shares back that nobody was handed.
pub(super) fn give_back(lent: Lent) {
    for (handle, release) in lent {
        release(handle);
    }
}

impl Arena {
    #[inline]
    pub(super) fn over(base: *mut u8, len: usize, owned: Owned) -> Self {
        Self {
            base,
            at: 0,
            len,
            owned,
            failed: None,
            lent: Lent::new(),
        }
    }

    /// An arena that allocates one block of `need` bytes.
    #[inline]
    pub fn allocated(need: usize) -> Self {
        if need == 0 {
            return Self::over(core::ptr::null_mut(), 0, Owned::NOTHING);
        }
        let block = Block::new(need);
        let base = block.as_ptr();
        let owned = Owned {
            block: Some(block),
            more: None,
        };
        Self::over(base, need, owned)
    }

    /// An arena for one result of `call`: its scratch when `need` bytes fit, else a block.
    ///
    /// # Safety
    /// `call` is valid, and its scratch describes writable memory that no result refers to any more.
    #[inline]
    pub(super) unsafe fn for_call(call: *mut RawCall, need: usize) -> Self {
        // SAFETY: the caller promises a valid call.
        let (scratch, len) = unsafe { ((*call).scratch, (*call).scratch_len) };
        if scratch.is_null() || len < need || !scratch.addr().is_multiple_of(ALIGN) {
            return Self::allocated(need);
        }
        Self::over(scratch, len, Owned::NOTHING)
    }

    /// Says that the value being written cannot be handed over: the call, host call or event fails with this.
    pub fn fail(&mut self, status: Status, message: String) {
        self.failed
            .get_or_insert_with(|| Box::new((status, message)));
    }

    /// Notes a share of a handle that the value being written holds. A result hands it to the host; a [`Lowered`], which
    /// is only borrowed, gives it back when it is dropped.
    pub fn lend(&mut self, handle: u64, release: fn(u64)) {
        self.lent.push((handle, release));
    }

    /// Reserves room for `count` values of `T`. Room is there because the size pass counted the same steps; a pass that
    /// counted less is a defect of the toolkit and ends in a block of its own instead of in somebody's memory.
    #[inline]
    fn reserve<T>(&mut self, count: usize) -> *mut T {
        let start = align_up::<T>(self.at);
        let bytes = count * size_of::<T>();
        if start + bytes > self.len {
            return self.reserve_apart(bytes).cast();
        }
        self.at = start + bytes;
        // SAFETY: invariant 1 and the comparison above: `start` lies inside the memory behind `base`.
        unsafe { self.base.add(start).cast() }
    }

    #[cold]
    fn reserve_apart(&mut self, bytes: usize) -> *mut u8 {
        debug_assert!(
            false,
            "the size pass counted less than the write pass wrote"
        );
        let block = Block::new(bytes);
        let ptr = block.as_ptr();
        self.owned.more().blocks.push(block);
        ptr
    }

    /// Writes a list front to back; `write` gets the arena for what each element owns.
    pub fn list<T, A: Copy>(
        &mut self,
        items: impl ExactSizeIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T) -> A,
    ) -> RawList<A> {
        let count = items.len();
        if count == 0 {
            return RawList::EMPTY;
        }
        let ptr = self.reserve::<A>(count);
        let mut len = 0;
        for item in items.take(count) {
            let value = write(self, item);
            // SAFETY: `reserve` gave room for `count` values, and `take` ends before `len` exceeds it.
            unsafe { ptr.add(len).write(value) }
            len += 1;
        }
        RawList { ptr, len }
    }

    /// Writes one value and gives its address.
    pub fn one<T: Copy>(&mut self, write: impl FnOnce(&mut Self) -> T) -> *const T {
        let ptr = self.reserve::<T>(1);
        let value = write(self);
        // SAFETY: `reserve` gave room for one value.
        unsafe { ptr.write(value) }
        ptr
    }

    /// Places plain data: moved out when it is big, copied otherwise.
    #[inline]
    pub fn plain<T: Copy + Send + Sync + 'static>(&mut self, items: Vec<T>) -> RawList<T> {
        if !is_moved::<T>(items.len()) {
            return self.copy(&items);
        }
        let raw = RawList::of(&items);
        self.owned.more().moved.push(Box::new(items));
        raw
    }

    /// Copies plain data.
    #[inline]
    pub fn copy<T: Copy>(&mut self, items: &[T]) -> RawList<T> {
        if items.is_empty() {
            return RawList::EMPTY;
        }
        let ptr = self.reserve::<T>(items.len());
        // SAFETY: `reserve` gave room for as many values; new memory does not overlap `items`.
        unsafe { ptr.copy_from_nonoverlapping(items.as_ptr(), items.len()) }
        RawList {
            ptr,
            len: items.len(),
        }
    }
}
