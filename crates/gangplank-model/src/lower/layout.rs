//! C's rules for placing members, on 64-bit targets.

/// Size and alignment in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) size: usize,
    pub(super) align: usize,
}

impl Layout {
    /// A value that is its own alignment.
    pub(super) const fn plain(size: usize) -> Self {
        Layout { size, align: size }
    }

    /// A pointer, a handle.
    pub(super) const WORD: Layout = Layout { size: 8, align: 8 };
    /// Pointer and length; seconds and nanoseconds.
    pub(super) const TWO_WORDS: Layout = Layout { size: 16, align: 8 };
}

/// Members of a struct in order: their offsets and the struct's own layout. Without members it has size 0.
pub(super) fn structure(members: impl IntoIterator<Item = Layout>) -> (Vec<usize>, Layout) {
    let mut whole = Layout { size: 0, align: 1 };
    let mut offsets = Vec::new();
    for member in members {
        let offset = align_up(whole.size, member.align);
        offsets.push(offset);
        whole.size = offset.saturating_add(member.size);
        whole.align = whole.align.max(member.align);
    }
    whole.size = align_up(whole.size, whole.align);
    (offsets, whole)
}

/// Members of a union: its layout.
pub(super) fn union(members: impl IntoIterator<Item = Layout>) -> Layout {
    let mut whole = Layout { size: 0, align: 1 };
    for member in members {
        whole.size = whole.size.max(member.size);
        whole.align = whole.align.max(member.align);
    }
    whole.size = align_up(whole.size, whole.align);
    whole
}

/// The next multiple of `align`, a power of two.
fn align_up(offset: usize, align: usize) -> usize {
    offset.saturating_add(align - 1) & !(align - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_placed_as_in_c() {
        let (offsets, whole) = structure([Layout::plain(1), Layout::WORD, Layout::plain(2)]);
        assert_eq!(offsets, [0, 8, 16]);
        assert_eq!(whole, Layout { size: 24, align: 8 });
        assert_eq!(structure([]), (vec![], Layout { size: 0, align: 1 }));
        assert_eq!(
            union([Layout::plain(1), Layout::plain(4)]),
            Layout::plain(4)
        );
    }
}
