//! What a result owns outside the caller's memory.
//!
//! Comes in: how many bytes a block is to have, and buffers whose address is in a result. Goes out: memory that is freed
//! together, when its [`Owned`] is dropped. Buffers are plain data: no drop here can panic.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};

use super::ALIGN;

/// An allocation of [`ALIGN`]ed bytes. Invariant 1: `ptr` comes from `alloc` with `layout`.
pub(super) struct Block {
    ptr: *mut u8,
    layout: Layout,
}

impl Block {
    pub(super) fn new(len: usize) -> Self {
        let Ok(layout) = Layout::from_size_align(len.max(1), ALIGN) else {
            handle_alloc_error(Layout::new::<u8>())
        };
        // SAFETY: the layout's size is at least 1.
        let ptr = unsafe { alloc(layout) };
        if ptr.is_null() {
            handle_alloc_error(layout);
        }
        Self { ptr, layout }
    }

    /// Its start.
    #[inline]
    pub(super) fn as_ptr(&self) -> *mut u8 {
        self.ptr
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: invariant 1.
        unsafe { dealloc(self.ptr, self.layout) }
    }
}

// SAFETY: a block is the sole owner of plain bytes.
unsafe impl Send for Block {}
// SAFETY: shared access to a block only reads.
unsafe impl Sync for Block {}

/// Everything a result owns outside the caller's memory. Nothing, or one block, is listed without an allocation.
#[derive(Default)]
pub struct Owned {
    pub(super) block: Option<Block>,
    pub(super) more: Option<Box<More>>,
}

/// What a few results own besides one block.
#[derive(Default)]
pub(super) struct More {
    pub(super) blocks: Vec<Block>,
    pub(super) moved: Vec<Box<dyn Moved>>,
}

/// A buffer whose address is in a result.
pub(super) trait Moved: Send + Sync {}
impl<T: Send + Sync> Moved for T {}

impl Owned {
    pub(super) const NOTHING: Self = Self {
        block: None,
        more: None,
    };

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.block.is_none() && self.more.is_none()
    }

    #[cold]
    pub(super) fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    /// Takes over what `other` owns.
    #[cold]
    pub(super) fn append(&mut self, other: Self) {
        let more = self.more();
        more.blocks.extend(other.block);
        if let Some(mut others) = other.more {
            more.blocks.append(&mut others.blocks);
            more.moved.append(&mut others.moved);
        }
    }
}
