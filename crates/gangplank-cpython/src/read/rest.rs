//! What is not read: handles in it are given back.
//!
//! Comes in: values behind one that could not be read. Goes out: their shares.

use gangplank_model::lowered::TypeId;

use super::Reader;
use crate::Span;
use crate::plan::{Kind, Struct};

impl Reader<'_> {
    /// Gives back the handles in a value. However deep it is, the stack is not: only heaps are.
    ///
    /// # Safety
    /// As for [`Reader::read`], instead of which this is called.
    #[cold]
    pub unsafe fn release(&self, id: TypeId, at: *const u8) {
        let mut left = vec![(id, at)];
        while let Some((id, at)) = left.pop() {
            // SAFETY: the caller's promise, and what is pushed are parts of the value.
            unsafe { self.parts(id, at, &mut left) };
        }
    }

    /// Adds the parts of a value that may have handles; gives back what is one.
    ///
    /// # Safety
    /// As for [`Reader::release`].
    unsafe fn parts(&self, id: TypeId, at: *const u8, left: &mut Vec<(TypeId, *const u8)>) {
        let size = |id| self.plan.node(id).size;
        // SAFETY: the caller's promise; parts lie where `lower` says.
        unsafe {
            match &self.plan.node(id).kind {
                Kind::Object(index) => self.handles.release(*index, at.cast::<u64>().read()),
                Kind::Record(of) => fields(of, at, left),
                Kind::Variant { union, cases, .. } => {
                    let tag = usize::try_from(at.cast::<i32>().read());
                    if let Some(case) = tag.ok().and_then(|tag| cases.get(tag)) {
                        fields(case, at.add(*union), left);
                    }
                }
                Kind::Option { inner, offset, .. } if at.read() != 0 => {
                    left.push((*inner, at.add(*offset)));
                }
                Kind::Nullable { inner, .. } | Kind::Boxed(inner) => {
                    let target = at.cast::<*const u8>().read();
                    if !target.is_null() {
                        left.push((*inner, target));
                    }
                }
                Kind::List(inner) if self.may_hold(*inner) => {
                    let span = at.cast::<Span>().read();
                    let items = (0..span.len).map(|index| span.ptr.add(index * size(*inner)));
                    left.extend(items.map(|item| (*inner, item)));
                }
                // Keys are no objects.
                Kind::Map {
                    value,
                    offset,
                    size,
                    ..
                } if self.may_hold(*value) => {
                    let span = at.cast::<Span>().read();
                    let values = (0..span.len).map(|index| span.ptr.add(index * size + offset));
                    left.extend(values.map(|at| (*value, at)));
                }
                _ => {}
            }
        }
    }

    /// Whether values of a type have parts at all: lists of numbers are long.
    fn may_hold(&self, id: TypeId) -> bool {
        !matches!(
            self.plan.node(id).kind,
            Kind::Bool
                | Kind::Scalar(_)
                | Kind::String
                | Kind::Bytes
                | Kind::Enum(_)
                | Kind::Time(_)
        )
    }
}

/// # Safety
/// `at` is a struct with these fields.
unsafe fn fields(of: &Struct, at: *const u8, left: &mut Vec<(TypeId, *const u8)>) {
    for field in &of.fields {
        // SAFETY: the caller's promise.
        let place = unsafe { at.add(field.offset) };
        left.push((field.ty, place));
    }
}
