//! Memory of results: the caller's scratch while there is room, then blocks of our own that the caller frees. Large octets
//! and texts are not copied: their objects stay until then.

use std::mem::ManuallyDrop;
use std::ptr;

use gangplank_cpython::{Buffer, Object, Raw, Span, Store, thread};
use gangplank_descriptor::MOVE_FROM;

use crate::abi::Call;

/// Hands out places. Invariant: `at` has `left` bytes that nobody uses, in scratch or in the last block, and blocks never
/// move.
pub(crate) struct Memory {
    at: *mut u8,
    left: usize,
    /// Most calls have nothing.
    owned: Option<Box<Owned>>,
}

/// What a call has until it is freed.
#[derive(Default)]
struct Owned {
    blocks: Vec<Box<[u128]>>,
    /// Their bytes are in the result.
    moved: Vec<Object>,
}

const BLOCK: usize = 1024;

impl Memory {
    /// With the scratch of a call.
    pub(crate) fn new(call: &Call) -> Self {
        let left = if call.scratch.is_null() {
            0
        } else {
            call.scratch_len
        };
        Self {
            at: call.scratch,
            left,
            owned: None,
        }
    }

    /// A place of zeros; `align` is at most 16. NULL for no bytes.
    fn place(&mut self, size: usize, align: usize) -> *mut u8 {
        if size == 0 {
            return ptr::null_mut();
        }
        let skip = self.at.align_offset(align);
        if self.at.is_null() || skip.saturating_add(size) > self.left {
            let mut block: Box<[u128]> = vec![0; size.max(BLOCK).div_ceil(16)].into();
            self.at = block.as_mut_ptr().cast();
            self.left = block.len() * 16;
            self.owned().blocks.push(block);
            return self.take(size);
        }
        // SAFETY: the invariant, and there are `skip` bytes.
        self.at = unsafe { self.at.add(skip) };
        self.left -= skip;
        self.take(size)
    }

    #[cold]
    fn owned(&mut self) -> &mut Owned {
        self.owned.get_or_insert_default()
    }

    fn take(&mut self, size: usize) -> *mut u8 {
        let place = self.at;
        // SAFETY: the invariant; the caller has compared the size.
        unsafe {
            ptr::write_bytes(place, 0, size);
            self.at = place.add(size);
        }
        self.left -= size;
        place
    }

    /// A copy of bytes; of none, NULL.
    pub(crate) fn copy(&mut self, bytes: &[u8]) -> Span {
        self.copy_to(bytes, 1)
    }

    fn copy_to(&mut self, bytes: &[u8], align: usize) -> Span {
        let place = self.place(bytes.len(), align);
        if place.is_null() {
            return Span::EMPTY;
        }
        // SAFETY: a place of that many bytes, just made.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), place, bytes.len()) };
        Span {
            ptr: place,
            len: bytes.len(),
        }
    }

    /// Leaves blocks and objects with the call, until it is freed.
    pub(crate) fn give(self, call: &mut Call) {
        if let Some(owned) = self.owned {
            call.owned = Box::into_raw(owned).cast();
            call.free_owned = Some(free);
        }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        if self.moved.is_empty() {
            return;
        }
        let moved = std::mem::take(&mut self.moved);
        // Whoever frees need not hold the lock. Where it cannot be had, the objects stay as long as the process.
        match thread::forked() || thread::finalizing() {
            true => std::mem::forget(moved),
            false => {
                let mut moved = ManuallyDrop::new(moved);
                // SAFETY: they are dropped once, here, or not at all.
                let _ = thread::within(|| unsafe { ManuallyDrop::drop(&mut moved) });
            }
        }
    }
}

/// What a guest returns is copied, because its objects are not there any longer when the caller reads; large octets and
/// texts, which nobody can change, are held instead. Memory that an object only lends is always copied: the guest may write
/// to it while the caller reads.
impl Store for &mut Memory {
    fn place(&mut self, size: usize, align: usize) -> *mut u8 {
        Memory::place(self, size, align)
    }

    unsafe fn bytes(&mut self, bytes: &[u8], of: Raw) -> Span {
        if bytes.len() < MOVE_FROM {
            return self.copy(bytes);
        }
        // SAFETY: the caller's promise.
        match unsafe { Object::share(of) } {
            Ok(object) => self.owned().moved.push(object),
            Err(_) => return self.copy(bytes),
        }
        Span {
            ptr: bytes.as_ptr(),
            len: bytes.len(),
        }
    }

    fn hold(&mut self, _: Object) {}

    fn buffer(&mut self, buffer: Buffer, align: usize) -> Span {
        let bytes = buffer.as_slice();
        // Octets may be numbers as well; then they are not copied once more to be aligned.
        let align = if bytes.len() < 64 {
            align
        } else {
            align.max(8)
        };
        self.copy_to(bytes, align)
    }
}

/// Frees what an earlier use of the call has left, whoever made that.
#[inline]
pub(crate) fn forget(call: &mut Call) {
    if let Some(free) = call.free_owned.filter(|_| !call.owned.is_null()) {
        // SAFETY: who fills `owned` leaves what frees it, and nobody reads a result when its call is used again (`docs/abi.md`).
        unsafe { free(call) };
    }
}

/// What `gp_call.free_owned` points to.
pub(crate) unsafe extern "C" fn free(call: *mut Call) {
    // SAFETY: the caller passes a call of ours; `owned` is the box of [`Memory::give`], or NULL.
    unsafe {
        let owned = std::mem::replace(&mut (*call).owned, ptr::null_mut());
        (*call).free_owned = None;
        if !owned.is_null() {
            drop(Box::from_raw(owned.cast::<Owned>()));
        }
    }
}
