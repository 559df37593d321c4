//! Memory for a C value that is made while a message is read.

/// Blocks that stay where they are. Invariant: a block is never moved or changed in size.
#[derive(Default)]
pub(crate) struct Memory {
    blocks: Vec<Box<[u128]>>,
    /// Messages that stood in several pieces.
    joined: Vec<Box<[u8]>>,
}

impl Memory {
    /// A block of zeros, aligned for every type of the ABI.
    pub(super) fn block(&mut self, size: usize) -> *mut u8 {
        self.blocks.push(vec![0; size.div_ceil(16).max(1)].into());
        self.blocks
            .last_mut()
            .map_or(std::ptr::null_mut(), |block| block.as_mut_ptr().cast())
    }

    /// Keeps bytes that a value refers to.
    pub(super) fn keep<'m>(&mut self, bytes: Vec<u8>) -> &'m [u8] {
        let bytes = bytes.into_boxed_slice();
        let (start, len) = (bytes.as_ptr(), bytes.len());
        self.joined.push(bytes);
        // SAFETY: the invariant; whoever reads the value holds this memory, and gives the slice to nobody else.
        unsafe { std::slice::from_raw_parts(start, len) }
    }
}
