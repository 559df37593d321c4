//! The scalar form of an rpc: nothing but numbers, which stay in registers on their way to Go and back.
//!
//! Comes in: a function whose parameters and result are scalars. Goes out: the Go function behind the exported one of
//! `docs/abi.md`.

use gangplank_model::lowered::{Function, Return, Shape, TypeId};
use serde::Serialize;

use super::super::{Idl, Part};

/// What the template of an rpc needs.
#[derive(Serialize)]
pub(super) struct Scalar {
    /// `p0 int32, p1 int32`
    params: String,
    /// Statements that fill in the request.
    gets: Vec<String>,
    /// The type of the result in C's eyes, with a comma; empty without one.
    returns: String,
    /// What stands for it where there is none, with a comma.
    zero: &'static str,
    /// The result with a comma.
    value: String,
}

/// `None` for functions with other values.
pub(super) fn scalar(idl: &Idl<'_>, function: &Function) -> Option<Scalar> {
    let Return::Scalar(result) = function.ret else {
        return None;
    };
    let (request, response) = (idl.request(function), idl.response(function));
    let parts = request.parts.iter().enumerate();
    let params = parts
        .clone()
        .map(|(at, part)| format!("p{at} {}", word(idl, part.ty)));
    let gets = parts.map(|(at, part)| format!("in.{} = {}", part.go, get(idl, part, at)));
    let one = response.parts.first().filter(|_| result.is_some());
    Some(Scalar {
        params: params.collect::<Vec<_>>().join(", "),
        gets: gets.collect(),
        returns: one.map_or_else(String::new, |part| {
            format!("value {}, ", word(idl, part.ty))
        }),
        zero: if one.is_some() { "0, " } else { "" },
        value: one.map_or_else(String::new, |part| format!("{}, ", put(idl, part))),
    })
}

/// The type that C has for a value: Go's own for numbers.
fn word(idl: &Idl<'_>, ty: TypeId) -> String {
    match idl.library.ty(ty).shape {
        Shape::Bool => "uint8".to_owned(),
        Shape::Enum(_) => "int32".to_owned(),
        _ => idl.go_type(ty),
    }
}

fn get(idl: &Idl<'_>, part: &Part<'_>, at: usize) -> String {
    match idl.library.ty(part.ty).shape {
        Shape::Bool => format!("{}(p{at})", idl.own("isTrue")),
        Shape::Enum(_) => format!("{}(p{at})", idl.go_type(part.ty)),
        _ => format!("p{at}"),
    }
}

fn put(idl: &Idl<'_>, part: &Part<'_>) -> String {
    let value = format!("result.{}", part.go);
    match idl.library.ty(part.ty).shape {
        Shape::Bool => format!("{}({value})", idl.own("octet")),
        Shape::Enum(_) => format!("int32({value})"),
        _ => value,
    }
}
