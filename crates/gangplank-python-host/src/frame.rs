//! The memory of one call: parameters, results, and what both refer to.
//!
//! Comes in: what a writer asks for. Goes out: places on the stack while there is room, then blocks; objects that lend
//! their bytes are held until the frame is dropped, which is after the call.

use std::cell::{Cell, RefCell, UnsafeCell};
use std::mem::MaybeUninit;

use gangplank_cpython::{Buffer, Object, Raw, Span, Store, ffi};

const ARENA: usize = 1024;
const HELD: usize = 24;
/// Larger parameters and results, as structs, are on the heap.
pub(crate) const STRUCT: usize = 256;

/// What a call lends to the other side. Places in it are written to while others are asked for, so that it is shared from
/// the first place on. Invariants:
///
/// 1. What lies before `used` in the arena belongs to whoever asked for it; nothing here touches it again.
/// 2. The first `held` places of `few` are references of ours.
/// 3. The memory of `blocks` never moves, and nobody borrows it here.
///
/// Dropped by a thread that holds Python's lock.
pub(crate) struct Frame {
    used: Cell<usize>,
    held: Cell<usize>,
    arena: UnsafeCell<MaybeUninit<[u128; ARENA / 16]>>,
    few: [Cell<MaybeUninit<Raw>>; HELD],
    many: RefCell<Vec<Object>>,
    blocks: RefCell<Vec<Vec<u128>>>,
    buffers: RefCell<Vec<Buffer>>,
}

impl Frame {
    #[inline]
    pub(crate) fn new() -> Self {
        Self {
            used: Cell::new(0),
            held: Cell::new(0),
            arena: UnsafeCell::new(MaybeUninit::uninit()),
            few: [const { Cell::new(MaybeUninit::uninit()) }; HELD],
            many: RefCell::default(),
            blocks: RefCell::default(),
            buffers: RefCell::default(),
        }
    }

    #[cold]
    fn block(&self, size: usize) -> *mut u8 {
        let mut block: Vec<u128> = vec![0; size.div_ceil(16)];
        let place = block.as_mut_ptr().cast();
        self.blocks.borrow_mut().push(block);
        place
    }
}

impl Store for &Frame {
    #[inline]
    fn place(&mut self, size: usize, align: usize) -> *mut u8 {
        if size == 0 {
            return std::ptr::null_mut();
        }
        let start = self.used.get().next_multiple_of(align);
        if size > ARENA || start > ARENA - size {
            return self.block(size);
        }
        self.used.set(start + size);
        // SAFETY: the place lies in the arena, by the comparison above, and so do the words that it touches, since the arena
        // is a whole number of them; nobody has asked for it before, and no reference to the arena is made.
        unsafe {
            let place = self.arena.get().cast::<u8>().add(start);
            match align < 8 {
                true => std::ptr::write_bytes(place, 0, size),
                false => zero(place.cast(), size.div_ceil(8)),
            }
            place
        }
    }

    #[inline]
    unsafe fn bytes(&mut self, bytes: &[u8], _: Raw) -> Span {
        span(bytes)
    }

    #[inline]
    fn hold(&mut self, object: Object) {
        let held = self.held.get();
        match self.few.get(held) {
            Some(place) => {
                place.set(MaybeUninit::new(object.into_raw()));
                self.held.set(held + 1);
            }
            None => self.many.borrow_mut().push(object),
        }
    }

    fn buffer(&mut self, buffer: Buffer, align: usize) -> Span {
        let mut lent = span(buffer.as_slice());
        if lent.ptr.align_offset(align) == 0 {
            self.buffers.borrow_mut().push(buffer);
            return lent;
        }
        let place = self.place(lent.len, align);
        // SAFETY: a place of that many bytes, just made.
        unsafe { std::ptr::copy_nonoverlapping(lent.ptr, place, lent.len) };
        lent.ptr = place;
        lent
    }
}

#[inline]
fn span(bytes: &[u8]) -> Span {
    match bytes.len() {
        0 => Span::EMPTY,
        len => Span {
            ptr: bytes.as_ptr(),
            len,
        },
    }
}

impl Drop for Frame {
    #[inline]
    fn drop(&mut self) {
        for place in &self.few[..self.held.get()] {
            // SAFETY: invariant 2.
            unsafe { ffi::Py_DECREF(place.get().assume_init()) };
        }
    }
}

/// Zeros for a few words: a call of `memset` costs more than most structs do.
///
/// # Safety
/// `at` is a place for that many words.
#[inline]
pub(crate) unsafe fn zero(at: *mut u64, words: usize) {
    for index in 0..words {
        // SAFETY: the caller's promise. Volatile, or the compiler makes a call of it again.
        unsafe { at.add(index).write_volatile(0) };
    }
}

/// Memory for a struct, on the stack if it is small.
pub(crate) struct Room {
    small: MaybeUninit<[u128; STRUCT / 16]>,
    large: Vec<u128>,
}

impl Room {
    #[inline]
    pub(crate) fn new() -> Self {
        Self {
            small: MaybeUninit::uninit(),
            large: Vec::new(),
        }
    }

    /// `size` bytes of zeros, there as long as the room stays where it is. Never NULL.
    #[inline]
    pub(crate) fn zeroed(&mut self, size: usize) -> *mut u8 {
        let place = self.place(size);
        if size <= STRUCT {
            // SAFETY: the small place has room for all words that the size touches.
            unsafe { zero(place.cast(), size.div_ceil(8)) };
        }
        place
    }

    /// The same with whatever was there.
    #[inline]
    pub(crate) fn place(&mut self, size: usize) -> *mut u8 {
        if size > STRUCT {
            self.large = vec![0; size.div_ceil(16)];
            return self.large.as_mut_ptr().cast();
        }
        self.small.as_mut_ptr().cast()
    }
}
