//! Types, parameters and structs in C.
//!
//! Comes in: lowered types, which already have their C names, sizes and offsets. Goes out: declarations.

use gangplank_model::lowered::{Field, Library, Param, Pass, Shape, TypeId};

use super::docs;
use super::view::{Member, Offset};

/// Columns of the header.
const WIDTH: usize = 120;

/// A type where a value of it is stored: `int64_t`, `gp_string`, `GP_PTR(my_timer_node)`.
pub(super) fn stored(library: &Library, ty: TypeId) -> String {
    match &library.ty(ty).shape {
        Shape::Nullable(target) | Shape::Boxed(target) => {
            format!("GP_PTR({})", stored(library, *target))
        }
        _ => library.ty(ty).c_name.clone(),
    }
}

/// `int64_t delay_ms`.
pub(super) fn stored_as(library: &Library, ty: TypeId, name: &str) -> String {
    format!("{} {name}", stored(library, ty))
}

/// A parameter: by value, or `const T *name`.
pub(super) fn param(library: &Library, param: &Param) -> String {
    let name = &param.c_name;
    match param.pass {
        Pass::Scalar | Pass::Text | Pass::Handle | Pass::Address => {
            stored_as(library, param.ty, name)
        }
        Pass::Pointer => format!("const {} *{name}", stored(library, param.ty)),
    }
}

/// Parameters in one line, or one below the other under the opening parenthesis when that is too long.
pub(super) fn wrapped(start: usize, params: &[String]) -> String {
    let mut text = String::new();
    let mut column = start;
    for (index, param) in params.iter().enumerate() {
        let last = usize::from(index + 1 == params.len());
        if index > 0 && column + 2 + param.len() + 1 + last <= WIDTH {
            text.push_str(", ");
            column += 2;
        } else if index > 0 {
            text.push_str(",\n");
            text.push_str(&" ".repeat(start));
            column = start;
        }
        text.push_str(param);
        column += param.len();
    }
    text
}

/// Members of a record or a case.
pub(super) fn fields(library: &Library, fields: &[Field]) -> Vec<Member> {
    let members = fields.iter().map(|field| Member {
        docs: docs::with_deprecation(&field.docs, field.deprecated.as_deref()),
        declaration: stored_as(library, field.ty, &field.c_name),
    });
    or_placeholder(members.collect())
}

/// Members of a struct of parameters.
pub(super) fn params(library: &Library, params: &[Param]) -> Vec<Member> {
    let members = params.iter().map(|param| Member {
        docs: String::new(),
        declaration: stored_as(library, param.ty, &param.c_name),
    });
    or_placeholder(members.collect())
}

/// C has no empty structs.
fn or_placeholder(members: Vec<Member>) -> Vec<Member> {
    if members.is_empty() {
        vec![member("uint8_t unused")]
    } else {
        members
    }
}

/// A member without docs.
pub(super) fn member(declaration: impl Into<String>) -> Member {
    Member {
        docs: String::new(),
        declaration: declaration.into(),
    }
}

/// The places of fields.
pub(super) fn field_offsets<'a>(
    name: &'a str,
    fields: &'a [Field],
) -> impl Iterator<Item = Offset> + 'a {
    fields
        .iter()
        .map(|field| offset(name, &field.c_name, field.offset))
}

/// The places of parameters.
pub(super) fn param_offsets<'a>(
    name: &'a str,
    params: &'a [Param],
) -> impl Iterator<Item = Offset> + 'a {
    params
        .iter()
        .map(|param| offset(name, &param.c_name, param.offset))
}

/// The place of one member.
pub(super) fn offset(name: &str, member: &str, offset: usize) -> Offset {
    Offset {
        name: name.to_owned(),
        member: member.to_owned(),
        offset,
    }
}
