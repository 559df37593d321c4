//! Where the fields of a message lie in memory.
//!
//! Comes in: lowered functions, records and cases. Goes out: members, each with its protobuf form, its type and its place.

use gangplank_model::lowered::{Field, Function, Library, ProtoField, TypeId};

/// A field of a message, and its place in a C struct.
#[derive(Clone, Copy)]
pub(super) struct Member {
    pub(super) form: ProtoField,
    pub(super) ty: TypeId,
    pub(super) offset: usize,
}

/// The members of a struct; `None` when one has no protobuf form.
pub(super) fn fields(fields: &[Field]) -> Option<Vec<Member>> {
    let member = |field: &Field| {
        Some(Member {
            form: field.proto?,
            ty: field.ty,
            offset: field.offset,
        })
    };
    fields.iter().map(member).collect()
}

/// A C struct and its members.
pub(super) struct Struct {
    pub(super) members: Vec<Member>,
    pub(super) size: usize,
}

impl Struct {
    fn new(library: &Library, members: Vec<Member>) -> Self {
        let ends = members.iter().map(|member| {
            let ty = library.ty(member.ty);
            (member.offset + ty.size).next_multiple_of(ty.align.max(1))
        });
        let size = ends.max().unwrap_or(0);
        Self { members, size }
    }

    /// The parameters of a function.
    pub(super) fn params(library: &Library, function: &Function) -> Option<Self> {
        let member = |param: &gangplank_model::lowered::Param| {
            Some(Member {
                form: param.proto?,
                ty: param.ty,
                offset: param.offset,
            })
        };
        let members = function.params.iter().map(member).collect::<Option<_>>()?;
        Some(Self::new(library, members))
    }

    /// Its results.
    pub(super) fn results(library: &Library, function: &Function) -> Option<Self> {
        let forms = &function.proto.as_ref()?.results;
        if forms.len() != function.results.len() {
            return None;
        }
        let offset = |at: usize| match &function.results_struct {
            None => Some(0),
            Some(results) => results.offsets.get(at).copied(),
        };
        let both = forms.iter().zip(&function.results).enumerate();
        let member =
            |(at, (form, ty)): (usize, (&gangplank_model::model::ProtoResult, &TypeId))| {
                Some(Member {
                    form: form.field,
                    ty: *ty,
                    offset: offset(at)?,
                })
            };
        let members = both.map(member).collect::<Option<_>>()?;
        Some(Self::new(library, members))
    }
}
