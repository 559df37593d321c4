//! A native call in the helper, and its answer in one piece.
//!
//! Comes in: flat parameters. Goes out: a status and flat bytes: a head, the results, and what both refer to; at the host
//! pointers again ([`read`]).

use std::ptr;

use gangplank_model::lowered::TypeId;

use super::flat::{Malformed, Reader, Writer};
use super::payload::Payload;
use super::shapes::{Flat, Shapes};
use super::status;
use super::wire::Header;
use crate::abi::{RawCall, RawText};
use crate::buffer;
use crate::dynamic;
use crate::error::{Error, Kind};
use crate::target::Target;

/// Before the results of an answer: message, location, payload, causes, each pointer and length.
pub(super) const HEAD: usize = 64;
pub(super) const MESSAGE: usize = 0;
pub(super) const LOCATION: usize = 16;
pub(super) const PAYLOAD: usize = 32;
pub(super) const CAUSES: usize = 48;

/// The helper's half of a native call: its status, and the results in one piece.
pub(super) fn call(
    shapes: Option<&Shapes>,
    target: &Target,
    header: Header,
    payload: &mut Payload,
) -> Result<(i32, Vec<u8>), Error> {
    let refused = |why: &str| Error::new(Kind::Refused, format!("`{}`: {why}", target.name));
    let native = target
        .native
        .as_ref()
        .ok_or_else(|| refused("no native form"))?;
    let shapes = shapes.ok_or_else(|| refused("no interface"))?;
    let flat = shapes.flat(&target.name).map_err(refused)?;
    let library = &shapes.library;
    let bad = |Malformed(text)| Error::new(Kind::BadArgument, format!("`{}`: {text}", target.name));
    let mut reader = Reader::new(library, payload.bytes_mut(), flat.params_size).map_err(bad)?;
    for part in &flat.params {
        reader.value(part.ty, part.offset).map_err(bad)?;
    }
    let mut out: Vec<u128> = vec![0; flat.results_size.div_ceil(16)];
    let mut call = RawCall::new();
    call.timeout_ns = header.deadline_ns;
    // SAFETY: docs/abi.md: structs of the parameters and results, and a started call; the module is held by this process.
    let status = unsafe {
        (native.call)(
            native.this,
            payload.start().cast_const().cast(),
            out.as_mut_ptr().cast(),
            &mut call,
            None,
            ptr::null_mut(),
        )
    };
    if status == status::PENDING {
        return Err(refused("it may complete later"));
    }
    // SAFETY: the call has ended: its results and texts are there until it is freed.
    let answer = unsafe { write(shapes, flat, status, out.as_ptr().cast(), &call) };
    // SAFETY: ended, and its memory was copied.
    unsafe { dynamic::free(&mut call) };
    answer.map(|answer| (status, answer)).map_err(bad)
}

/// # Safety
/// `call` has ended with this status, its results in `out`.
unsafe fn write(
    shapes: &Shapes,
    flat: &Flat,
    status: i32,
    out: *const u8,
    call: &RawCall,
) -> Result<Vec<u8>, Malformed> {
    let mut writer = Writer::new(&shapes.library, HEAD + flat.results_size);
    // SAFETY: the caller's promise: of a call that went well there are results, of another one texts and an error.
    unsafe {
        if status == status::OK {
            for part in &flat.results {
                writer.value(part.ty, out.add(part.offset), HEAD + part.offset)?;
            }
            return Ok(writer.into_bytes());
        }
        let text = |raw: &RawText| buffer::bytes(raw.ptr, raw.len);
        writer.text(text(&call.message), MESSAGE)?;
        writer.text(text(&call.location), LOCATION)?;
        let causes = (0..call.causes_len).map(|index| text(&*call.causes.add(index)));
        let causes: Vec<&[u8]> = causes.collect();
        writer.texts(&causes, CAUSES)?;
        if let Some(error) = flat
            .error
            .filter(|_| status == status::ERR && !call.payload.is_null())
        {
            writer.boxed(error, call.payload.cast(), PAYLOAD)?;
        }
    }
    Ok(writer.into_bytes())
}

/// Makes pointers of an answer; the type of its error.
pub(super) fn read(
    shapes: &Shapes,
    flat: &Flat,
    payload: &mut Payload,
    status: i32,
) -> Result<Option<TypeId>, Malformed> {
    let library = &shapes.library;
    let mut reader = Reader::new(library, payload.bytes_mut(), HEAD + flat.results_size)?;
    if status == status::OK {
        for part in &flat.results {
            reader.value(part.ty, HEAD + part.offset)?;
        }
    }
    reader.text(MESSAGE)?;
    reader.text(LOCATION)?;
    reader.texts(CAUSES)?;
    match flat.error.filter(|_| !reader.is_null(PAYLOAD)) {
        Some(error) => reader.boxed(error, PAYLOAD).map(|()| Some(error)),
        None if reader.is_null(PAYLOAD) => Ok(None),
        None => Err(Malformed(
            "an error without a type has a payload".to_owned(),
        )),
    }
}
