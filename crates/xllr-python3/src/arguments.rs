//! The objects of a call, on the stack while they are few.

use std::ptr;

use gangplank_cpython::{Object, Raw, ffi};

/// So many objects need no memory.
const FEW: usize = 8;

/// Room for objects. The first place is for the call's own use.
pub(crate) struct Arguments {
    few: [Raw; FEW + 1],
    many: Vec<Raw>,
}

/// Objects in their order. Invariant: `places[1..=len]` are references of ours.
pub(crate) struct Started<'a> {
    places: &'a mut [Raw],
    len: usize,
}

impl Arguments {
    pub(crate) fn new() -> Self {
        Self {
            few: [ptr::null_mut(); FEW + 1],
            many: Vec::new(),
        }
    }

    /// Room for so many.
    #[inline]
    pub(crate) fn start(&mut self, count: usize) -> Started<'_> {
        let places = if count <= FEW {
            &mut self.few[..=count]
        } else {
            self.many.resize(count + 1, ptr::null_mut());
            &mut self.many
        };
        Started { places, len: 0 }
    }
}

impl Started<'_> {
    /// The next one; there is room for it.
    #[inline]
    pub(crate) fn push(&mut self, object: Object) {
        self.places[self.len + 1] = object.into_raw();
        self.len += 1;
    }

    /// All that are there, behind a free place.
    #[inline]
    pub(crate) fn places(&mut self) -> &mut [Raw] {
        &mut self.places[..=self.len]
    }
}

/// By a thread that holds Python's lock, as for [`Object`].
impl Drop for Started<'_> {
    #[inline]
    fn drop(&mut self) {
        for object in &self.places[1..=self.len] {
            // SAFETY: the invariant.
            unsafe { ffi::Py_DECREF(*object) };
        }
    }
}
